# SPDX-License-Identifier: GPL-2.0-or-later
"""review-patch cache: what is kept between runs, where, and how much of it."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.booting import outputs
from reviewer.commands.arguments import Parser
from reviewer.errors import ReviewError
from reviewer.report.text import printable
from reviewer.support import cache


def parser() -> Parser:
    """The parser of its arguments."""
    made = Parser(prog="review-patch cache", description="What is kept between runs, and how much.")
    made.add_argument("--clear", action="store_true", help="remove all of it")
    return made


def main(argv: Sequence[str]) -> int:
    """review-patch cache: where it is and how large; --clear empties it."""
    args = parser().parse_args(argv)
    if args.clear:
        cache.bound(0, recent=0.0)
        outputs.bound(0)
    place, files = cache.writable(), cache.files()
    size, kernels = sum(length for _, _, length in files), outputs.folders()
    if args.clear and (size or kernels):
        raise ReviewError("not all of it could be removed", place=str(place))
    most = cache.limit()
    print(f"{place}: {len(files)} files, {size / (1 << 20):.1f} MiB, of {most / (1 << 20):.0f} MiB at most")
    print(f"The bound is set with: git config --global {cache.SETTING} {_spelt(most)}")
    for folder, about, length in kernels:
        print(f"{folder}: {length / (1 << 20):.0f} MiB, a kernel for {printable(about)}")
    if wrong := cache.refused():
        hint = "A size is a number of bytes, or of KiB, MiB or GiB with k, m or g after it."
        raise ReviewError(
            f"{wrong!r} is no size; {_spelt(cache.SIZE)} holds", place=f"git config {cache.SETTING}", hint=hint
        )
    return 0


def _spelt(size: int) -> str:
    """A size as git takes it."""
    fits = ((bits, unit) for bits, unit in ((30, "g"), (20, "m"), (10, "k")) if size and size % (1 << bits) == 0)
    bits, unit = next(fits, (0, ""))
    return f"{size >> bits}{unit}"
