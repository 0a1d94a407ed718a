# SPDX-License-Identifier: GPL-2.0-or-later
"""Many series out of those of the corpus, no code of which is quite another's, as one mailbox for each.

python tests/cluster/many.py FOLDER 500         # or FOLDER 500 4: of each only so many that are unlike
review-patch campaign FOLDER --tree corpus/tree --db many.db --budget 0.1 --workers 2
python tests/cluster/many.py --peak COMMAND...      # the same, with the peak memory of the coordinator
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

_CORPUS = Path(__file__).resolve().parents[2] / "corpus"
_ADDED = re.compile(r"^\+(?!\+\+)(.*)$", re.MULTILINE)


def main(arguments: list[str]) -> int:
    if arguments[0] == "--peak":
        return peak(arguments[1:])
    folder, number, *unlike = Path(arguments[0]), *map(int, arguments[1:])
    folder.mkdir(parents=True, exist_ok=True)
    boxes = sorted(_CORPUS.glob("*/series.mbox"))
    for at in range(number):
        box = boxes[at % len(boxes)]
        text = varied(box.read_text(encoding="utf-8"), at // len(boxes) % (unlike[0] if unlike else number))
        (folder / f"{at:04}-{box.parent.name}.mbox").write_text(text, encoding="utf-8")
    return 0


def varied(text: str, number: int) -> str:
    """The series with blanks at the ends of the lines that its last diff adds, as many as its number: other code, the
    same meaning."""
    at = text.rindex("\ndiff --git")
    return text[:at] + _ADDED.sub(lambda m: f"+{m[1]}{' ' * number}", text[at:])


def peak(command: list[str]) -> int:
    """Run a command; then its own peak memory, its children apart, and how it came to that."""
    with subprocess.Popen(command) as process:
        seen: list[int] = []

        def look() -> None:
            while process.poll() is None:
                try:
                    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
                except OSError:
                    return
                seen.extend(int(n) for n in re.findall(r"VmRSS:\s+(\d+) kB", status))
                time.sleep(1)

        thread = threading.Thread(target=look)
        thread.start()
        process.wait()
        thread.join()
    steps = [max(seen[i : i + len(seen) // 10 + 1]) // 1024 for i in range(0, len(seen), len(seen) // 10 + 1)]
    print(f"peak of the coordinator {max(seen, default=0) // 1024} MB; by tenths of the time: {steps}", file=sys.stderr)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
