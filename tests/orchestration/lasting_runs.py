"""A code location for tests of the server: assets that take as long as they are told to, one at a time."""

import time

import dagster as dg

from pipeline.orchestration.server.forked_runs import fork_runs


class Lasting(dg.Config):
    seconds: float = 0.0


@dg.asset(pool="editions")
def lasting(config: Lasting) -> None:
    time.sleep(config.seconds)


@dg.asset(pool="editions")
def crashing() -> None:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


@dg.asset(pool="editions")
def failing() -> None:
    raise ValueError("made up")


fork_runs()
defs = dg.Definitions([lasting, crashing, failing], executor=dg.in_process_executor)
