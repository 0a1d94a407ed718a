# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch campaign: many series, seeds or a long budget, on one machine or a dask cluster."""
