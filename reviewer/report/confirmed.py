# SPDX-License-Identifier: GPL-2.0-or-later
"""What running kernels showed of a finding, in words that all forms of a report share."""

from __future__ import annotations

from collections.abc import Mapping

from reviewer.model import Booted, Confirmation, Confirmed, Finding
from reviewer.report.text import one_line, shortened

_LEADS: Mapping[Confirmation, str] = {
    "confirmed on a running kernel": "Confirmed on a running kernel",
    "not shown": "Not shown on a running kernel",
    "state not reached": "On a running kernel its state was not reached",
    "not tried": "Not tried on a running kernel",
}
_MOST = 400  # characters of a sentence


def sentence(finding: Finding) -> str:
    """The verdict, on what, and why; empty where none was asked."""
    found = finding.confirmed
    if found is None:
        return ""
    why = one_line(" ".join(found.reasons))
    return shortened(f"{_LEADS[found.verdict]} ({place(found)}): {why}", _MOST)


def place(found: Confirmed) -> str:
    """The kernels: "linux 7.3.4, x86-64"."""
    releases = list(dict.fromkeys(boot.release for boot in found.boots if boot.release))
    return ", ".join((*(f"linux {release}" for release in releases), found.flavour))


def printed(boot: Booted) -> str:
    """What a boot printed, and below it what the kernel complained of."""
    return "\n".join((*boot.tap, *boot.kernel))
