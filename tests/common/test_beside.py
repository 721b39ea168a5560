"""Work shared with another process: the same answers, whoever gives them, and the same errors."""

import math
import os
import time
from collections.abc import Iterator

import pytest

from pipeline.common import beside
from pipeline.common.beside import shared

# So long that the other process takes some of the questions.
SLOW = "__import__('time').sleep(0.2)"
WHO = f"{SLOW} or __import__('os').getpid()"


@pytest.fixture(params=["1", "2"], ids=["alone", "two processes"])
def processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """How many processes take part."""
    monkeypatch.setenv(beside.PROCESSES, request.param)
    beside.start("math")
    yield int(request.param)
    beside.end()


def test_answers_come_in_the_order_of_the_questions(processes: int) -> None:
    assert shared(math.sqrt, [(number**2,) for number in range(200)]) == list(range(200))
    assert shared(math.sqrt, []) == []


def test_each_process_takes_its_part(processes: int) -> None:
    shared(eval, [(SLOW,)] * 2)  # until the other one is there
    assert len(set(shared(eval, [(WHO,)] * 6))) == processes


@pytest.mark.parametrize("place", [0, -1])
def test_what_a_question_raises_is_raised_here(processes: int, place: int) -> None:
    questions = [(1.0,)] * 4
    questions[place] = (-1.0,)
    with pytest.raises(ValueError, match="math domain error"):
        shared(math.sqrt, questions)
    assert shared(math.sqrt, [(4.0,)]) == [2.0]


def test_a_process_that_ends_leaves_its_questions_to_this_one(processes: int) -> None:
    here = f"{SLOW} or (__import__('os').getpid() == {os.getpid()} or __import__('os')._exit(1)) and 5"
    assert shared(eval, [(here,)] * 4) == [5] * 4
    assert shared(math.sqrt, [(4.0,)] * 4) == [2.0] * 4


def test_nobody_waits_for_the_other_process_when_something_is_wrong_here(processes: int) -> None:
    slow = f"__import__('os').getpid() == {os.getpid()} or __import__('time').sleep(60)"
    shared(eval, [(SLOW,)] * 2)
    begin = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        shared(eval, [(f"{SLOW} or 1 / 0",), (slow,)])
    assert time.monotonic() - begin < 30


def test_what_cannot_be_handed_over_is_said(processes: int) -> None:
    with pytest.raises((TypeError, AttributeError)):
        shared(math.sqrt, [(lambda: 0,)] * 2)
