# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules, one check each: a file for each letter (or two). oracle/reference/rules.py collects them."""
