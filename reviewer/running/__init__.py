# SPDX-License-Identifier: GPL-2.0-or-later
"""The pairs of a patch run, what they reached, and what may be said of each changed function by it."""
