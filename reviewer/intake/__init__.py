# SPDX-License-Identifier: GPL-2.0-or-later
"""From what a reader hands over (mailbox, patches, revisions) to the patches of one version of a series, in order."""
