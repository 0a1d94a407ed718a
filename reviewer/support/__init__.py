# SPDX-License-Identifier: GPL-2.0-or-later
"""What every stage stands on: git, bounded reading, what is kept between runs, interrupts. It knows no stage."""
