"""How long the checks of a run take, by the library that makes them.

Belongs here: adding up seconds under a name, and saying them. They are said at the end of a run and stand in no
published table.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

GATE = "Pandera, raw and reference tables"
PANDERA = "Pandera, between the steps"
GREAT_EXPECTATIONS = "Great Expectations"
# It works in a process of its own: what the run waited for it.
WAITING = "waiting for Great Expectations"

SECONDS: defaultdict[str, float] = defaultdict(float)
"""Seconds spent since the process began, by name; never reset, so that readers take differences."""


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Add the seconds that the block takes to those of ``name``; blocks of one name must not be nested."""
    begin = time.perf_counter()
    try:
        yield
    finally:
        SECONDS[name] += time.perf_counter() - begin


def checks_cost() -> str:
    """Return what the checks of this process have cost so far, in a sentence."""
    return (
        f"checks: Pandera {SECONDS[GATE]:.1f} s at the gate and {SECONDS[PANDERA]:.1f} s between the steps; "
        f"Great Expectations {SECONDS[GREAT_EXPECTATIONS]:.1f} s with its import, in a process of its own, "
        f"for which the run waited {SECONDS[WAITING]:.1f} s"
    )
