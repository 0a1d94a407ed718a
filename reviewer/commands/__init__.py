# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that are one module each, and what commands share: options, git config, outputs, how one ends."""
