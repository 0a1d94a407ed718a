# SPDX-License-Identifier: GPL-2.0-or-later
"""From slices to programs: compiler, objects, a program for a pair, and the proof that its sides are the same."""
