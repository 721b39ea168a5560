"""Work shared with a process of our own on another core.

Belongs here: starting it, handing it some of the work, and its end of the line. What is worked out stands with whoever
asks: a function of a module of ours, whose result is the same wherever it is called.
"""

import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.common.worker import own_process

if TYPE_CHECKING:
    import subprocess

# How many processes work on a run: 1 for this one alone; by default 2 where there is more than one core.
PROCESSES = "PUBLICVALUE_PROCESSES"
# What the other process imports before it is asked, so that nobody waits for it.
MODULES = "PUBLICVALUE_BESIDE"

T = TypeVar("T")

# The other process and the line to it, where one was started. It is told a function and what all questions have in
# common, then question after question, and at last None; to each question it says what came of it, if anything did.
_STARTED: "list[tuple[subprocess.Popen[bytes], Connection[Any, Answer]]]" = []
Answer = tuple[Any, bool]


def start(*modules: str) -> None:
    """Start the other process, if there is to be one and none was started before, and do not wait for it.

    ``modules``: where the functions stand that it will be asked for.
    """
    wanted = int(os.environ.get(PROCESSES) or min(os.cpu_count() or 1, 2))
    if wanted > 1 and not _STARTED:
        _STARTED.append(own_process(__name__, **{MODULES: " ".join(modules)}))


def shared(function: Callable[..., T], given: Any, questions: Sequence[tuple[Any, ...]]) -> list[T]:
    """Return ``function(given, *question)`` for each of some questions, in their order.

    This process begins with the first; the other one, where one was started, with the last. What that one does not
    answer, because it fails or has ended, is worked out here, and raises here. ``function`` stands in a module, so that
    the other process finds it.
    """
    answers: dict[int, T] = {}
    left = deque(range(len(questions)))
    line = _STARTED[0][1] if _STARTED and len(questions) > 1 else None
    # Here and not while this process works on it: what is changed meanwhile, be it by a cached property, is not sent.
    alike = bytes(ForkingPickler.dumps((function, given))) if line else b""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside") as thread:
        asking = thread.submit(_ask, line, alike, questions, left, answers) if line else None
        try:
            while left:
                with suppress(IndexError):  # the other one took the last
                    number = left.popleft()
                    answers[number] = function(given, *questions[number])
        except BaseException:
            left.clear()
            if line:
                end()  # else its answer would be waited for
            raise
        if asking and not asking.result():
            end()
    return [answers[n] if n in answers else function(given, *asked) for n, asked in enumerate(questions)]


def _ask(
    line: "Connection[Any, Answer]",
    alike: bytes,
    questions: Sequence[tuple[Any, ...]],
    left: "deque[int]",
    answers: dict[int, Any],
) -> bool:
    """Have the other process answer questions while any are left; tells whether it is still there."""
    try:
        line.send_bytes(alike)
        while left:
            with suppress(IndexError):
                number = left.pop()
                line.send(questions[number])
                answer, is_one = line.recv()
                if is_one:
                    answers[number] = answer
        line.send(None)
    except (EOFError, OSError):
        return False
    return True


def end() -> None:
    """End the other process, if there is one."""
    while _STARTED:
        process, _ = _STARTED.pop()
        process.kill()
        process.wait()


# --- Within that process --------------------------------------------------------------------------------------


def main() -> None:
    """Answer whoever started this process, on the line that it names."""
    line: Connection[Answer, Any] = Connection(int(sys.argv[-1]))
    for module in os.environ[MODULES].split():
        import_module(module)
    with line, suppress(EOFError, OSError):
        while True:
            function, given = line.recv()
            while (asked := line.recv()) is not None:
                try:
                    answer: Answer = (function(given, *asked), True)
                except Exception:  # whoever asked finds out why by working it out again
                    answer = (None, False)
                line.send(answer)
