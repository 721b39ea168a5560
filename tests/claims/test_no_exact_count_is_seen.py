"""A whole run on claims, recorded as the UI records it: no exact count is in what is published or to be seen in the UI.

Only the working area holds exact counts.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from pipeline.orchestration.server.instance import open_records
from pipeline.orchestration.settings import Settings
from tests.claims.made_up_claims import MILESTONES, Claim, Write
from tests.conftest import Run

pytestmark = pytest.mark.slow
# Of people who started in two years, of those who held on, of crimes; in all, and with repeated claims.
EXACT = {617, 396, 1013, 437, 283, 284}
POLICY = "disclosure_threshold = 500\ndisclosure_rounding = 5\n"
# No part of a longer number, word, day or address.
NUMBER = re.compile(r"(?<![\w.,:/#-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?(?![\w:/-]|[.,]\d)")


def claims() -> Iterator[Claim]:
    """1,013 people start, 437 hold on, 283 crimes are avoided, one of which is claimed twice."""
    for first, last, begin in ((0, 617, date(2018, 5, 1)), (617, 1013, date(2019, 5, 1))):
        for person in range(first, last):
            yield claim(person, "started", begin + timedelta(days=person % 200))
    for person in range(437):
        yield claim(person, "weeks_13", date(2018, 5, 1) + timedelta(days=person % 200, weeks=13))
    for person in [*range(283), 0]:
        yield claim(person, "crimes", date(2019, 6, 30))


def claim(person: int, metric_id: str, day: date) -> Claim:
    return Claim(
        f"person-{person:04d}", metric_id, MILESTONES.get(metric_id, ""), day.isoformat(), "", f"file {person}"
    )


@pytest.fixture
def project(claiming: Write, checks_ready: None) -> Path:
    """The small project with these claims and a policy by which only the total of those who started is shown."""
    project = claiming(claims())
    replace_in(project / "raw" / "C-1" / "contract.toml", "people_engaged = 100", "people_engaged = 2000")
    edition = project / "reference" / "editions" / "main.toml"
    edition.write_text(edition.read_text() + POLICY)
    with open_records(Settings.default()):
        pass
    return project


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def numbers(text: str) -> set[int]:
    return {int(float(found.replace(",", ""))) for found in NUMBER.findall(text)}


def texts(project: Path) -> Iterator[tuple[str, str]]:
    """All that a reader of the reports or a visitor of the UI can see, by where it stands."""
    for path in sorted([*(project / "reports").rglob("*"), *(project / "data" / "charts").rglob("*")]):
        # What the picture shows stands in the headline too.
        if path.is_file() and path.suffix != ".png":
            yield from texts_of(path)
    with open_records(Settings.default()) as records:
        for run in records.get_runs():
            for entry in records.all_logs(run.run_id):
                event = entry.dagster_event
                yield f"event {event.event_type_value if event else ''}", entry.user_message
                if event is not None and event.is_step_materialization:
                    yield "materialization", said_in(event.step_materialization_data.materialization.metadata)
                elif event is not None and event.event_type_value == "ASSET_OBSERVATION":
                    yield "observation", said_in(event.asset_observation_data.asset_observation.metadata)
                elif event is not None and event.event_type_value == "ASSET_CHECK_EVALUATION":
                    check = event.asset_check_evaluation_data
                    yield f"check {check.check_name}", f"{check.description} {said_in(check.metadata)}"


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """What a published file says."""
    if path.suffix in (".csv", ".parquet"):
        table = pd.read_csv(path, dtype=str) if path.suffix == ".csv" else pd.read_parquet(path)
        yield str(path), "\n".join(str(cell) for column in table for cell in table[column])
    elif path.suffix == ".html":
        # Where a line of a chart runs is no count; what it says is.
        html = path.read_text(encoding="utf-8")
        yield str(path), " ".join(re.findall(r'data-value="([^"]*)"', html) + re.sub(r"<[^>]+>", " ", html).split())
    elif path.suffix in (".zip", ".ods", ".xlsx"):
        with zipfile.ZipFile(path) as whole:
            for name in whole.namelist():
                said = whole.read(name).decode("utf-8", errors="replace")
                yield f"{path}: {name}", re.sub(r"<[^>]+>", " ", said) if name.endswith(".xml") else said
    else:
        yield str(path), path.read_text(encoding="utf-8")


def said_in(metadata: Mapping[str, dg.MetadataValue[Any]]) -> str:
    return "\n".join(f"{name}: {value.value}" for name, value in metadata.items())


def seen(project: Path) -> dict[str, set[int]]:
    """Where an exact count is to be seen."""
    return {where: found for where, text in texts(project) if (found := numbers(text) & EXACT)}


def test_a_published_run_shows_no_exact_count(project: Path, publicvalue: Run) -> None:
    status, out, err = publicvalue("run")
    assert status == 0, err
    status, explained, _ = publicvalue("explain", "C-1")
    assert status == 0
    assert not numbers(out + err + explained) & EXACT
    assert "weeks_13  in the job for 13 weeks: withheld" in explained
    assert seen(project) == {}
    # Counts that are shown are found where they are to be: the search looks where a count would stand.
    found = {Path(where).name for where, text in texts(project) if 1015 in numbers(text)}
    assert {"reported_outcomes.csv", "claims.parquet", "C-1.html", "materialization"} <= found
    # An exact count is found, wherever it stands.
    (project / "reports" / "main" / "leak.md").write_text("There were 1,013 of them.")
    assert seen(project) == {str(project / "reports" / "main" / "leak.md"): {1013}}


def test_a_run_that_is_refused_shows_no_exact_count_in_the_ui(project: Path, publicvalue: Run) -> None:
    replace_in(project / "raw" / "C-1" / "contract.toml", "people_engaged = 2000", "people_engaged = 1000")
    status, _, err = publicvalue("run")
    assert status == 1
    assert "more people than were engaged" in err
    assert seen(project) == {}
