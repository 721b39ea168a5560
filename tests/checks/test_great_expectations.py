"""What Great Expectations is asked, and what becomes of the process in which it works."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from pipeline.checks.great_expectations import READY_AT, Question, _line, _own, broken_rows, start
from pipeline.checks.suite import Asks, Check, Suite
from pipeline.common.files import MachineError


@pytest.fixture(autouse=True, scope="module")
def nothing_is_ready() -> Iterator[None]:
    """Other tests share one that is ready; these begin without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(READY_AT, raising=False)
        forget()
        yield
    forget()


def no_view() -> pd.DataFrame:
    return pd.DataFrame()


def suite_of(*asked: Asks) -> Suite:
    return Suite("a suite", "nothing", "an asset", tuple(Check(asks, "", "", (), no_view, asks) for asks in asked))


def rows_that_break(asks: Asks, **columns: list[float] | list[str]) -> list[int]:
    return broken_rows(Question(suite_of(asks), pd.DataFrame(columns).assign(check=asks)))


@pytest.mark.parametrize(
    ("found", "expected", "broken"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], []),
        ([1.0, 2.0, 3.01], [1.0, 2.5, 3.0], [1, 2]),
        ([math.nan, 1.0, math.nan], [1.0, math.nan, math.nan], [0, 1]),
        (["year", "week"], ["year", "year"], [1]),
        ([0.0], [-0.0], []),
    ],
)
def test_found_must_be_expected(
    found: list[float] | list[str], expected: list[float] | list[str], broken: list[int]
) -> None:
    assert rows_that_break("equal", found=found, expected=expected) == broken


@pytest.mark.parametrize(
    ("found", "broken"),
    [([1.0, 2.0, 3.0], []), ([0.99, 2.0, 3.01], [0, 2]), ([math.nan, 2.0, math.inf], [0, 2]), ([1, 2, 3], [])],
)
def test_found_must_lie_between_lowest_and_highest(found: list[float], broken: list[int]) -> None:
    assert rows_that_break("within", found=found, lowest=[1.0] * 3, highest=[3.0] * 3) == broken


def test_nothing_may_be_too_much() -> None:
    assert rows_that_break("within", found=[1e300, 0.5], lowest=[1.0, 1.0], highest=[math.inf, math.inf]) == [1]


def test_each_check_is_asked_of_its_own_rows() -> None:
    """Words, figures and bounds stand in one table; a row is held against no other check than its own."""
    suite = suite_of("equal", "within")
    figures = pd.DataFrame({"check": "within", "found": [1.0, 5.0], "lowest": 1.0, "highest": 3.0})
    words = pd.DataFrame({"check": "equal", "found": ["year", "week"], "expected": ["year", "year"]})
    table = pd.concat([figures, words], ignore_index=True)
    assert broken_rows(Question(suite, table)) == [1, 3]
    assert broken_rows(Question(suite, table.iloc[2:])) == [3]
    assert broken_rows(Question(suite, table.assign(check="another"))) == []


def test_what_cannot_be_asked_is_an_error_and_the_next_question_is_answered() -> None:
    with pytest.raises(RuntimeError, match=r"Great Expectations could not say: .*\"expected\" .* does not exist"):
        rows_that_break("equal", found=[1.0])
    assert rows_that_break("equal", found=[1.0], expected=[1.0]) == []


def test_a_killed_process_is_an_error_and_the_next_question_is_answered() -> None:
    assert rows_that_break("equal", found=[1.0], expected=[1.0]) == []
    kill(_own()[0])
    with pytest.raises(MachineError, match="the system has ended Great Expectations"):
        rows_that_break("equal", found=[1.0], expected=[1.0])
    assert rows_that_break("equal", found=[1.0], expected=[2.0]) == [0]


def test_the_process_ends_with_the_one_that_asks_however_that_ends() -> None:
    code = "from pipeline.checks.great_expectations import _own, start; start(); print(_own()[0].pid, flush=True)"
    wait = "; import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code + wait], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        pid = int(asking.stdout.readline())
        asking.kill()
    begin = time.monotonic()
    while runs(pid):
        assert time.monotonic() - begin < 30
        time.sleep(0.1)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is ready for all who come, as the UI keeps one."""
    # The name of a socket may not be long, and that of a folder of pytest is.
    with TemporaryDirectory() as folder:
        address = f"{folder}/ready"
        code = "from pipeline.checks.great_expectations import main; main()"
        with subprocess.Popen([sys.executable, "-c", code, address]) as process:
            while not os.path.exists(address):
                assert process.poll() is None
                time.sleep(0.1)
            monkeypatch.setenv(READY_AT, address)
            forget()
            yield process
            process.kill()
    forget()


def test_one_that_is_ready_answers_all_who_come(ready: "subprocess.Popen[bytes]") -> None:
    start()
    assert _own.cache_info().currsize == 0
    code = (
        "import pandas as pd; from pipeline.checks.great_expectations import *\n"
        "from pipeline.checks.payments import SUITE\n"
        "table = pd.DataFrame({'check': SUITE.checks[0].name, 'found': [1.0, 2.0], 'expected': [1.0, 1.0]})\n"
        "print(broken_rows(Question(SUITE, table)))"
    )
    asking = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert rows_that_break("equal", found=[1.0], expected=[2.0]) == [0]
    assert [process.communicate()[0] for process in asking] == ["[1]\n"] * 3
    assert rows_that_break("equal", found=[1.0], expected=[1.0]) == []
    assert _own.cache_info().currsize == 0


def test_when_the_ready_one_has_gone_a_process_of_our_own_answers(ready: "subprocess.Popen[bytes]") -> None:
    assert rows_that_break("equal", found=[1.0], expected=[2.0]) == [0]
    kill(ready)
    with pytest.raises(RuntimeError, match="Great Expectations ended"):
        rows_that_break("equal", found=[1.0], expected=[2.0])
    assert rows_that_break("equal", found=[1.0], expected=[2.0]) == [0]
    assert _own.cache_info().currsize == 1


def forget() -> None:
    """Let the next question find its own way."""
    _line.cache_clear()
    _own.cache_clear()


def kill(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def runs(pid: int) -> bool:
    """Whether a process is alive; one that nobody has waited for is not."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
