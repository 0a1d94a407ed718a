# SPDX-License-Identifier: GPL-2.0-or-later
"""The frozen dataclasses that the stages pass on, in the order of the line from mail to report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Status = Literal["exercised", "partly", "not-exercised", "not-runnable"]
Evidence = Literal["same-code", "exhaustive", "scenarios", "none"]
Verdict = Literal["clean", "findings", "inconclusive", "not-applicable"]
Kind = Literal["violation", "cost", "behaviour", "static"]
Relation = Literal["introduced", "preexisting", "fixed"]
Severity = Literal["high", "medium", "low", "question"]
History = Literal["", "new", "remaining"]
Confirmation = Literal["confirmed on a running kernel", "not shown", "state not reached", "not tried"]
# Fields with this are left out of the JSON when they hold their default.
_OPTIONAL = {"optional": True}


# --- mail, series -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """One mail, decoded. Ids without angle brackets; subject unfolded, as in the mail; authors may be several."""

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    author: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    date: str
    subject: str
    body: str  # the text before the diff (for a cover letter or reply: all of it)
    diff: bytes  # the patch as git mailinfo leaves it, LF line ends, b"" when there is none
    source: str  # where it was read, for messages: "series.mbox, message 3"
    reply_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Patch:
    """One patch of a series; index counts from 1, subject is without the [PATCH ...] prefix."""

    index: int
    subject: str
    message: Message


@dataclass(frozen=True)
class Series:
    """The patches in order. total is the m of n/m; version 1 when the subject names none.

    missing: numbers that were not given; held: those of them that the tree is said to hold, told apart.
    left_out: subjects of patches beside it that are numbered otherwise.
    revisions: what of the tree it was made from, empty for mails.
    """

    subject: str
    version: int
    total: int
    patches: tuple[Patch, ...]
    cover: Message | None = None
    base_commit: str = ""
    change_id: str = ""
    missing: tuple[int, ...] = ()
    held: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()
    revisions: str = ""

    @property
    def part(self) -> bool:
        """Whether patches of it are not here."""
        return bool(self.missing or self.held)


# --- trees ------------------------------------------------------------------------------------


class Tree(Protocol):
    """A tree of source files as it stands at one point of the series. What it holds never changes."""

    def __hash__(self) -> int:
        """Trees are told apart by identity."""
        ...

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None when it does not exist there."""
        ...

    def list(self, folder: str) -> tuple[str, ...]:
        """Paths of the files directly in a folder, sorted."""
        ...

    def holding(self, words: Sequence[str]) -> tuple[str, ...]:
        """Paths of the C files, in any folder, that hold one of these words, sorted."""
        ...


@dataclass(frozen=True)
class PatchTrees:
    """The trees before and after one patch, and the paths that differ between them."""

    patch: Patch
    before: Tree
    after: Tree
    paths: tuple[str, ...]


@dataclass(frozen=True)
class SeriesTrees:
    """What the series was applied to: base is a commit id or a description, how says why that one."""

    tree: str  # a name for people: "linux 7.2.13", never an absolute path
    base: str
    how: str  # "--base", "base-commit trailer", "blob ids of the index lines", "HEAD", "files as they are"
    patches: tuple[PatchTrees, ...]


# --- changed functions, entries ---------------------------------------------------------------


@dataclass(frozen=True)
class ChangedFunction:
    """A function whose body, or a macro or type it uses, differs before and after a patch.

    changed_lines are line numbers in the file after the patch; where nothing was added, those before which lines were
    dropped. removed_lines are line numbers in the file before it. kind: as in csource.Item.
    """

    name: str
    file: str
    changed_lines: tuple[int, ...]
    removed_lines: tuple[int, ...] = ()
    added: bool = True  # changed_lines are lines of the patch
    bears: bool = True  # it has to do with PTEs
    hidden: str = ""  # why no flavour compiles the change, or a part of it
    compiled: bool = True  # some flavour compiles a part of it
    kind: str = "function"
    side: Literal["both", "before", "after"] = "both"  # where there is such a thing
    was: str = ""  # the file that it was in before, when it was another


# --- review: what the report stage gets -------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FunctionReview:
    """One changed function and how far it was exercised (JSON contract review-patch/1).

    evidence: what the claim rests on: the machine code of both sides, all small tables besides scenarios, scenarios
    alone, nothing. not_asked: rules that could not be asked of it. waits: nothing calls it yet. judged_with: the later
    patch of the series that is the first to call it, and is judged with its lines. symbol: what it is, if no function.
    """

    name: str
    file: str
    entry: str
    status: Status
    why: str
    changed_lines: tuple[int, ...]
    covered_lines: tuple[int, ...]
    uncovered: tuple[int, ...]
    scenarios: int
    exhaustive: str | None
    evidence: Evidence = "none"
    not_asked: tuple[str, ...] = ()
    flavours: tuple[str, ...]
    stubs: tuple[str, ...]
    waits: bool = field(default=False, metadata=_OPTIONAL)
    judged_with: int | None = field(default=None, metadata=_OPTIONAL)
    symbol: str = field(default="function", metadata=_OPTIONAL)

    @property
    def open(self) -> bool:
        """Whether it still waits for its caller."""
        return self.waits and self.judged_with is None

    @property
    def settled(self) -> bool:
        """Whether nothing is open: all that changed was run, is proven the same, or is judged with a later patch."""
        return self.status == "exercised" or self.evidence == "same-code" or self.judged_with is not None


@dataclass(frozen=True)
class State:
    """The observable state after a run, as rows for a table of people.

    ending: "returned", "crash: ...", "step budget", "timeout".
    rows: ordered label -> text, e.g. {"PTE 0": "A[0] rw dirty young", "page A[0]": "mapcount 1 exclusive",
    "rss anon": "3", "return": "0"}. The same label means the same thing in every column.
    """

    ending: str
    rows: Mapping[str, str]
    source: str = field(default="", metadata=_OPTIONAL)  # of a reference: "reference" or "batch=1"

    def as_json(self) -> dict[str, Any]:
        return {"ending": self.ending, "rows": dict(self.rows)}


@dataclass(frozen=True)
class Counted:
    """Operations per PTE on one class of folios, by name."""

    flavour: str
    folios: str
    ptes: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Hunk:
    """The lines of a patch that a finding comes from: lines of the file after it, removed of the file before it.

    mends: to take them back was tried, and it mends the finding; together with others, so many groups of lines, if
    these alone do not. of: how many groups the patch has in what was run.
    """

    file: str
    lines: tuple[int, ...]
    removed: tuple[int, ...]
    mends: bool
    others: int = 0
    of: int = 1


@dataclass(frozen=True)
class Step:
    """What one statement of a run did, and where it stands. name: the function that it calls to do so, empty when it
    does so itself. events: "PTE 0 = none" for an entry, page or counter that changes, the rest in words. rules: those
    broken meanwhile. more: events that were left out at its end."""

    function: str
    file: str
    line: int
    name: str
    text: str
    events: tuple[str, ...]
    rules: tuple[str, ...]
    more: int = field(default=0, metadata=_OPTIONAL)


@dataclass(frozen=True)
class Trace:
    """A run, statement by statement. more: steps that were left out at its end."""

    steps: tuple[Step, ...]
    more: int = field(default=0, metadata=_OPTIONAL)


@dataclass(frozen=True)
class Traces:
    """A finding's scenario on both sides."""

    before: Trace
    after: Trace


@dataclass(frozen=True)
class Booted:
    """A kernel of the tree before or after the patch that was booted with a finding's program. verdict and reasons: of
    this boot. release: as the kernel calls itself. tap: what the program printed; kernel: its complaints. Lines
    are bounded in number and length."""

    side: Literal["before", "after"]
    verdict: str
    reasons: tuple[str, ...]
    release: str
    tap: tuple[str, ...]
    kernel: tuple[str, ...] = ()


@dataclass(frozen=True)
class Confirmed:
    """What running kernels of a flavour showed of a finding: "not tried" where no kernel could be asked."""

    verdict: Confirmation
    flavour: str
    reasons: tuple[str, ...]
    boots: tuple[Booted, ...]


@dataclass(frozen=True)
class Finding:
    """One finding (JSON contract review-patch/1). scenario["rows"] is the table it starts from. symbol: what the
    function is, if it is none. cause: of the explanation what did it, without numbers of lines."""

    id: str
    rule: str
    category: str
    kind: Kind
    relation: Relation
    severity: Severity
    patch: int
    fixed_by_patch: int | None
    file: str
    function: str
    line: int
    summary: str
    explanation: str
    flavours: tuple[str, ...]
    scenario: Mapping[str, Any]
    before: State
    after: State
    reference: State | None
    cost: Mapping[str, Any] = field(default_factory=dict)
    precedents: tuple[str, ...] = ()
    replay: str = ""
    also: tuple[str, ...] = field(default=(), metadata=_OPTIONAL)  # other rules that break with it, the worst first
    history: History = field(default="", metadata=_OPTIONAL)  # against an earlier version's review
    counts: tuple[Counted, ...] = field(default=(), metadata=_OPTIONAL)  # all that cost was counted on
    hunk: Hunk | None = field(default=None, metadata=_OPTIONAL)
    cause: str = field(default="", metadata=_OPTIONAL)
    symbol: str = field(default="function", metadata=_OPTIONAL)
    traces: Traces | None = field(default=None, metadata=_OPTIONAL)
    confirmed: Confirmed | None = field(default=None, metadata=_OPTIONAL)


@dataclass(frozen=True)
class PatchReview:
    """One patch and its changed functions. digest: what the results depend on, "" when not known."""

    index: int
    subject: str
    message_id: str
    functions: tuple[FunctionReview, ...]
    digest: str = field(default="", metadata=_OPTIONAL)


@dataclass(frozen=True)
class Departed:
    """A finding of an earlier version that is not there any more."""

    id: str
    rule: str
    kind: Kind
    file: str
    function: str
    patch: int  # of that version
    summary: str
    symbol: str = field(default="function", metadata=_OPTIONAL)


@dataclass(frozen=True)
class Previous:
    """The review of an earlier version. unchanged: patches whose results were taken over, by their number now.

    gone: findings that would show if they were there; unchecked: those that could not be looked at again.
    """

    version: int
    unchanged: tuple[int, ...]
    gone: tuple[Departed, ...]
    unchecked: tuple[Departed, ...]


@dataclass(frozen=True)
class Review:
    """Everything a report is made from."""

    version: str
    seed: int
    compiler: str
    series: Series
    base: str
    base_how: str
    tree: str
    verdict: Verdict
    patches: tuple[PatchReview, ...]
    findings: tuple[Finding, ...]
    previous: Previous | None = None
    contained: tuple[str, ...] = ()  # the layers that were closed around compiler and runner, oracle/sandbox
