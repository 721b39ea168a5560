"""Great Expectations, in a process of its own.

Belongs here: turning what a check asks into expectations, and asking them of a table. It takes some 4 s to import, so
it is started before all else of a run and is ready, on another core, when the first check is due. What is checked is
said in ``suites``; what a failed row means is said in ``validation``.
"""

import atexit
import os
import pickle
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.timing import GREAT_EXPECTATIONS, SECONDS, WAITING, timed

if TYPE_CHECKING:
    # Not imported here: it takes half a second, in which Great Expectations could have begun.
    import pandas as pd


@dataclass(frozen=True)
class Question:
    """Which rows of a table break what is asked: ``equal`` (found is expected) or ``within`` (lowest to highest)."""

    asks: str
    severity: str
    table: "pd.DataFrame"


@dataclass(frozen=True)
class Answer:
    """Index of the rows that break it, in order, the seconds it took, and why there is no answer if there is none."""

    broken: list[int]
    seconds: float
    error: str = ""


def broken_rows(question: Question) -> list[int]:
    """Return the index of the rows that break what is asked, in order.

    Raises ``RuntimeError`` when Great Expectations cannot say. Not to be called by two threads at once.
    """
    engine = _engine()
    assert engine.stdin is not None
    assert engine.stdout is not None
    try:
        with timed(WAITING):
            pickle.dump(question, engine.stdin)
            engine.stdin.flush()
            answer: Answer = pickle.load(engine.stdout)
    except (EOFError, BrokenPipeError) as error:
        _engine.cache_clear()  # the next question finds a new one
        raise RuntimeError(f"Great Expectations ended with status {engine.wait()} instead of an answer") from error
    SECONDS[GREAT_EXPECTATIONS] += answer.seconds
    if answer.error:
        raise RuntimeError(answer.error)
    return answer.broken


def start() -> None:
    """Start the process, if it does not run yet, and do not wait until it is ready."""
    _engine()


@cache
def _engine() -> "subprocess.Popen[bytes]":
    """The process; it ends when its input ends, so also when this process is killed."""
    command = [sys.executable, "-c", f"from {__name__} import answer_questions; answer_questions()"]
    engine = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
        start_new_session=True,  # Ctrl-C is for the run; this process follows it
    )
    atexit.register(_stop, engine)
    return engine


def _stop(engine: "subprocess.Popen[bytes]") -> None:
    """End the process at once: a run that is refused early need not wait until it has started."""
    engine.kill()
    engine.communicate()


# --- Within that process --------------------------------------------------------------------------------------


def answer_questions() -> None:
    """Answer questions from standard input on standard output until there are no more."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    begin = time.perf_counter()
    validate = _validator()
    seconds = time.perf_counter() - begin
    while True:
        try:
            question: Question = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        begin = time.perf_counter()
        broken, error = [], ""
        try:
            broken = _broken(validate, question)
        except Exception as problem:  # whatever it is, it is told to whoever asks
            error = f"{type(problem).__name__}: {problem}"
        # The first answer carries the import.
        pickle.dump(Answer(broken, seconds + time.perf_counter() - begin, error), answers)
        answers.flush()
        seconds = 0.0


def _validator() -> Any:
    """Great Expectations over a table in memory; it neither calls home nor draws bars."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("tables").add_dataframe_asset("table")
    definition = asset.add_batch_definition_whole_dataframe("all rows")

    def validate(table: "pd.DataFrame", expectations: list[Any]) -> Any:
        suite = gx.ExpectationSuite(name="a check", expectations=expectations)
        return definition.get_batch(batch_parameters={"dataframe": table}).validate(suite, result_format="COMPLETE")

    return validate


def _broken(validate: Any, question: Question) -> list[int]:
    result = validate(question.table, _expectations(question))
    broken: set[int] = set()
    for outcome in result.results:
        if "unexpected_index_list" not in outcome.result:
            raise RuntimeError(f"Great Expectations could not say: {outcome.exception_info}")
        broken.update(outcome.result["unexpected_index_list"] or ())
    if result.success == bool(broken):
        raise RuntimeError("Great Expectations does not say which rows break an expectation")
    return sorted(broken)


def _expectations(question: Question) -> list[Any]:
    from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import (
        ExpectColumnPairValuesAToBeGreaterThanB,
    )
    from great_expectations.expectations.core.expect_column_pair_values_to_be_equal import (
        ExpectColumnPairValuesToBeEqual,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    severity = {"error": FailureSeverity.CRITICAL, "warning": FailureSeverity.WARNING}[question.severity]
    if question.asks == "equal":
        return [ExpectColumnPairValuesToBeEqual(column_A="found", column_B="expected", severity=severity)]
    return [
        ExpectColumnPairValuesAToBeGreaterThanB(column_A=above, column_B=below, or_equal=True, severity=severity)
        for above, below in (("found", "lowest"), ("highest", "found"))
    ]
