# SPDX-License-Identifier: GPL-2.0-or-later
"""From an entry and a tree to self-contained C: preprocess, index, closure, emit."""
