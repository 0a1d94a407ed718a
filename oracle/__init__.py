# SPDX-License-Identifier: GPL-2.0-or-later
"""The oracle: a simulated MMU on which real kernel C runs, and the rules it is judged by."""
