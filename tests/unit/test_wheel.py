# SPDX-License-Identifier: GPL-2.0-or-later
"""The wheel, installed elsewhere, finds its data and reviews the embedded corpus."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from reviewer import __version__

_ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(_ROOT)]
    subprocess.run(command, check=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    return next(folder.glob("*.whl"))


def test_it_holds_what_the_program_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "oracle/world/mmu.h", "oracle/entries/move_ptes.h", "oracle/rules.toml",
        "reviewer/csource/locals.scm", "reviewer/report/schema.json", "reviewer/_data/templates/report.html.j2",
        "reviewer/_data/corpus/BASE",
        f"review_patch-{__version__}.data/data/share/man/man1/review-patch.1",
        f"review_patch-{__version__}.dist-info/licenses/LICENSE",
    } <= names  # fmt: skip
    assert not [n for n in names if n.startswith("tests/")]


def test_the_source_archive_is_the_repository(tmp_path: Path) -> None:
    """So the commands of README.md and CONTRIBUTING.md run in it."""
    if not (_ROOT / ".git").exists():
        pytest.skip("no checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=_ROOT, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = {name for name in listed.split("\0") if (_ROOT / name).is_file()}
    assert {"Makefile", ".ci/run", "docs/conf.py", "LICENSE", "CONTRIBUTING.md"} <= tracked <= names


def test_installed_elsewhere_it_reviews_a_corpus_case(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    # Dependencies come from where the tests run; the program itself must be the installed one.
    (site / "deps.pth").write_text("\n".join(p for p in sys.path if p.endswith("site-packages")), "utf-8")
    python = tmp_path / "env" / "bin" / "python"
    code = "import reviewer, sys; print(reviewer.__file__)"
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    where = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=bare)
    assert where.stdout.startswith(str(site))
    case = site / "reviewer" / "_data" / "corpus" / "mremap-write-bit" / "series.mbox"
    done = subprocess.run(
        [python, "-m", "reviewer", str(case), "--json", "-"], capture_output=True, text=True, check=False, cwd=tmp_path,
        env=bare,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert '"rule": "B5"' in done.stdout
