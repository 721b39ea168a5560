"""Drawing: a Vega-Lite specification becomes SVG.

Belongs here: the calls to the renderer, in this process or beside it. What a chart says stands in ``charts``, what is
left out of a drawing because it cannot be seen in ``slimming``.
"""

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from pipeline.common.worker import own_process, why_ended
from pipeline.facts.versions import LENGTH
from pipeline.report.slimming import slim

if TYPE_CHECKING:
    import subprocess

# The number of what clips a part of a drawing, where it is named and where it is used.
NAMED = re.compile(r'(?<=id="clip)\d+(?=")|(?<=url\(#clip)\d+(?=\))')

Spec = dict[str, Any]
Answer = list[str] | ValueError


def as_svg(spec: Spec) -> str:
    """Return a chart as SVG, the same for the same specification; nothing is fetched.

    The first call starts the renderer, which takes more than a second; each call holds up all other threads. Raises
    ``ValueError`` when the specification is none, or names data that would have to be fetched.
    """
    import vl_convert

    rendered = vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[], show_warnings=False)
    return slim(_with_own_names(rendered, spec))


def _with_own_names(rendered: str, spec: Spec) -> str:
    """Name what a drawing refers to within itself after what it draws: the renderer counts on from chart to chart."""
    own = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:LENGTH]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(NAMED.findall(rendered)))}
    return NAMED.sub(lambda found: f"-{own}-{numbers[found[0]]}", rendered)


def start() -> None:
    """Start a renderer in a process of its own, if none was started before, and do not wait for it."""
    _own()


def rendered(specs: Sequence[Spec]) -> Future[list[str]]:
    """Return what will be these charts as SVG, rendered in a process of its own while this one goes on.

    The result raises as ``as_svg`` does, and as ``why_ended`` says when the renderer has ended instead.
    """
    return _in_turn().submit(_asked, specs)


@cache
def _in_turn() -> ThreadPoolExecutor:
    """One thread, which waits for the answers: a line carries one question at a time."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawing")


@cache
def _own() -> "tuple[subprocess.Popen[bytes], Connection[Sequence[Spec], Answer]]":
    return own_process(__name__)


def _asked(specs: Sequence[Spec]) -> list[str]:
    try:
        process, line = _own()
        line.send(specs)
        answer = line.recv()
    except (EOFError, OSError) as error:
        _own.cache_clear()  # the next charts find a new one
        raise why_ended(process, "the renderer of charts") from error
    if isinstance(answer, ValueError):
        raise answer
    return answer


# --- Within that process --------------------------------------------------------------------------------------


def main() -> None:
    """Draw for whoever started this process, on the line that it names."""
    import vl_convert

    line: Connection[Answer, Sequence[Spec]] = Connection(int(sys.argv[-1]))
    # So that the renderer is up when the first charts come.
    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}}, vl_version="6.4", allowed_base_urls=[])
    with line, suppress(EOFError, OSError):
        while True:
            specs = line.recv()
            try:
                line.send([as_svg(spec) for spec in specs])
            except ValueError as problem:
                line.send(problem)
