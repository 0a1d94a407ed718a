# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding -> a C program: system calls bring its table about, then comes the call, then what came of it is asked."""
