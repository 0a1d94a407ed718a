# SPDX-License-Identifier: GPL-2.0-or-later
"""C text: translation phases, preprocessor, attributes, and the items of a file. Offsets and lines never move."""
