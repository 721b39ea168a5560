"""``make benchmark``: how long people wait for a run, a command and the UI, and what a run uses.

Belongs here: the project as it stands, run from a copy in a folder of its own, command by command as people type them;
with ``--scale`` also made-up markets so many times as large (``pipeline.synthetic.market``). How fast claims are
reduced and simulations drawn stands in ``claims.py`` and ``simulation.py``.

Seconds differ between machines and hours. So each line is also given in units, of which one is the processor time of
``unit()``, best of three, measured in the same run; and, with ``--before COMMIT``, as a multiple of what that commit
takes, which is measured in turn with this checkout, line by line. Of several times the best counts; all stand in
``docs/benchmarks.json``.
"""

import argparse
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import requests

from pipeline.orchestration.jobs import REFRESH_EVERYTHING
from pipeline.orchestration.server.ui import LOCATION_NAME
from pipeline.report.charts.theme import THEME
from pipeline.report.drawing import Spec, as_svg
from pipeline.synthetic.market import synthetic_market

ROOT = Path(__file__).resolve().parents[1]
FIGURES, CHART = Path("docs/benchmarks.json"), Path("docs/images/growth.svg")
ALIKE = "as many times as long as the market is large"
# Quick commands are timed so often; whole runs take long, and differ less.
OFTEN, TWICE = 3, 2
PATIENCE_SECONDS, GLANCE_SECONDS = 600, 0.1
SEED, METRICS_PER_CONTRACT = 1, 5
IDLE_LOAD = 1.0  # with more at work beforehand, figures are not worth keeping
PAID = re.compile(r",([\d.]+),paid,")
PUBLICVALUE = ("-m", "pipeline")
DEFINITIONS = "from pipeline.orchestration.server.code_location import defs; defs.get_repository_def()"

ASSETS = "{ assetNodes { id } }"
LAUNCH = """mutation ($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) { __typename ... on LaunchRunSuccess { run { runId } } } }"""
RUN = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status startTime endTime } } }"


class Cost(NamedTuple):
    """Of a command and all its processes: seconds on the clock and of processors; megabytes of the largest process."""

    wall: float
    processor: float
    megabytes: float


class Line(NamedTuple):
    """A line of the table: what was found, so many times, and what it should be at most, in units or as it says.

    ``at_first``: units found when the figure to reach was set, so that it can be held against what came before.
    ``contracts``: how many there are in a whole run with nothing kept, of which the growth is drawn.
    """

    what: str
    found: list[float]
    to_reach: str = ""
    measure: str = "s"
    at_first: float | None = None
    contracts: int = 0

    @property
    def asked(self) -> float | None:
        """The multiple of what it took before that it should be at most, where that is known."""
        return round(float(self.to_reach) / self.at_first, 2) if self.at_first else None


def unit() -> float:
    """Seconds of processor that a plain loop takes."""
    begin = time.process_time()
    for _ in range(10_000_000):
        pass
    return time.process_time() - begin


def wait_for(answer: Callable[[], Any]) -> Any:
    """Wait until there is an answer, but not for ever."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := answer()):
        if time.monotonic() > end:
            raise SystemExit("there was no answer in time")
        time.sleep(GLANCE_SECONDS)
    return found


class Project:
    """A folder with ``raw/`` and ``reference/`` in which commands are run as somebody runs them who works there.

    ``code``: the checkout whose code runs.
    """

    def __init__(self, folder: Path, code: Path = ROOT) -> None:
        self.folder, self.code = folder, code
        # Of the contract that is changed and explained: the first that was paid for results which it reports.
        paid = (path for path in sorted(folder.glob("raw/*/payments.csv")) if PAID.search(path.read_text("utf-8")))
        self.payments = next(path for path in paid if path.with_name("outcomes.csv").exists())

    @property
    def contracts(self) -> int:
        """How many there are."""
        return len(list(self.folder.glob("raw/*/contract.toml")))

    def start(self, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start Python with arguments, with the code of this checkout; what it says on standard error is kept."""
        quiet = {"PYTHONPATH": str(self.code), "DAGSTER_DISABLE_TELEMETRY": "1", "GX_ANALYTICS_ENABLED": "false"}
        print(f"{datetime.now():%H:%M:%S} {' '.join(arguments)}", file=sys.stderr)
        command, environment = [sys.executable, "-P", *arguments], {**os.environ, **quiet}
        with (self.folder / "said.log").open("w") as said:
            return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.DEVNULL, stderr=said)

    def failed(self, what: str) -> SystemExit:
        return SystemExit(f"{what} failed:\n{(self.folder / 'said.log').read_text()}")

    def cost(self, *arguments: str) -> Cost:
        begin = time.perf_counter()
        process = self.start(arguments)
        _, status, used = os.wait4(process.pid, 0)  # with the processes that it has waited for
        wall, process.returncode = time.perf_counter() - begin, os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise self.failed(" ".join(arguments))
        return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def run(self, fresh: bool = False, changed: bool = False) -> Cost:
        """Publish: with nothing kept from before, or with one contract changed, or else with nothing changed."""
        if changed:
            self.change()
        for name in ("reports", "data") if fresh else ():
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return self.cost(*PUBLICVALUE, "run")

    def change(self) -> None:
        """Let one contract have been paid a pound more."""
        text = PAID.sub(lambda found: f",{float(found[1]) + 1:.15g},paid,", self.payments.read_text("utf-8"), count=1)
        self.payments.write_text(text, encoding="utf-8")

    @contextmanager
    def ui(self) -> Iterator[Callable[..., Any]]:
        """Open the UI on a free port; gives what answers a question in GraphQL, and nothing until it can."""
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        process = self.start([*PUBLICVALUE, "ui", "--port", str(port)])

        def ask(query: str, **variables: Any) -> Any:
            try:
                asked: Any = {"query": query, "variables": variables}
                return requests.post(f"http://127.0.0.1:{port}/graphql", json=asked, timeout=60).json()["data"]
            except requests.RequestException:
                if process.poll() is not None:
                    raise self.failed("the UI") from None
                return {}

        try:
            yield ask
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_SECONDS)

    def run_in_ui(self, ask: Callable[..., Any]) -> float:
        """Seconds from the start to the end of a run of one changed contract, as Dagster tells them."""
        self.change()
        place = {"repositoryLocationName": LOCATION_NAME, "repositoryName": "__repository__"}
        parameters = {"selector": {**place, "jobName": REFRESH_EVERYTHING}, "runConfigData": {}}
        run_id = ask(LAUNCH, parameters=parameters)["launchRun"]["run"]["runId"]
        run = wait_for(lambda: run if (run := ask(RUN, id=run_id).get("runOrError", {})).get("endTime") else None)
        if run["status"] != "SUCCESS":
            raise self.failed("the run in the UI")
        return float(run["endTime"] - run["startTime"])


def run_lines(project: Project) -> Iterator[Line]:
    costs = [project.run(fresh=True) for _ in range(TWICE)]
    what = "whole market, default editions, nothing kept from before"
    yield Line(what, [cost.wall for cost in costs], "36", "s", 92, project.contracts)
    yield Line("… processor time of all its processes", [c.processor for c in costs], "70", "s", 126)
    yield Line("… memory of the largest of them", [c.megabytes for c in costs], "350 MB", "MB")
    yield Line("… the next run: there is a last publication to hold it against", [project.run().wall])
    yield Line("… a run after that, nothing changed", [project.run().wall for _ in range(TWICE)], "14", "s", 82)
    changed = [project.run(changed=True).wall for _ in range(TWICE)]
    yield Line("one changed contract to all headlines and pages, command line", changed, "25", "s", 92)


def command_lines(project: Project) -> Iterator[Line]:
    for what, at_first, to_reach, *arguments in (
        ("publicvalue check", 8.3, "6.5", *PUBLICVALUE, "check"),
        ("publicvalue explain", 9.7, "7", *PUBLICVALUE, "explain", project.payments.parent.name),
        ("publicvalue --help", 0.9, "0.7", *PUBLICVALUE, "--help"),
        ("definitions loaded, in a process of their own", 6.3, "6.3", "-c", DEFINITIONS),
    ):
        yield Line(what, [project.cost(*arguments).wall for _ in range(OFTEN)], to_reach, "s", at_first)


def ui_lines(project: Project) -> Iterator[Line]:
    if not (project.folder / "data").exists():
        project.run()
    begin = time.perf_counter()
    with project.ui() as ask:
        wait_for(lambda: ask(ASSETS).get("assetNodes"))
        yield Line("UI ready", [time.perf_counter() - begin], "28", "s", 36)
        changed = [project.run_in_ui(ask) for _ in range(TWICE)]
        yield Line("one changed contract in the UI, its run", changed, "22", "s", 50)


GROUPS = {"run": run_lines, "commands": command_lines, "ui": ui_lines}


def lines(
    groups: Sequence[str], scales: Sequence[int], before: str | None = None
) -> Iterator[tuple[Line, Line | None]]:
    """Measure what is asked for, line by line, in folders that are gone afterwards; each line with that of ``before``.

    Before and after are measured in turn. Made-up markets are run with the code of this checkout alone.
    """
    with TemporaryDirectory(prefix="publicvalue-benchmark-") as temporary, checked_out(before, temporary) as code:
        project, earlier = (_copy(Path(temporary, name), of) for name, of in (("now", ROOT), ("before", code or ROOT)))
        cold = 0.0
        for group in groups:
            measured_before = GROUPS[group](earlier) if code else repeat(None)
            for line, last in zip(GROUPS[group](project), measured_before, strict=False):
                cold = cold or min(line.found)
                yield line, last
        for scale in scales:
            folder = Path(temporary, f"times {scale}")
            size = scale * project.contracts
            made = synthetic_market(ROOT / "raw", ROOT / "reference", folder, SEED, size, METRICS_PER_CONTRACT * size)
            cost = Project(folder).run(fresh=True)
            what = f"made-up market, {made.contracts:,} contracts and {made.metrics:,} metrics"
            for line in (
                Line(what, [cost.wall], contracts=made.contracts),
                Line("… as a multiple of the first line", [cost.wall / cold], "4, 10 times as large", "times"),
                Line("… processor time of all its processes", [cost.processor]),
                Line("… memory of the largest of them", [cost.megabytes], "1,024 MB, 10 times as large", "MB"),
            ):
                yield line, None


def _copy(folder: Path, code: Path) -> Project:
    """The project's own data in a folder of their own, to be run by the code of a checkout."""
    for name in ("raw", "reference"):
        shutil.copytree(code / name, folder / name)
    return Project(folder, code)


@contextmanager
def checked_out(commit: str | None, folder: str) -> Iterator[Path | None]:
    """Check a commit out beside this one, for as long as it is measured; None where none is named."""
    if commit is None:
        yield None
        return
    checkout = Path(folder, "checkout")
    git("worktree", "add", "--quiet", "--detach", str(checkout), commit)
    try:
        yield checkout
    finally:
        git("worktree", "remove", "--force", str(checkout))


def growth(points: Sequence[tuple[int, float]]) -> Spec:
    """Return the chart of seconds against contracts, beside what they would be if they grew as the market does."""
    smallest, seconds = points[0]
    largest, longest = points[-1]
    measured = [{"contracts": size, "seconds": wall, "line": "measured"} for size, wall in points]
    alike = [{"contracts": size, "seconds": seconds * size / smallest, "line": ALIKE} for size, _ in points]
    title = f"A market {largest / smallest:.0f} times as large takes {longest / seconds:.1f} times as long"
    said = [
        "Seconds of a whole run with nothing kept from before, on two cores; made-up markets beside the real one.",
        "Dashed: if it took as many times as long as the market is large.",
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{title}. {' '.join(said)}",
        "title": {"text": title, "subtitle": said},
        "config": THEME,
        "width": 520,
        "height": 260,
        "data": {"values": [*measured, *alike]},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "contracts", "type": "quantitative", "title": "Contracts"},
            "y": {"field": "seconds", "type": "quantitative", "title": "Seconds"},
            "color": {"field": "line", "type": "nominal", "legend": None, "scale": {"range": ["#b0b7c0", "#1d4e89"]}},
            "strokeDash": {"field": "line", "type": "nominal", "legend": None, "scale": {"range": [[5, 4], [1, 0]]}},
        },
    }


def git(*words: str) -> str:
    return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    """Print the table; write it too, if it is whole."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", metavar="COMMIT", help="measure this commit, too, in turn with the checkout")
    parser.add_argument("--scale", type=int, nargs="*", default=[], help="also markets so many times as large")
    parser.add_argument("--only", choices=GROUPS, nargs="+", default=list(GROUPS), help="these; nothing is written")
    asked = parser.parse_args()
    groups = [name for name in GROUPS if name in asked.only or (asked.scale and name == "run")]
    commit = git("rev-parse", "HEAD") + (" with changes" if git("status", "--porcelain", "--", f":!{FIGURES}") else "")
    load, second = os.getloadavg()[0], min(unit() for _ in range(3))
    about: dict[str, Any] = {"commit": commit, **({"before": git("rev-parse", asked.before)} if asked.before else {})}
    about |= {"measured_on": f"{date.today()}", "load_before": round(load, 2)}
    about |= {"python": platform.python_version(), "processors": os.cpu_count(), "unit_seconds": round(second, 4)}
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    is_busy = load > IDLE_LOAD
    if is_busy:
        print("The machine is busy with something else: these are no figures to keep.", file=sys.stderr)
    print(f"{'best (and worst)':>86}{'units':>8}   {'to reach':<20}{'before':>9}{'times':>7}   asked", flush=True)
    told, points = [], []
    for line, last in lines(groups, asked.scale, asked.before):
        best, worst = min(line.found), max(line.found)
        units = round(best / second, 1) if line.measure == "s" else ""
        found = f"{best:,.2f} ({worst:,.2f}) {line.measure}"
        was = f"{min(last.found):>9,.2f}{best / min(last.found):>7.2f}   {line.asked or ''}" if last else ""
        print(f"{line.what:<66}{found:>20}{units:>8}   {line.to_reach:<20}{was}", flush=True)
        before = {"before": [round(one, 3) for one in last.found], "asked": line.asked} if last else {}
        of_line = {"what": line.what, "found": [round(one, 3) for one in line.found], "to_reach": line.to_reach}
        told.append({**of_line, "measure": line.measure, "units": units, **before})
        points += [(line.contracts, best)] if line.contracts else []
    if len(points) > 1 and not is_busy:
        (ROOT / CHART).write_text(as_svg(growth(points)), encoding="utf-8")
    if groups == list(GROUPS) and not is_busy:
        text = json.dumps({**about, "lines": told}, indent=2, ensure_ascii=False)
        (ROOT / FIGURES).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
