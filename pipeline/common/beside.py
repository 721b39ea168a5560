"""Work shared with a second process on another core.

Belongs here: starting it, handing it some of the work, and its end of the line. What is worked out stands with whoever
asks: a function of a module of ours, whose result is the same wherever it is called.
"""

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pipeline.common.worker import own_process

if TYPE_CHECKING:
    import subprocess

# How many processes work on a run: 1 for this one alone; by default 2 where there is more than one core.
PROCESSES = "PUBLICVALUE_PROCESSES"
# What the other process imports before it is asked, so that nobody waits for it; where a name has a function after a
# colon, that is called too.
MODULES = "PUBLICVALUE_BESIDE"

T = TypeVar("T")

# The other process and the line to it, where one was started. It is told a function and what all questions have in
# common, then question after question, and at last None; to each question it says what came of it, if anything did.
_STARTED: "list[tuple[subprocess.Popen[bytes], Connection[Any, Answer]]]" = []
Answer = tuple[Any, bool]
_ONE_AFTER_ANOTHER = threading.Lock()


def start(*modules: str) -> None:
    """Start the other process, if there is to be one and none was started before, and do not wait for it.

    ``modules``: where the functions stand that it will be asked for; ``module:function`` is called beforehand.
    """
    wanted = int(os.environ.get(PROCESSES) or min(os.cpu_count() or 1, 2))
    if wanted > 1 and not _STARTED:
        _STARTED.append(own_process(__name__, **{MODULES: " ".join(modules)}))


class Work(Generic[T]):
    """``function(given, *question)`` for each of some questions, begun by the other process.

    That one begins with the last, when it has done with what it was asked before. ``function`` stands in a module, so
    that the other process finds it.
    """

    def __init__(self, function: Callable[..., T], given: Any, questions: Sequence[tuple[Any, ...]]) -> None:
        """Have the other process begin, where one was started."""
        self._function, self._given, self._questions = function, given, questions
        self._answers: dict[int, T] = {}
        self._left = deque(range(len(questions)))
        self._thread: threading.Thread | None = None
        if _STARTED and questions:
            # Here and not while this process works on it: what is changed meanwhile, be it by a cached property, is
            # not sent.
            alike = bytes(ForkingPickler.dumps((function, given)))
            self._thread = threading.Thread(target=self._ask, args=(alike,), name="beside", daemon=True)
            self._thread.start()

    def results(self) -> list[T]:
        """Return what is asked for, in the order of the questions; this process begins with the first.

        What the other one does not answer, because it fails or has ended, is worked out here, and raises here.
        """
        try:
            while self._left:
                with suppress(IndexError):  # the other one took the last
                    number = self._left.popleft()
                    self._answers[number] = self._here(number)
        except BaseException:
            self._left.clear()
            end()  # else its answer would be waited for
            raise
        if self._thread:
            self._thread.join()
        return [
            self._answers[number] if number in self._answers else self._here(number)
            for number in range(len(self._questions))
        ]

    def _here(self, number: int) -> T:
        return self._function(self._given, *self._questions[number])

    def _ask(self, alike: bytes) -> None:
        """Have the other process answer questions while any are left."""
        with _ONE_AFTER_ANOTHER:
            if not (self._left and _STARTED):
                return
            line = _STARTED[0][1]
            try:
                line.send_bytes(alike)
                while self._left:
                    with suppress(IndexError):
                        number = self._left.pop()
                        line.send(self._questions[number])
                        answer, is_one = line.recv()
                        if is_one:
                            self._answers[number] = answer
                line.send(None)
            except (EOFError, OSError):
                end()


def shared(function: Callable[..., T], given: Any, questions: Sequence[tuple[Any, ...]]) -> list[T]:
    """Return ``function(given, *question)`` for each of some questions, in their order: ``Work``, and its results.

    A single question is worked out here.
    """
    if len(questions) < 2:
        return [function(given, *question) for question in questions]
    return Work(function, given, questions).results()


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
    for name in os.environ[MODULES].split():
        module, _, function = name.partition(":")
        imported = import_module(module)
        if function:
            getattr(imported, function)()
    with line, suppress(EOFError, OSError):
        while True:
            function, given = line.recv()
            while (asked := line.recv()) is not None:
                try:
                    answer: Answer = (function(given, *asked), True)
                except Exception:  # whoever asked finds out why by working it out again
                    answer = (None, False)
                line.send(answer)
