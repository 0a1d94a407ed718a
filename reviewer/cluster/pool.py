# SPDX-License-Identifier: GPL-2.0-or-later
"""Where units are run: in this process, on workers of this machine, or on those of a dask scheduler."""

from __future__ import annotations

import logging
import pickle
import threading
import time
import zlib
from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from oracle import sandbox
from reviewer.cluster.record import key_of, packed, unpacked
from reviewer.cluster.store import HaltError, Store, Work
from reviewer.cluster.units import Answer, Round, Unit
from reviewer.cluster.work import work
from reviewer.errors import ReviewError, ToolError

_TRIES = 3  # for what may come out otherwise elsewhere
_LOGGED = 100
_PATIENCE = 10.0  # seconds for a scheduler to answer
_NOWHERE = "127.0.0.1:0"
_LOST = 5  # workers that may die of a unit
_LOOK = 0.5  # seconds between looks at whether to stop
_LONGEST = 3600.0  # seconds for a unit, with its wait for a worker


class Pool(Protocol):
    """Runs units. stop: none any more."""

    stop: threading.Event

    @property
    def width(self) -> int:
        """How many units run at a time."""
        ...

    def run(self, unit: Unit, key: str) -> tuple[Answer, float]:
        """The answer to a unit, whatever goes wrong is one, and how many seconds it took."""
        ...


class Here:
    """In this process, one at a time for each that asks."""

    width = 1

    def __init__(self) -> None:
        self.stop = threading.Event()

    def run(self, unit: Unit, key: str) -> tuple[Answer, float]:  # noqa: ARG002
        """Run a unit."""
        return timed(unit)


class Dask:
    """On the workers of a client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.stop = threading.Event()

    @property
    def width(self) -> int:
        """Threads of all workers."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def run(self, unit: Unit, key: str) -> tuple[Answer, float]:
        """Send a unit, and once more to others where it may come out otherwise there."""
        tried: list[str] = []
        for number in range(_TRIES):
            others = [w for w in self._client.nthreads() if w not in tried] if tried else None
            where, answer, took = self._once(unit, ("unit", key, number), others or None)
            if not answer.again:
                break
            tried.append(where)
        return answer, took

    def _once(self, unit: Unit, key: tuple[str, str, int], workers: list[str] | None) -> tuple[str, Answer, float]:
        """The answer, and who gave it. The future goes at once: nothing piles up with the scheduler."""
        from distributed.scheduler import KilledWorker

        sent = zlib.compress(pickle.dumps(unit), 1)
        future = self._client.submit(
            _task, sent, key=key, workers=workers, allow_other_workers=bool(workers), pure=False
        )
        try:
            where, answer, took = self._wait(future)
        except KilledWorker:
            return "", Answer(why="the workers that were to run it were lost"), 0.0
        except TimeoutError:
            future.cancel()
            return "", Answer(why=f"no answer within {_LONGEST:.0f} s"), _LONGEST
        except HaltError:
            raise
        except (Exception, CancelledError) as error:
            hint = "Run it again: it goes on where it was."
            raise HaltError(f"the workers cannot be reached any more: {error}", hint=hint) from error
        finally:
            with suppress(Exception):
                future.release()
        return where, unpacked(answer), took

    def _wait(self, future: Any) -> tuple[str, bytes, float]:
        """The result, with a look now and then at whether it is still wanted."""
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        for _ in range(int(_LONGEST / _LOOK)):
            if done.wait(_LOOK):
                given: tuple[str, bytes, float] = future.result()
                return given
            if self.stop.is_set():
                future.cancel()
                raise HaltError("interrupted")
        raise TimeoutError


def timed(unit: Unit) -> tuple[Answer, float]:
    """The answer, and the seconds it took."""
    began = time.monotonic()
    return work(unit), time.monotonic() - began


def _task(sent: bytes) -> tuple[str, bytes, float]:
    """On a worker: its address, and the answer. Both go as bytes, which dask neither looks into nor keeps a copy of;
    the answer as JSON, so that nothing a worker made is unpickled here."""
    from distributed import get_worker

    answer, took = timed(pickle.loads(zlib.decompress(sent)))
    return get_worker().address, packed(answer), took


@contextmanager
def local(workers: int) -> Iterator[Dask]:
    """Workers of this machine, each a process, on the loopback address only and behind certificates of their own: to a
    scheduler anyone may send code who reaches it."""
    distributed = _dask()
    with TemporaryDirectory(prefix="review-patch-", ignore_cleanup_errors=True) as folder:
        cluster = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", protocol="tls://",
            security=distributed.Security.temporary(), dashboard_address=_NOWHERE, worker_dashboard_address=_NOWHERE,
            scheduler_kwargs={"dashboard": False}, local_directory=folder, silence_logs=logging.CRITICAL,
            memory_limit=None,
        )  # fmt: skip
        with cluster, cluster.get_client() as client:
            yield Dask(client)


@contextmanager
def remote(address: str) -> Iterator[Dask]:
    """The workers of a scheduler that runs already."""
    distributed = _dask()
    try:
        client = distributed.Client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise ReviewError(f"no scheduler answers: {error}", place=f"--scheduler {address}") from error
    with client:
        yield Dask(client)


def _dask() -> Any:
    try:
        import dask
        import distributed
    except ImportError as error:
        hint = "Install it: pip install 'review-patch[cluster]'; or run with --workers 0, in this process."
        raise ToolError("a campaign on workers needs dask.distributed", hint=hint) from error
    dask.config.set({
        "distributed.scheduler.allowed-failures": _LOST,
        **{f"distributed.{who}.http.routes": [] for who in ("scheduler", "worker", "nanny")},  # no pages
        # And little kept of its own work.
        "distributed.worker.profile.enabled": False, "distributed.admin.log-length": _LOGGED,
        "distributed.admin.low-level-log-length": _LOGGED, "distributed.admin.system-monitor.log-length": _LOGGED,
        "distributed.diagnostics.computations.max-history": 1,
    })  # fmt: skip
    return distributed


class Asking:
    """Answers units out of the file of results, else by a pool, and records what it says."""

    def __init__(self, pool: Pool, store: Store) -> None:
        self.pool = pool
        self.store = store
        self.stop = pool.stop
        self.scenarios = 0  # run here and now, not recorded before
        self.why: HaltError | None = None  # the first reason to stop

    def __call__(self, unit: Unit) -> Answer:
        key = key_of(unit)
        if (known := self.store.answer(key)) is not None:
            return known
        self.check()
        try:
            answer, took = self.pool.run(unit, key)
            sandbox.check()  # what a signal killed is no answer
            count = answer.result.scenarios if answer.result else 0
            flavour = "" if not isinstance(unit, Round) else unit.flavour
            kind = type(unit).__name__.lower()
            self.store.record(key, Work(kind, unit.entry.name, flavour, count, took), answer)
        except HaltError as error:
            self.why = self.why or error
            self.stop.set()
            raise
        self.scenarios += count
        return answer

    def check(self) -> None:
        """HaltError, or Halted, once no answer counts any more: what a review made of that is not to be kept."""
        sandbox.check()
        if self.stop.is_set():
            raise self.why or HaltError("interrupted")
