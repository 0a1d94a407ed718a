# SPDX-License-Identifier: GPL-2.0-or-later
"""Fuzzing: what anyone may send us, one target each. `python -m tests.fuzz TARGET --seconds N` runs one for long."""
