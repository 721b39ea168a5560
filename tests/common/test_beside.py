"""Work shared with another process: the same answers, whoever gives them, and the same errors."""

import operator
import os
import time
from collections.abc import Iterator

import pytest

from pipeline.common import beside
from pipeline.common.beside import Work, shared

pytestmark = pytest.mark.slow  # each starts a process, and waits until it is there

# Of functions that both processes have `eval` works out a text with what is asked as its names. So long that the other
# process takes some of the questions.
SLOW = "__import__('time').sleep(0.2)"
WHO = f"{SLOW} or __import__('os').getpid()"


@pytest.fixture(params=["1", "2"], ids=["alone", "two processes"])
def processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """How many processes take part."""
    monkeypatch.setenv(beside.PROCESSES, request.param)
    beside.start("operator")
    yield int(request.param)
    beside.end()


def test_answers_come_in_the_order_of_the_questions(processes: int) -> None:
    assert shared(operator.sub, 200, [(number,) for number in range(200)]) == list(range(200, 0, -1))
    assert shared(operator.sub, 200, []) == []


def test_each_process_takes_its_part(processes: int) -> None:
    shared(eval, SLOW, [({},)] * 2)  # until the other one is there
    assert len(set(shared(eval, WHO, [({},)] * 6))) == processes


def test_the_other_process_calls_beforehand_what_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(beside.PROCESSES, "2")
    beside.start("operator", "tracemalloc:start")
    try:
        shared(eval, SLOW, [({},)] * 2)  # until the other one is there
        found = set(shared(eval, f"({WHO}, __import__('tracemalloc').is_tracing())", [({},)] * 6))
    finally:
        beside.end()
    assert {(process == os.getpid(), is_tracing) for process, is_tracing in found} == {(True, False), (False, True)}


@pytest.mark.parametrize("place", [0, -1])
def test_what_a_question_raises_is_raised_here(processes: int, place: int) -> None:
    questions = [(1,)] * 4
    questions[place] = (0,)
    with pytest.raises(ZeroDivisionError):
        shared(operator.floordiv, 6, questions)
    assert shared(operator.floordiv, 6, [(2,)] * 2) == [3, 3]


def test_a_process_that_ends_leaves_its_questions_to_this_one(processes: int) -> None:
    here = f"{SLOW} or (__import__('os').getpid() == {os.getpid()} or __import__('os')._exit(1)) and 5"
    assert shared(eval, here, [({},)] * 4) == [5] * 4
    assert shared(operator.sub, 4, [(1,)] * 4) == [3] * 4


def test_nobody_waits_for_the_other_process_when_something_is_wrong_here(processes: int) -> None:
    mine = f"{SLOW} or 1 / 0 if __import__('os').getpid() == {os.getpid()} else __import__('time').sleep(60)"
    shared(eval, SLOW, [({},)] * 2)
    begin = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        shared(eval, mine, [({},)] * 2)
    assert time.monotonic() - begin < 30


def test_what_is_given_may_change_here_while_the_other_process_is_told_of_it(processes: int) -> None:
    """A cached property puts something into what is given, which Python does not let be written at that moment."""
    given: dict[object, object] = {number: str(number) for number in range(100_000)}
    questions = [(number, number) for number in range(2_000)]
    for _ in range(3):
        shared(dict.setdefault, given, [(f"{number} anew", 0) for number, _ in questions])
        assert shared(dict.setdefault, given, questions) == [str(number) for number, _ in questions]


def test_what_was_begun_goes_on_while_other_work_is_shared_and_is_whole(processes: int) -> None:
    begun = [Work(eval, SLOW + f" or {number} * n", [({"n": n},) for n in range(3)]) for number in (10, 100)]
    assert shared(operator.sub, 4, [(1,), (2,)]) == [3, 2]
    assert [work.results() for work in begun] == [[0, 10, 20], [0, 100, 200]]


def test_work_that_nobody_asks_for_again_is_no_hindrance(processes: int) -> None:
    Work(operator.floordiv, 6, [(0,)])
    Work(eval, SLOW, [({},)])
    assert shared(operator.sub, 4, [(1,), (2,)]) == [3, 2]


@pytest.mark.parametrize("processes", ["2"], indirect=True)
def test_a_process_that_ends_leaves_what_was_begun_to_this_one(processes: int) -> None:
    here = f"(__import__('os').getpid() == {os.getpid()} or __import__('os')._exit(1)) and 5"
    begun = [Work(eval, here, [({},)] * 2) for _ in range(2)]
    assert [work.results() for work in begun] == [[5, 5], [5, 5]]


@pytest.mark.parametrize("processes", ["2"], indirect=True)
def test_what_cannot_be_handed_over_is_said(processes: int) -> None:
    with pytest.raises((TypeError, AttributeError)):
        shared(operator.sub, lambda: 0, [(1,)] * 2)
