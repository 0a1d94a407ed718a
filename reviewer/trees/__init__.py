# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel before and after each patch: the tree that is meant, its base, and the patches applied in memory."""
