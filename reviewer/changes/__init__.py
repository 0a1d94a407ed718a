# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch changes: functions, macros, types and variables, their lines, and what no flavour compiles of them."""
