# SPDX-License-Identifier: GPL-2.0-or-later
"""The report stage: a Review as a JSON document, on the terminal, as a page and as reply drafts."""
