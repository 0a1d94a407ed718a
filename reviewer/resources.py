"""Finds packaged data in a checkout and in a wheel."""

from __future__ import annotations

from importlib import resources


def query_text(name: str) -> str:
    """The text of queries/<name>.scm."""
    return resources.files("reviewer").joinpath("queries", f"{name}.scm").read_text(encoding="utf-8")
