# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch: from a mailed patch series to a counterexample anyone can replay."""

import gc

__version__ = "0.1.0"

# What a review makes stays until it ends: to look through it for cycles again and again costs a fifth of its time, and
# finds none.
gc.set_threshold(20_000, 20, 20)
