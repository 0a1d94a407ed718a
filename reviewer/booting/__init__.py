# SPDX-License-Identifier: GPL-2.0-or-later
"""From a C program to a verdict: kernels are built before and after a patch, and boot the program."""
