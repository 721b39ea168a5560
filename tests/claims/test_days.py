"""Days of claims: each bound with a case just inside and one just outside, and words that say which bound it was."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.claims.reading import read_facts
from pipeline.facts.reference import read_reference
from pipeline.load import find_problems
from tests.claims.made_up_claims import Claim, Write

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 28)
AFTER_SOURCE = "after its source was published (expected 2021-06-30 at the latest)"
AFTER_TODAY = "after today (expected 2026-11-28 at the latest)"
NO_DATE = "not a date (expected a date such as 2018-10-31)"


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def said(project: Path, today: date = TODAY) -> list[str]:
    _, _, problems = find_problems(project / "raw", project / "reference", today=today)
    return [str(problem).partition(": achieved_on: ")[2] for problem in problems if "claims." in problem.path]


def unpublished(project: Path) -> None:
    """The source of the claims without the day on which it was published."""
    path = project / "reference" / "sources.csv"
    lines = path.read_text().splitlines()
    place = lines[0].split(",").index("published")
    rows = [line.split(",") for line in lines]
    rows = [[*row[:place], "", *row[place + 1 :]] if row[0] == "survey-2021" else row for row in rows]
    path.write_text("\n".join([*(",".join(row) for row in rows), ""]))


def on(days: Iterable[str]) -> list[Claim]:
    return [Claim(f"p{n}", "started", "0", day) for n, day in enumerate(days)]


@pytest.mark.parametrize(
    ("day", "what"),
    [
        ("2021-06-30", []),
        ("2021-07-01", [AFTER_SOURCE]),
        ("2099-01-01", [AFTER_SOURCE]),
        ("9999-12-31", [AFTER_SOURCE]),
        ("2017-04-01", []),
        ("2017-03-31", ["more than a year before the service began (expected 2017-04-01 or later)"]),
        ("1999-12-31", ["in another century (expected 2000-01-01 or later)"]),
        ("0001-01-01", ["in another century (expected 2000-01-01 or later)"]),
        ("infinity", [NO_DATE]),
        ("20190630", [NO_DATE]),
        ("43646", [NO_DATE]),
        ("2019-06-30 00:00", [NO_DATE]),
        ("2019-06", [NO_DATE]),
    ],
)
def test_a_day_as_text(claiming: Write, day: str, what: list[str]) -> None:
    assert said(claiming(on([day]))) == what


@pytest.mark.parametrize("day", ["2026-11-29", "2099-01-01", "2262-04-12", "9999-12-31"])
def test_without_a_day_of_publication_nothing_lies_after_today(claiming: Write, day: str) -> None:
    project = claiming(on([day]))
    replaced(project / "raw/C-1/contract.toml", "service_end", "# service_end")
    unpublished(project)
    assert said(project) == [AFTER_TODAY]
    assert said(claiming(on(["2021-07-01"]))) == []


def test_a_source_that_is_published_later_than_today_bounds_nothing(claiming: Write) -> None:
    project = claiming(on(["2020-01-02", "2020-01-01"]))
    assert said(project, today=date(2020, 1, 1)) == ["after today (expected 2020-01-01 at the latest)"]


def test_nobody_reaches_anything_five_years_after_the_service(claiming: Write) -> None:
    project = claiming(on(["2015-06-30", "2015-07-01"]))
    contract = project / "raw/C-1/contract.toml"
    lines = [line for line in contract.read_text().splitlines() if not line.startswith("service_")]
    contract.write_text("\n".join([lines[0], "service_start = 2009-01-01", "service_end = 2010-06-30", *lines[1:], ""]))
    what = "more than five years after the service ended (expected 2015-06-30 at the latest)"
    assert said(project)[:1] == [what]


def test_each_metric_is_held_to_its_own_source(claiming: Write) -> None:
    """The total of a metric whose source is older ends with it, and not with that of another."""
    days = ["2019-12-31", "2020-01-01"]
    claims = [Claim("a", "started", "0", day) for day in days] + [Claim("b", "weeks_13", "13", "2021-01-05")]
    project = claiming(claims)
    sources = project / "reference" / "sources.csv"
    (row,) = [line for line in sources.read_text().splitlines() if line.startswith("survey-2021,")]
    older = row.replace("survey-2021", "older", 1).replace("2021-06", "2019-12")
    assert "2019-12" in older
    sources.write_text(f"{sources.read_text().rstrip()}\n{older}\n")
    replaced(
        project / "raw/C-1/metrics.csv",
        "person,false,survey-2021,C-1 claims\nweeks_13",
        "person,false,older,C-1 claims\nweeks_13",
    )
    assert said(project) == ["after its source was published (expected 2019-12-31 at the latest)"]
    project = claiming([claims[0], claims[2]])
    reference, _ = read_reference(project / "reference")
    facts, problems = read_facts(project / "raw", reference, ["C-1"], today=TODAY)
    assert problems == []
    ends = facts.outcomes.groupby("metric_id")["period_end"].agg(lambda days: [f"{day:%Y-%m-%d}" for day in days])
    assert ends["started"] == ["2019-12-31"]
    assert ends["weeks_13"] == ["2020-03-31", "2021-01-31"]
    assert said(project) == []


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        (pa.scalar(datetime(2019, 6, 30), pa.timestamp("ns")), []),
        (pa.scalar(datetime(2019, 6, 30, 14, 35), pa.timestamp("us")), []),
        (pa.scalar(datetime(2019, 6, 30), pa.timestamp("ms", "UTC")), []),
        # Midnight in London.
        (
            pa.scalar(datetime(2019, 6, 29, 23), pa.timestamp("us", "UTC")),
            ["a time in a time zone (expected a day: a column of dates, or text such as 2018-10-31)"],
        ),
        (pa.scalar(datetime(2099, 1, 1), pa.timestamp("us")), [AFTER_SOURCE]),
        (pa.scalar(datetime(2262, 4, 12), pa.timestamp("us")), [AFTER_SOURCE]),
        (pa.scalar(datetime(9999, 12, 31), pa.timestamp("s")), [AFTER_SOURCE]),
        (pa.scalar(2**31 - 1, pa.int32()).cast(pa.date32()), [AFTER_SOURCE]),
        (pa.scalar(-(2**31) + 1, pa.int32()).cast(pa.date32()), ["in another century (expected 2000-01-01 or later)"]),
        (pa.scalar(date(2019, 6, 30), pa.date64()), []),
        (pa.scalar("2019-06-30", pa.string()), []),
    ],
    ids=range(11),
)
def test_a_day_in_parquet(claiming: Write, cell: pa.Scalar, what: list[str]) -> None:
    project = claiming([])
    (project / "raw/C-1/claims.csv").unlink()
    row = {"participant_id": "a", "metric_id": "started", "milestone": 0.0, "amount_gbp": 1.5, "evidence_id": "file 1"}
    columns = {name: pa.array([value]) for name, value in row.items()} | {"achieved_on": pa.array([cell], cell.type)}
    pq.write_table(pa.table(columns), project / "raw/C-1/claims.parquet")
    assert said(project) == what
