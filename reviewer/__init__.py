# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch: from a mailed patch series to a counterexample anyone can replay."""

__version__ = "0.1.0"
