"""A plugin of pytest that notes which lines each test reaches, and how long it takes: ``-p tools.reached``.

What a fixture of a module or a session does, and what is made once for all workers (``tests/shared.py``), is noted of
the fixture, since only the first test that asks for it runs it; a test reaches what its fixtures reach. Lines reached
in other processes are not seen. Needs coverage, which ``make mutants`` installs beside ``.venv``.
"""

import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

from tests.shared import Shared

# Where the notes are written, and of which folders, with a comma between; what starts pytest says it.
INTO = "PUBLICVALUE_REACHED_INTO"
FOLDERS = "PUBLICVALUE_REACHED_FOLDERS"


def _seconds() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


class Reached:
    """What has been reached so far, in one process of a session of tests."""

    def __init__(self, root: Path) -> None:
        self.root = root
        folders = [folder for folder in os.environ.get(FOLDERS, "").split(",") if folder]
        self.coverage = Coverage(
            data_file=None, config_file=False, include=[f"{root / folder}/**/*.py" for folder in folders]
        )
        self.tests: dict[str, dict[str, Any]] = {}
        self.failed: set[str] = set()
        self.now = [""]
        self.coverage.start()

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Note what is reached meanwhile under a name."""
        self.now.append(name)
        self.coverage.switch_context(name)
        yield
        self.now.pop()
        self.coverage.switch_context(self.now[-1])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note a test with its fixtures, and how many seconds of the processor it takes."""
        used = _seconds()
        with self.of(item.nodeid):
            done = yield
        self.tests[item.nodeid] = {
            "seconds": round(_seconds() - used, 3),
            "fixtures": sorted({*getattr(item, "fixturenames", ())}),
        }
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what has failed: it can tell nothing about a mutant."""
        if report.failed:
            self.failed.add(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Note what a fixture does that more than one test looks at under its own name."""
        if fixturedef.scope == "function":
            return (yield)
        with self.of(f"fixture {fixturedef.argname}"):
            return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the notes."""
        self.coverage.stop()
        data = self.coverage.get_data()
        reached: dict[str, dict[str, list[int]]] = {}
        for file in sorted(data.measured_files()):
            lines = reached.setdefault(Path(file).relative_to(self.root).as_posix(), {})
            for line, names in sorted(data.contexts_by_lineno(file).items()):
                for name in names:
                    lines.setdefault(name, []).append(line)
        where = Path(os.environ[INTO]) / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.json"
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(
            json.dumps({"tests": self.tests, "failed": sorted(self.failed), "reached": reached}), encoding="utf-8"
        )


def pytest_configure(config: pytest.Config) -> None:
    """Begin, in each process that runs tests; one that only hands them to others reaches nothing."""
    if config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput"):
        return
    reached = Reached(config.rootpath)
    config.pluginmanager.register(reached, "reached")
    value = Shared.value

    def noted(self: Shared, name: str, make: Callable[[], Any]) -> Any:
        # The fixture in whose body what makes it stands.
        fixture = make.__qualname__.split(".", 1)[0]

        def making() -> Any:
            with reached.of(f"fixture {fixture}"):
                return make()

        return value(self, name, making)

    Shared.value = noted  # type: ignore[method-assign]
