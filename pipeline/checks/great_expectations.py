"""Great Expectations, in a process of its own.

Belongs here: running a suite over the views of its checks, and the line to the process that does it. It takes seconds
to import, so it is started before all else of a run and is ready, on another core, when the first check is due; the UI
keeps one ready for all its runs. What Great Expectations makes of a suite is said in ``expectations``; what a failed
row means is said in ``validation``.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from multiprocessing.connection import Client, Connection, Listener
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pipeline.common.timing import GREAT_EXPECTATIONS, SECONDS, WAITING, timed
from pipeline.common.worker import own_process, why_ended

if TYPE_CHECKING:
    import subprocess

    # Not imported here: it takes half a second, in which Great Expectations could have begun.
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

    from pipeline.checks.suite import Suite

# What Great Expectations imports for expectations that no check is made of: a third of all that it takes to import.
WHEN_USED = ("scipy.stats", "altair")
# Socket at which one answers that is ready already, where only the same user may look.
READY_AT = "PUBLICVALUE_GREAT_EXPECTATIONS"


@dataclass(frozen=True)
class Question:
    """Which rows of a table break the suite: its views one below the other, the name of the check in ``check``."""

    suite: "Suite"
    table: "pd.DataFrame"


@dataclass(frozen=True)
class Answer:
    """Index of the rows that break it, in order, the seconds it took, and why there is no answer if there is none."""

    broken: list[int]
    seconds: float
    error: str = ""


def broken_rows(question: Question) -> list[int]:
    """Return the index of the rows that break what is asked, in order.

    Raises ``RuntimeError`` when Great Expectations cannot say, ``MachineError`` when the system has ended it. Not to be
    called by two threads at once.
    """
    try:
        with timed(WAITING):
            line = _line()
            # The views stay here: that process has no need of the modules in which they stand.
            line.send(replace(question, suite=question.suite.without_views()))
            answer: Answer = line.recv()
    except (EOFError, OSError) as error:
        own = _own()[0] if _own.cache_info().currsize else None
        _line.cache_clear()  # the next question finds a new one
        _own.cache_clear()
        raise why_ended(own, "Great Expectations") from error
    SECONDS[GREAT_EXPECTATIONS] += answer.seconds
    if answer.error:
        raise RuntimeError(answer.error)
    return answer.broken


def start() -> None:
    """Start a process, if none is ready and none was started before, and do not wait for it."""
    if not os.path.exists(os.environ.get(READY_AT, "")):
        _own()


@cache
def _line() -> "Connection[Question, Answer]":
    """The line to one that is ready, else to a process of our own."""
    with suppress(OSError, KeyError):
        return Client(os.environ[READY_AT], "AF_UNIX")
    return _own()[1]


@cache
def _own() -> "tuple[subprocess.Popen[bytes], Connection[Question, Answer]]":
    return own_process(__name__, GX_ANALYTICS_ENABLED="false")


# --- Within that process --------------------------------------------------------------------------------------


def main() -> None:
    """Answer whoever started this process, on the line that it names, or all who come to the socket that it names."""
    (where,) = sys.argv[1:]
    begin = time.perf_counter()
    validate = _validator()
    seconds = time.perf_counter() - begin
    alone = threading.Lock()
    if where.isdecimal():
        _answer(Connection(int(where)), validate, alone, seconds)
        return
    with Listener(where, "AF_UNIX") as listener:
        while True:
            line = listener.accept()
            threading.Thread(target=_answer, args=(line, validate, alone), daemon=True).start()


def _answer(
    line: "Connection[Answer, Question]", validate: "Validate", alone: threading.Lock, seconds: float = 0.0
) -> None:
    """Answer questions until there are no more. ``seconds``: what the import took, which the first answer carries."""
    with line, suppress(EOFError, OSError):
        while True:
            question = line.recv()
            with alone:
                begin = time.perf_counter()
                broken, error = [], ""
                try:
                    broken = _broken(validate, question)
                except Exception as problem:  # whatever it is, it is told to whoever asks
                    error = f"{type(problem).__name__}: {problem}"
                seconds += time.perf_counter() - begin
            line.send(Answer(broken, seconds, error))
            seconds = 0.0


Validate = Callable[["pd.DataFrame", "Expectation"], Any]


class _WhenUsed:
    """Finds the modules that are not imported until something of them is used."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how to import one of these modules once something of it is used; None for all others."""
        if name not in WHEN_USED or not (spec := PathFinder.find_spec(name, path, target)) or not spec.loader:
            return None
        spec.loader = LazyLoader(spec.loader)
        return spec


def _validator() -> Validate:
    """Great Expectations over a table in memory; it neither calls home nor draws bars."""
    sys.meta_path.insert(0, _WhenUsed)
    sys.modules["sqlalchemy"] = None  # type: ignore[assignment]  # as where it is not installed: there are no databases
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("views").add_dataframe_asset("views of a layer")
    definition = asset.add_batch_definition_whole_dataframe("all rows")

    def validate(table: "pd.DataFrame", expectation: "Expectation") -> Any:
        batch = definition.get_batch(batch_parameters={"dataframe": table})
        return batch.validate(expectation, result_format="COMPLETE")

    return validate


def _broken(validate: Validate, question: Question) -> list[int]:
    """Index of the rows that break the expectation of their check.

    Checks that ask the same are asked at once, of the rows of all of them, instead of one after the other by their row
    conditions: a question takes Great Expectations longer than thousands of rows. A test holds the two ways together.
    """
    broken: set[int] = set()
    for expectation, checks in _alike(question.suite, set(question.table["check"])):
        rows = question.table[question.table["check"].isin(checks)].infer_objects()
        result = validate(rows, expectation)
        if "unexpected_index_list" not in result.result:
            raise RuntimeError(f"Great Expectations could not say: {result.exception_info}")
        found = result.result["unexpected_index_list"] or ()
        if result.success == bool(found):
            raise RuntimeError("Great Expectations does not say which rows break an expectation")
        broken.update(found)
    return sorted(broken)


def _alike(suite: "Suite", present: set[str]) -> "list[tuple[Expectation, list[str]]]":
    """The expectations of a suite for the checks that have rows, each once, and the checks that have it."""
    from pipeline.checks.expectations import expectation_suite

    alike: dict[tuple[object, ...], tuple[Expectation, list[str]]] = {}
    for expectation in expectation_suite(suite).expectations:
        name = (expectation.meta or {})["check"]
        if name in present:
            everywhere = expectation.copy(update={"row_condition": None})
            said = everywhere.configuration
            _, checks = alike.setdefault((said.type, *sorted(said.kwargs.items()), said.severity), (everywhere, []))
            checks.append(name)
    return list(alike.values())
