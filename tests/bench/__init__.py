# SPDX-License-Identifier: GPL-2.0-or-later
"""What reviews of fixed inputs (inputs.toml) cost: processor time, memory and counts. python -m tests.bench TREE."""
