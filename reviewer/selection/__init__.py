# SPDX-License-Identifier: GPL-2.0-or-later
"""Which entries a changed function is run through: each tried on the tree without the patch first."""
