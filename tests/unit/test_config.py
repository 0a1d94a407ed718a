# SPDX-License-Identifier: GPL-2.0-or-later
"""git config reviewpatch.*: in place of options that are not given, and held to the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from demotree import git

from reviewer.commands import asking, config
from reviewer.errors import ReviewError


@pytest.fixture
def here(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In the repository, with no settings of a user."""
    monkeypatch.chdir(tree)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return tree


def test_what_is_set_stands_for_options(here: Path) -> None:
    for name, value in (
        ("tree", "linux"), ("base", "v7.2"), ("budget", "0.25"), ("failOn", "never"), ("flavours", "x86-64, arm64-4k"),
    ):  # fmt: skip
        git(here, "config", f"reviewpatch.{name}", value)
    git(here, "config", "--add", "reviewpatch.flavours", "arm64-64k")
    args = config.parsed(asking.parser(), ["-"])
    assert (args.base, args.budget, args.fail_on) == ("v7.2", 0.25, "never")
    assert args.flavour == ["x86-64", "arm64-4k", "arm64-64k"]
    assert args.tree == str(here / "linux")  # from the top, wherever one stands


def test_the_command_line_wins(here: Path) -> None:
    git(here, "config", "reviewpatch.budget", "0.25")
    git(here, "config", "reviewpatch.flavours", "x86-64")
    args = config.parsed(asking.parser(), ["-", "--budget", "3", "--flavour", "arm64-4k"], budget=0.5)
    assert (args.budget, args.flavour) == (3.0, ["arm64-4k"])
    assert config.parsed(asking.parser(), ["-"], budget=0.5).budget == 0.25


@pytest.mark.usefixtures("here")
def test_without_settings_the_defaults_hold() -> None:
    assert config.parsed(asking.parser(), ["-"], budget=0.5).budget == 0.5
    assert config.parsed(asking.parser(), ["-"]).budget == 2.0


@pytest.mark.parametrize(
    ("name", "value"),
    [("budget", "-1"), ("budget", "soon"), ("failOn", "sometimes"), ("flavours", "x86-64 vax"), ("quiet", "perhaps")],
)
def test_what_is_wrong_is_named(here: Path, name: str, value: str) -> None:
    git(here, "config", f"reviewpatch.{name}", value)
    with pytest.raises(ReviewError, match=rf"reviewpatch\.{name.lower()}: '{value.rsplit(maxsplit=1)[-1]}'"):
        config.parsed(asking.parser(), ["-"])


def test_an_option_in_a_setting_is_no_option(here: Path) -> None:
    git(here, "config", "reviewpatch.tree", "--html=x")
    git(here, "config", "reviewpatch.json", "x")
    args = config.parsed(asking.parser(), ["-"])
    assert (args.tree, args.outputs) == (str(here / "--html=x"), [])
