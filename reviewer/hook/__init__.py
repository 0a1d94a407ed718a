# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs a review without being asked each time: git's hook before a series is sent, and the checks of b4."""
