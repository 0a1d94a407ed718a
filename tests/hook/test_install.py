# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the hook goes, what becomes of a hook that is there, and that nothing of it is left."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from reviewer.errors import ReviewError
from reviewer.hook import install
from reviewer.hook.command import main


def git(*words: str) -> str:
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository one stands in, of a user without settings."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "home").mkdir()
    made = tmp_path / "it's a repo; $(touch no)"
    made.mkdir()
    monkeypatch.chdir(made)
    git("init", "-q", "--template=")
    return made


def put(path: Path, text: str, mode: int = 0o755) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All files under a folder, with mode and content; folders, too."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            os.fsencode(os.readlink(path))  # noqa: PTH115  Path would tidy it
            if path.is_symlink()
            else path.read_bytes()
            if path.is_file()
            else b"",
        )
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("there", ["nothing", "hook", "link", "not executable", "hooksPath"])
def test_nothing_of_it_is_left(there: str, everywhere: bool, repository: Path) -> None:
    if there == "hooksPath" or (everywhere and there != "nothing"):
        git("config", "--global", "core.hooksPath", "~/my hooks")
    folder = install.place_of(everywhere).folder
    if there in ("hook", "link", "not executable"):
        folder.mkdir(parents=True)
        own = folder / ("own" if there == "link" else install.NAME)
        own.write_bytes(b"#!/bin/sh\nexit 7\n\xff")
        own.chmod(0o640 if there == "not executable" else 0o751)
        if there == "link":
            os.symlink("./own", folder / install.NAME)  # noqa: PTH211  Path would tidy it
    top = repository.parent
    (top / "home" / ".gitconfig").touch()
    before = everything(top)
    for _ in range(2):  # twice is once
        place = install.install(everywhere)
        assert (place.installed, place.chained) == (True, there in ("hook", "link", "not executable"))
        assert place.folder == (top / "home" / "my hooks" if "hooksPath" in git("config", "--list") else folder)
    if there in ("hook", "link"):
        assert subprocess.run([place.hook, "mail"], check=False).returncode == 7
    install.uninstall(everywhere)
    after = everything(top)
    assert after.pop("home/.gitconfig", (0, b""))[1].strip() in (b"", before["home/.gitconfig"][1].strip())
    before.pop("home/.gitconfig")
    assert after == before
    with pytest.raises(ReviewError, match="not installed"):
        install.uninstall(everywhere)


def test_for_all_repositories_their_own_hooks_still_run(repository: Path) -> None:
    hooks = repository / ".git" / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", install.NAME):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >>ran\nexit 5\n")
        (hooks / name).chmod(0o755)
    install.install(True)
    who = ["-c", "user.name=Ida", "-c", "user.email=ida@example.org"]
    assert subprocess.run(["git", *who, "commit", "--allow-empty", "-qm", "x"], check=False).returncode == 1
    place = install.place_of(False)
    assert (place.ours, subprocess.run([place.hook, "mail"], check=False).returncode) == (True, 5)
    assert (repository / "ran").read_text().split() == ["pre-commit", install.NAME]
    with pytest.raises(ReviewError, match="for all repositories"):
        install.uninstall(False)
    install.uninstall(True)
    assert subprocess.run(["git", "config", "core.hooksPath"], check=False).returncode == 1


@pytest.mark.usefixtures("repository")
def test_a_hook_that_took_its_place_is_not_touched() -> None:
    place = install.install(False)
    place.hook.write_text("#!/bin/sh\n")
    with pytest.raises(ReviewError, match="not installed"):
        install.uninstall(False)
    put(place.kept, "an older one")
    with pytest.raises(ReviewError, match="is in the way"):
        install.install(False)
    assert (place.hook.read_text(), place.kept.read_text()) == ("#!/bin/sh\n", "an older one")


@pytest.mark.usefixtures("repository")
def test_one_that_another_took_the_place_of_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    place = install.place_of(False)
    put(place.hook, "#!/bin/sh\n")
    main(["install"])
    place.hook.write_text("#!/bin/sh\n: another\n")
    capsys.readouterr()
    main(["status"])
    told = f"Another hook took its place. The one that was there before it is still kept: {place.kept}"
    assert capsys.readouterr().out.splitlines()[:2] == [f"not installed: {place.hook}", told]
    with pytest.raises(ReviewError, match="Another hook took its place") as refused:
        main(["uninstall"])
    assert str(place.kept) in refused.value.hint


@pytest.mark.usefixtures("repository")
def test_a_hook_that_asks_for_its_name_still_does() -> None:
    place = install.place_of(False)
    dispatcher = place.folder.parent / "dispatch"
    put(dispatcher, '#!/bin/sh\ntest "$(basename "$0")" = sendemail-validate && exit 9\nexit 8\n')
    place.folder.mkdir()
    place.hook.symlink_to("../dispatch")
    install.install(False)
    assert subprocess.run([place.hook, "mail"], check=False).returncode == 9


@pytest.mark.usefixtures("repository")
def test_a_hook_that_reads_what_is_beside_it_still_does() -> None:
    place = install.place_of(False)
    put(place.hook, '#!/bin/sh\n. "$(dirname "$0")/lib.sh"\n')
    put(place.folder / "lib.sh", "exit 9\n", 0o644)
    before = everything(place.folder)
    install.install(False)
    assert subprocess.run([place.hook, "mail"], check=False).returncode == 9
    install.uninstall(False)
    assert everything(place.folder) == before
    install.install(False)
    (place.folder / "lib.sh").unlink()  # a link that leads nowhere then goes as well
    install.uninstall(False)
    assert list(place.folder.iterdir()) == [place.hook]


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("there", "told"),
    [
        ("runs", "The hook that was there runs first: "),
        ("not executable", "The hook that was there is kept, but does not run (it is not executable): "),
        ("dangling", "The hook that was there is kept, but does not run (it leads nowhere): "),
    ],
)
def test_what_becomes_of_a_hook_that_is_there(there: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    place = install.place_of(False)
    put(place.hook, "#!/bin/sh\n", 0o644 if there == "not executable" else 0o755)
    if there == "dangling":
        place.hook.unlink()
        place.hook.symlink_to("nowhere")
    main(["install"])
    assert capsys.readouterr().out.splitlines()[1] == f"{told}{place.kept}"
    main(["status"])
    assert told.removeprefix("The hook that was there") in capsys.readouterr().out


@pytest.mark.parametrize("everywhere", [False, True])
def test_where_git_runs_no_hooks_none_is_put(everywhere: bool, repository: Path) -> None:
    git("config", "--global", "core.hooksPath", "")
    with pytest.raises(ReviewError, match="git runs no hooks"):
        install.install(everywhere)
    assert [path.name for path in repository.iterdir()] == [".git"]


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ReviewError, match="no git repository"):
        main(["install"])


def test_status_says_where_and_how(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("config", "reviewpatch.failOn", "difference")
    assert main(["status"]) == 0
    assert capsys.readouterr().out.startswith("not installed: ")
    main(["install"])
    main(["status"])
    told = capsys.readouterr().out
    assert f"installed: {repository / '.git' / 'hooks' / install.NAME}" in told
    assert "reviewpatch.failOn: difference" in told
