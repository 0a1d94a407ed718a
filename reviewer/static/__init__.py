# SPDX-License-Identifier: GPL-2.0-or-later
"""Remarks on the source: what need not be run to be seen, or cannot be run. Questions, never violations."""
