# SPDX-License-Identifier: GPL-2.0-or-later
"""From faults to findings: which change brought them, what they are, what they cost, what is known of them."""
