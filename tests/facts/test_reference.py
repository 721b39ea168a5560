"""Reference tables: reading them, holding them against each other, and every row of the project's own."""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.problems import Problem, raise_if_any
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import MAY_BE_EMPTY, MAY_BE_MISSING, Reference, read_reference
from pipeline.facts.rules import cross_table_problems
from pipeline.facts.typed_csv import read_text_rows, to_table
from pipeline.tables.catalogue import REFERENCE_TABLES
from pipeline.tables.reference import is_priced
from pipeline.tables.vocabulary import MAPPING_GRADES, TREATMENTS, VALUE_SETS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("known_rules")]

Row = dict[str, Any]
Builder = Callable[..., pd.DataFrame]


# --- Reading ------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(project_root: Path, tmp_path: Path) -> Path:
    """A copy of the project's reference tables, to spoil."""
    return Path(shutil.copytree(project_root / "reference", tmp_path / "reference"))


# How a row ends that has a range, and one that is to be looked at again.
REVIEWED = ",2022-01-31,2030-01-31"
RANGED = ",convention,x" + REVIEWED


def problems_of(folder: Path, table: str) -> list[str]:
    """Read one table and return its problems, one line each."""
    model, name = REFERENCE_TABLES[table], f"{table}.csv"
    rows = read_text_rows(folder / name, f"reference/{name}", list(model.to_schema().columns))
    _, problems = to_table(rows, model)
    return [str(problem) for problem in [*rows.problems, *problems]]


def edit(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change the lines of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")


def test_the_project_s_tables_are_sound(folder: Path, facts: RawFacts) -> None:
    reference, problems = read_reference(folder)
    assert problems == []
    assert cross_table_problems(facts, reference) == []


def test_every_missing_table_is_named(folder: Path) -> None:
    for name in REFERENCE_TABLES:
        (folder / f"{name}.csv").unlink()
    shutil.rmtree(folder / "editions")
    shutil.rmtree(folder / "earlier")
    _, problems = read_reference(folder)
    assert [str(problem) for problem in problems] == [
        *(f"reference/{name}.csv:0: file: missing" for name in REFERENCE_TABLES if name not in MAY_BE_MISSING),
        "reference/editions:0: folder: missing",
    ]


def test_tables_of_spreadsheets_are_read_alike(folder: Path) -> None:
    before, _ = read_reference(folder)
    for name in REFERENCE_TABLES:
        path = folder / f"{name}.csv"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    after, problems = read_reference(folder)
    assert problems == []
    for name in REFERENCE_TABLES:
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        (
            "unit_costs",
            "2015,x,x,economic,x,5,4,6,,,year,2020-21,2020-21,false,weak,s-1,x," + RANGED,
            "central_gbp: low, central and high are out of order: central lies between the two, or all three are the "
            "same (found '4')",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,1,2,3,,,year,2020-21,2020-21,true,weak,s-1,x," + RANGED,
            "is_transfer: only fiscal value can be a transfer (found 'true')",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,1,2,3,,,year,2020/21,2020-21,false,weak,s-1,x," + RANGED,
            r"price_year: not of the form required (found '2020/21', expected '^(19|20)\d\d-\d\d$')",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,1,2,3,,,year,2020-21,2020-21,false,weak,,x," + RANGED,
            "source_id: missing",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,1,2,3,,,year,2020-21,2020-21,false,weak,s-1,," + RANGED,
            "locator: missing",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,1,2,,,,year,2020-21,2020-21,false,weak,s-1,x," + RANGED,
            "high_gbp: missing",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,1,£2,3,,,year,2020-21,2020-21,false,weak,s-1,x," + RANGED,
            "central_gbp: not a number (found '£2'",
        ),
        (
            "deadweight",
            "x,,assumed,0.2,0.1,0.3,x,weak,s-1,x" + RANGED,
            "central: low, central and high are out of order",
        ),
        (
            "deadweight",
            "x,,none,0,0,0,x,weak,s-1,x" + RANGED,
            "layer: not one of the words allowed (found 'none'",
        ),
        (
            "deadweight",
            "x,,assumed,0,20%,1,x,weak,s-1,x" + RANGED,
            "central: not a number (found '20%'",
        ),
        (
            "deadweight",
            "x,,studied,-0.1,0,1,x,weak,s-1,x" + RANGED,
            "low: too small (found '-0.1', expected at least 0)",
        ),
        (
            "deadweight",
            "x,,assumed,0,1,1.2,x,weak,s-1,x" + RANGED,
            "high: above 1 without a study that shows harm (found '1.2')",
        ),
        # The end of a range is no best estimate of the mean.
        (
            "unit_costs",
            "2015,x,x,economic,x,1,1,6,,,year,2020-21,2020-21,false,weak,s-1,x," + RANGED,
            "central_gbp: low, central and high are out of order: central lies between the two",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,2,2,2,,,year,2020-21,2020-21,false,weak,s-1,x," + RANGED,
            "range_basis: fixed where low and high differ, or not fixed where they are the same (found 'convention')",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,1,2,3,,,year,2020-21,2020-21,false,weak,s-1,x,,fixed,x,2022-01-31,2030-01-31",
            "range_basis: fixed where low and high differ, or not fixed where they are the same (found 'fixed')",
        ),
        (
            "unit_costs",
            "2015,x,x,economic,x,2,2,2,1,,year,2020-21,2020-21,false,weak,s-1,x,,fixed,x,2022-01-31,2030-01-31",
            "lowest_kind_gbp: kinds stand on both sides of central, or there are none (found '1')",
        ),
        (
            "unit_costs",
            "2014,x,x,economic,x,1,2,3,,,year,2020-21,2020-21,false,weak,s-1,x," + RANGED,
            "value_set: not one of the words allowed (found '2014'",
        ),
        (
            "deadweight",
            "x,,assumed,0,0,0.4,x,weak,s-1,x" + RANGED,
            "central: low, central and high are out of order: central lies between the two",
        ),
        (
            "gdp_deflators",
            "2031-32,100,true,s-1,x,2022-01-31,2022-01-31",
            "review_by: not after checked_on (found '2022-01-31')",
        ),
        (
            "metric_outcomes",
            "x,x,x,,,,rung,weak,x,s-1",
            "milestone: a metric treated as rung needs a milestone and its unit",
        ),
        (
            "metric_outcomes",
            "x,x,x,3,,,rung,weak,x,s-1",
            "milestone: a metric treated as rung needs a milestone and its unit (found '3')",
        ),
        (
            "metric_outcomes",
            "x,x,x,3,,,valued,weak,x,s-1",
            "milestone_unit: a milestone needs its unit, and a unit its milestone",
        ),
        (
            "metric_outcomes",
            "x,x,x,,week,,valued,weak,x,s-1",
            "milestone_unit: a milestone needs its unit, and a unit its milestone (found 'week')",
        ),
        (
            "metric_outcomes",
            "x,x,x,,,,valued,,x,s-1",
            "grade: a metric treated as valued, rung or overlap needs one; no other may have one",
        ),
        (
            "metric_outcomes",
            "x,x,x,,,,overlap,,x,s-1",
            "grade: a metric treated as valued, rung or overlap needs one; no other may have one",
        ),
        (
            "metric_outcomes",
            "x,x,x,,,,process,weak,x,s-1",
            "grade: a metric treated as valued, rung or overlap needs one; no other may have one (found 'weak')",
        ),
        ("metric_outcomes", "x,x,x,,,,valued,contract,x,s-1", "grade: not one of the words allowed (found 'contract'"),
        ("metric_outcomes", "x,x,x,,,,valued,weak,,s-1", "reason: missing"),
        ("metric_outcomes", "x,x,x,,,,ignored,,x,s-1", "treatment: not one of the words allowed (found 'ignored'"),
        ("outcome_unit_costs", "2015,x,x,0,,,s-1,x", "units_per_outcome: too small (found '0', expected more than 0)"),
        (
            "hours_weights",
            "x,0.6,0.5,1,weak,s-1,x" + RANGED,
            "central: low, central and high are out of order",
        ),
        (
            "hours_weights",
            "x,0,0.5,1.5,weak,s-1,x" + RANGED,
            "high: too large (found '1.5', expected at most 1)",
        ),
        # A lower score is better where the step is negative: then low is the smaller number, which is further from 0.
        (
            "wellbeing_scales",
            "x,x,0,36,-0.1,-0.2,-0.3,,,,,weak,s-1,x" + RANGED,
            "central_points: low, central and high are out of order",
        ),
        (
            "wellbeing_scales",
            "x,x,0,36,-0.1,0.2,0.3,,,,,weak,s-1,x" + RANGED,
            "central_points: low and high lie on two sides of 0, or at it: a scale has one direction (found '0.2')",
        ),
        (
            "wellbeing_scales",
            "x,x,0,36,0,0.2,0.3,,,,,weak,s-1,x" + RANGED,
            "central_points: low and high lie on two sides of 0, or at it",
        ),
        (
            "wellbeing_scales",
            "x,x,0,36,0.2,0.2,0.2,,,,,weak,s-1,x" + RANGED,
            "range_basis: fixed where low and high differ, or not fixed where they are the same",
        ),
        ("wellbeing_scales", "x,x,36,36,0.1,0.2,0.3,,,,,weak,s-1,x" + RANGED, "highest_score: not above lowest_score"),
        (
            "wellbeing_scales",
            "x,x,0,36,0.1,0.2,0.3,1,2,3,2019-20,weak,s-1,x" + RANGED,
            "central_gbp: life_satisfaction has low, central and high in order with their price_year, others none",
        ),
        ("outcome_unit_costs", "2015,x,x,1,61,,s-1,x", "horizon_years: too large (found '61', expected at most 60)"),
        (
            "sources",
            "x,t,p,2025-13,,l,",
            "published: not a date as precise as known (2025, 2025-05 or 2025-05-31) (found '2025-13')",
        ),
        (
            "gdp_deflators",
            "2031-32,0,true,s-1,x" + REVIEWED,
            "gdp_deflator: too small (found '0', expected more than 0)",
        ),
        (
            "discount_rates",
            "standard,126,200,2.5,s-1,x" + REVIEWED,
            "discount_rate: too large (found '2.5', expected at most 0.1)",
        ),
    ],
)
def test_a_row_that_breaks_a_rule_of_its_table(folder: Path, table: str, row: str, said: str) -> None:
    path = folder / f"{table}.csv"
    edit(path, lambda lines: [*lines, row])
    number = len(path.read_text(encoding="utf-8").splitlines())
    expected = f"reference/{table}.csv:{number}: "
    lines = problems_of(folder, table)
    assert all(line.startswith(expected) for line in lines)
    assert any(line.startswith(expected + said) for line in lines)


@pytest.mark.parametrize(
    "table",
    [
        "metric_outcomes",
        "outcome_unit_costs",
        "deadweight",
        "outcome_types",
        "unit_costs",
        "gdp_deflators",
        "sources",
    ],
)
def test_a_row_given_twice_is_said_of_the_later_one(folder: Path, table: str) -> None:
    path = folder / f"{table}.csv"
    edit(path, lambda lines: [*lines, lines[1]])
    last = len(path.read_text(encoding="utf-8").splitlines())
    assert problems_of(folder, table) == [
        f"reference/{table}.csv:{last}: row: the same row twice (expected each row once; first in row 2)"
    ]


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        (
            "outcome_unit_costs",
            "2015,employment_full_time,employment_benefits,0.5,,,gmca-ucd-1-4,x",
            "row: the same key twice "
            "(found '2015, employment_full_time, employment_benefits', "
            "expected value_set, outcome_id and unit_cost_id together once; first in row 2)",
        ),
        (
            "gdp_deflators",
            "2000-01,54,false,hmt-gdp-deflators-2026-03,x" + REVIEWED,
            "price_year: used twice (found '2000-01', expected each once; first in row 2)",
        ),
    ],
)
def test_a_key_given_twice_names_the_row_in_which_it_came_first(folder: Path, table: str, row: str, said: str) -> None:
    path = folder / f"{table}.csv"
    edit(path, lambda lines: [*lines, row])
    last = len(path.read_text(encoding="utf-8").splitlines())
    assert problems_of(folder, table) == [f"reference/{table}.csv:{last}: {said}"]


@pytest.mark.parametrize("table", [name for name in REFERENCE_TABLES if name not in MAY_BE_EMPTY])
def test_a_table_without_rows_is_a_problem(folder: Path, table: str) -> None:
    edit(folder / f"{table}.csv", lambda lines: lines[:1])
    _, problems = read_reference(folder)
    assert [str(problem) for problem in problems] == [
        f"reference/{table}.csv:1: row: no rows (expected at least one row)"
    ]


@pytest.mark.parametrize("table", MAY_BE_EMPTY)
def test_there_may_be_nothing_to_correct_and_nothing_to_weigh(folder: Path, table: str) -> None:
    edit(folder / f"{table}.csv", lambda lines: lines[:1])
    if table == "earlier_publications":
        shutil.rmtree(folder / "earlier")
    reference, problems = read_reference(folder)
    assert problems == []
    assert getattr(reference, table).empty


def test_a_table_that_nobody_reads_is_a_problem_and_another_file_is_none(folder: Path) -> None:
    for name in ("unit_cost.csv", "Notes.CSV", "README.md", ".hidden.csv"):
        (folder / name).write_text("x\n")
    _, problems = read_reference(folder)
    assert [str(problem) for problem in problems] == [
        "reference/Notes.CSV:0: file: unknown file (expected no other table)",
        "reference/unit_cost.csv:0: file: unknown file (expected 'unit_costs.csv')",
    ]


def test_a_link_out_of_the_folder_is_not_read(folder: Path, project_root: Path) -> None:
    (folder / "sources.csv").unlink()
    (folder / "sources.csv").symlink_to(project_root / "reference" / "sources.csv")
    reference, problems = read_reference(folder)
    assert [str(problem) for problem in problems] == ["reference/sources.csv:0: file: a link out of the folder"]
    assert reference.sources.empty


def test_a_link_within_the_folder_is_read(folder: Path) -> None:
    (folder / "sources.csv").rename(folder / "register.txt")
    (folder / "sources.csv").symlink_to("register.txt")
    _, problems = read_reference(folder)
    assert problems == []


# --- Between the tables -------------------------------------------------------------------------------------


METRICS = (
    "started",
    "full_13_weeks",
    "full_26_weeks",
    "part_13_weeks",
    "trained",
    "days",
    "crimes",
    "qualified",
)


@pytest.fixture(scope="module")
def small(reference: Reference, make_sources: Builder, made_up_reference: Reference) -> Reference:
    """The made-up tables with a register of the one source that they cite, and no published figures."""
    return replace(
        made_up_reference,
        sources=make_sources({}),
        published_figures=reference.published_figures.iloc[:0],
        discount_rates=reference.discount_rates.assign(source_id="s-1"),
        corrections=reference.corrections.iloc[:0],
    )


@pytest.fixture(scope="module")
def make_sources() -> Builder:
    def build(*rows: Row) -> pd.DataFrame:
        default = {
            "source_id": "s-1",
            "title": "t",
            "publisher": "p",
            "published": "",
            "address": "",
            "licence": "l",
            "attribution": "",
        }
        return pd.DataFrame([default | row for row in rows])

    return build


@pytest.fixture(scope="module")
def few_facts(make_facts: Callable[..., RawFacts]) -> RawFacts:
    """Every metric that the made-up tables map, in each of the three contracts."""
    return make_facts({(contract, metric): 10 for contract in ("C-1", "C-2", "C-3") for metric in METRICS})


def said(facts: RawFacts, reference: Reference) -> list[str]:
    return [str(problem) for problem in cross_table_problems(facts, reference)]


def with_row(table: pd.DataFrame, position: int, **change: object) -> pd.DataFrame:
    """Return a table with some cells of one row changed."""
    changed = table.copy()
    for column, value in change.items():
        changed.loc[table.index[position], column] = value
    return changed


def test_sound_tables_have_no_problem(few_facts: RawFacts, small: Reference) -> None:
    assert said(few_facts, small) == []


@pytest.mark.parametrize(
    ("position", "change", "expected"),
    [
        (0, {"year_to": 30}, None),
        (
            0,
            {"year_to": 20},
            "3: year_from: a gap between the years (found 'standard 31 to 75', expected a span from year 21 on)",
        ),
        (
            0,
            {"year_to": 35},
            "3: year_from: a year with two rates (found 'standard 31 to 75', expected a span from year 36 on)",
        ),
        (
            0,
            {"year_from": 2},
            "2: year_from: a gap between the years (found 'standard 2 to 30', expected a span from year 1 on)",
        ),
        (1, {"year_to": 29}, "3: year_to: ends before it starts (found 'standard 31 to 29')"),
        (
            4,
            {"year_from": 40},
            "6: year_from: a gap between the years (found 'health 40 to 75', expected a span from year 31 on)",
        ),
        (4, {"year_to": 60}, None),
        (
            4,
            {"year_to": 59},
            "6: year_to: too few years (found 'health to 59', expected a rate for each year up to 60)",
        ),
    ],
)
def test_each_year_has_one_discount_rate(
    few_facts: RawFacts, small: Reference, position: int, change: dict[str, object], expected: str | None
) -> None:
    # Three spans of the standard rates and two of those for health: they end at 125 and at 75 years.
    last = small.discount_rates["schedule"].map({"standard": 125, "health": 75})
    rates = small.discount_rates[small.discount_rates["year_to"] <= last]
    rates = rates.set_axis(range(2, 2 + len(rates)))
    spoilt = replace(small, discount_rates=with_row(rates, position, **change))
    assert said(few_facts, spoilt)[:1] == ([f"reference/discount_rates.csv:{expected}"] if expected else [])


def test_the_standard_discount_rates_must_be_there(few_facts: RawFacts, small: Reference) -> None:
    rates = small.discount_rates
    spoilt = replace(small, discount_rates=rates[rates["schedule"] == "health"])
    assert said(few_facts, spoilt) == [
        "reference/discount_rates.csv:0: schedule: missing (expected the schedule 'standard')"
    ]


def test_a_study_that_nobody_published_is_unknown(
    few_facts: RawFacts, small: Reference, make_edition: Callable[..., Edition]
) -> None:
    spoilt = replace(small, editions={"cut": make_edition(edition="cut", published_edition="1999")})
    assert said(few_facts, spoilt) == [
        "reference/editions/cut.toml:1: published_edition: unknown study "
        "(found '1999', expected one of published_figures.csv, or none)"
    ]


def figures_of(reference: Reference, **change: object) -> pd.DataFrame:
    """One published figure of a contract, from the source that the made-up tables cite."""
    plain = {"scope": "C-1", "source_id": "s-1", "depends_on": "", "nearest": "", "metrics": "", "engaged_metric": ""}
    return reference.published_figures.head(1).assign(**{**plain, **change}).set_axis([2])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"metrics": METRICS[0], "engaged_metric": METRICS[1]}, []),
        ({"scope": "market", "metrics": "none"}, []),
        (
            {"metrics": f"{METRICS[0]}+started_not"},
            "metrics: the metric is not reported (found 'started_not', expected a row in raw/C-1/outcomes.csv)",
        ),
        (
            {"engaged_metric": "nobody"},
            "engaged_metric: the metric is not reported (found 'nobody', expected a row in raw/C-1/outcomes.csv)",
        ),
        ({"depends_on": "gone"}, "depends_on: unknown figure (found 'gone', expected a figure_id)"),
        ({"depends_on": "study_2022_contracts_market"}, []),
    ],
)
def test_what_a_published_figure_names_is_there(
    few_facts: RawFacts, small: Reference, reference: Reference, change: dict[str, object], expected: str | list[str]
) -> None:
    spoilt = replace(small, published_figures=figures_of(reference, **change))
    assert said(few_facts, spoilt) == (
        [f"reference/published_figures.csv:2: {expected}"] if isinstance(expected, str) else []
    )


@pytest.mark.parametrize(
    ("superseded_by", "expected"),
    [
        ({"cut": "later", "later": ""}, []),
        ({"cut": "later"}, ["cut.toml:1: superseded_by: unknown edition (found 'later', expected another edition, or"]),
        ({"cut": "cut"}, ["cut.toml:1: superseded_by: unknown edition (found 'cut', expected another edition, or"]),
        (
            {"cut": "later", "later": "last", "last": "later"},
            [
                "later.toml:1: superseded_by: each edition supersedes the other (found 'last', expected a "
                "later edition, or",
                "last.toml:1: superseded_by: each edition supersedes the other (found 'later', expected a "
                "later edition, or",
            ],
        ),
    ],
)
def test_an_edition_is_superseded_by_a_later_one(
    few_facts: RawFacts,
    small: Reference,
    make_edition: Callable[..., Edition],
    superseded_by: dict[str, str],
    expected: list[str],
) -> None:
    editions = {name: make_edition(edition=name, superseded_by=later) for name, later in superseded_by.items()}
    spoilt = replace(small, editions=editions)
    assert said(few_facts, spoilt) == [f"reference/editions/{text} none)" for text in expected]


def test_an_id_is_written_in_one_way(
    few_facts: RawFacts, small: Reference, make_organisations: Builder, make_outcomes: Builder
) -> None:
    organisations = make_organisations(
        {"organisation_id": "ORG-1", "locator": "a", "row": 2},
        {"organisation_id": "org-1", "locator": "b", "row": 3},
        {"organisation_id": "ORG-2", "locator": "c", "row": 4},
    )
    assert said(replace(few_facts, organisations=organisations), small) == [
        "raw/C-1/organisations.csv:3: organisation_id: the same id written in another way "
        "(found 'org-1', expected 'ORG-1', as elsewhere)"
    ]


@pytest.mark.parametrize("table", ["metric_outcomes", "outcome_unit_costs", "deadweight"])
def test_an_outcome_that_does_not_exist(few_facts: RawFacts, small: Reference, table: str) -> None:
    spoilt = replace(small, **{table: with_row(getattr(small, table), 2, outcome_id="unheard_of")})
    expected = (
        f"reference/{table}.csv:4: outcome_id: unknown outcome (found 'unheard_of', expected one of outcome_types.csv)"
    )
    assert expected in said(few_facts, spoilt)


def test_a_unit_cost_that_does_not_exist(few_facts: RawFacts, small: Reference) -> None:
    spoilt = replace(small, outcome_unit_costs=with_row(small.outcome_unit_costs, 0, unit_cost_id="unheard_of"))
    assert said(few_facts, spoilt) == [
        "reference/outcome_unit_costs.csv:2: unit_cost_id: unknown unit cost "
        "(found 'unheard_of', expected one of unit_costs.csv, of the list of 2015)"
    ]


CHECK: Row = {
    "value_set": "2015",
    "unit_cost_id": "wage",
    "check_gbp": 100.0,
    "unit": "year",
    "price_year": "2020-21",
    "data_year": "2020-21",
    "is_official": True,
    "is_first_hand": True,
    "source_id": "s-1",
    "locator": "made up",
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ""),
        (
            {"unit_cost_id": "wages"},
            "unit_cost_id: unknown unit cost (found 'wages', expected one of unit_costs.csv, of the list of 2015, "
            "such as wage (made up))",
        ),
        # Each list has its own: that of 2026 has no row of it, though an edition would take the one of 2015.
        (
            {"value_set": "2026"},
            "unit_cost_id: unknown unit cost (found 'wage', expected one of unit_costs.csv, of the list of 2026)",
        ),
        (
            {"unit": "week"},
            "unit: not the unit of the unit cost (found 'week', expected year, as in reference/unit_costs.csv:2)",
        ),
        (
            {"unit": "person"},
            "unit: not the unit of the unit cost (found 'person', expected year, as in reference/unit_costs.csv:2)",
        ),
    ],
)
def test_a_figure_beside_which_a_unit_cost_is_held_belongs_to_it(
    few_facts: RawFacts, small: Reference, change: Row, expected: str
) -> None:
    checks = pd.DataFrame([CHECK | change], index=pd.RangeIndex(2, 3))
    assert said(few_facts, replace(small, unit_cost_checks=checks)) == (
        [f"reference/unit_cost_checks.csv:2: {expected}"] if expected else []
    )


def test_a_source_is_official_in_all_its_rows_or_in_none(reference: Reference) -> None:
    by_source = reference.unit_cost_checks.groupby("source_id")["is_official"]
    assert [source_id for source_id, officials in by_source if officials.nunique() > 1] == []


def test_an_attribution_names_the_licence_of_its_source(reference: Reference) -> None:
    """Of the licence of Parliament with its version, as of all that say under which they are licensed."""
    sources = reference.sources
    parliament = sources[sources["licence"].str.startswith("Open Parliament Licence")]
    assert set(parliament["licence"]) == {"Open Parliament Licence v3.0"}
    assert len(parliament) == 4
    for row in parliament.itertuples():
        assert row.attribution.endswith(f"under the {row.licence}"), row.source_id


def test_a_contract_with_claims_is_not_dated_by_its_payments(
    make_claimed_facts: Callable[..., RawFacts], small: Reference
) -> None:
    facts = make_claimed_facts({(contract, metric): (10,) for contract in ("C-1", "C-2", "C-3") for metric in METRICS})
    assert said(facts, small) == []
    paid = pd.DataFrame([{"contract_id": "C-2", "metric_id": "days", "source_id": "s-1"}], index=pd.RangeIndex(2, 3))
    assert said(facts, replace(small, paid_per_unit=paid)) == [
        "reference/paid_per_unit.csv:2: contract_id: its claims say when each result was reached "
        "(found 'C-2', expected no row here; payments date only totals)"
    ]
    # Of totals without claims it may be said, also beside contracts that have some.
    totals = replace(facts, claim_counts=facts.claim_counts.query("contract_id != 'C-2'"))
    assert said(totals, replace(small, paid_per_unit=paid)) == []


def test_a_total_of_several_contracts_is_one_of_results_and_contracts_that_are_there(
    few_facts: RawFacts, small: Reference
) -> None:
    row = {"contract_id": "C-1", "metric_id": METRICS[0], "shared_with": "C-2", "source_id": "s-1"}
    wrong = [row, row | {"shared_with": "C-9"}, row | {"metric_id": "unheard_of"}]
    shared = pd.DataFrame(wrong, index=pd.RangeIndex(2, 5))
    assert said(few_facts, replace(small, shared_results=shared)) == [
        "reference/shared_results.csv:3: shared_with: unknown contract (found 'C-9', expected a folder in raw/)",
        "reference/shared_results.csv:4: metric_id: the metric is not reported "
        "(found 'unheard_of', expected a row in raw/C-1/outcomes.csv, or no row here)",
    ]


def test_a_weight_of_hours_that_does_not_exist(few_facts: RawFacts, small: Reference) -> None:
    spoilt = replace(small, outcome_types=with_row(small.outcome_types, 0, hours_weight_id="unheard_of"))
    assert said(few_facts, spoilt) == [
        "reference/outcome_types.csv:2: hours_weight_id: unknown weight "
        "(found 'unheard_of', expected one of hours_weights.csv)"
    ]


def test_an_edition_that_takes_optimism_bias_off_without_knowing_how_much(
    few_facts: RawFacts, small: Reference, make_edition: Callable[..., Edition]
) -> None:
    table = small.optimism_bias[small.optimism_bias["grade"] != "weak"].reset_index(drop=True)
    assert said(few_facts, replace(small, optimism_bias=table)) == []
    editions = small.editions | {"cautious": make_edition(edition="cautious", optimism_bias="by_grade")}
    assert said(few_facts, replace(small, editions=editions)) == []
    assert said(few_facts, replace(small, editions=editions, optimism_bias=table)) == [
        "reference/editions/cautious.toml:1: optimism_bias: no correction for these grades "
        "(found 'weak', expected a row in reference/optimism_bias.csv for each)"
    ]


def test_a_reported_metric_that_nobody_mapped(few_facts: RawFacts, small: Reference) -> None:
    mapping = small.metric_outcomes
    is_days = (mapping["contract_id"] == "C-1") & (mapping["metric_id"] == "days")
    spoilt = replace(small, metric_outcomes=mapping[~is_days].reset_index(drop=True))
    assert said(few_facts, spoilt) == [
        "raw/C-1/outcomes.csv:2: metric_id: no treatment "
        "(found 'days', expected a row in reference/metric_outcomes.csv: outcome, treatment and reason)"
    ]


def test_a_valued_outcome_without_a_unit_cost(few_facts: RawFacts, small: Reference) -> None:
    costs = small.outcome_unit_costs
    spoilt = replace(small, outcome_unit_costs=costs[costs["outcome_id"] != "crime"].reset_index(drop=True))
    lines = said(few_facts, spoilt)
    assert len(lines) == 3
    assert all("valued, but the outcome has no unit cost (found 'crime'" in line for line in lines)
    unvalued = small.metric_outcomes.assign(
        treatment=small.metric_outcomes["treatment"].where(
            small.metric_outcomes["outcome_id"] != "crime", "no_unit_cost"
        )
    )
    assert said(few_facts, replace(spoilt, metric_outcomes=unvalued)) == []


@pytest.mark.parametrize("change", [{"layer": "studied"}, {"contract_id": "C-1"}])
def test_a_valued_outcome_without_a_general_assumed_deadweight(
    few_facts: RawFacts, small: Reference, change: Row
) -> None:
    position = list(small.deadweight["outcome_id"]).index("crime")
    spoilt = replace(small, deadweight=with_row(small.deadweight, position, **change))
    lines = said(few_facts, spoilt)
    assert len(lines) == 3
    assert all("valued, but the outcome has no assumed deadweight (found 'crime'" in line for line in lines)


@pytest.mark.parametrize(
    "table",
    [
        "metric_outcomes",
        "unit_costs",
        "outcome_unit_costs",
        "deadweight",
        "gdp_deflators",
    ],
)
def test_a_source_of_a_reference_row_that_is_not_registered(few_facts: RawFacts, small: Reference, table: str) -> None:
    spoilt = replace(small, **{table: with_row(getattr(small, table), 1, source_id="hearsay")})
    assert said(few_facts, spoilt) == [
        f"reference/{table}.csv:3: source_id: unknown source (found 'hearsay', expected one of sources.csv)"
    ]


def test_a_source_of_a_contract_that_is_not_registered(few_facts: RawFacts, small: Reference) -> None:
    contracts = with_row(few_facts.contracts, 1, source_id="s-1; hearsay")
    assert said(replace(few_facts, contracts=contracts), small) == [
        "raw/C-2/contract.toml:1: source_id: unknown source (found 'hearsay', expected one of sources.csv)"
    ]


def test_a_source_of_a_price_a_target_or_a_plan_that_is_not_registered(
    few_facts: RawFacts,
    small: Reference,
    make_prices: Builder,
    make_targets: Builder,
    make_planned_payments: Builder,
) -> None:
    made = {"prices": make_prices, "targets": make_targets, "planned_payments": make_planned_payments}
    for table, make in made.items():
        assert said(replace(few_facts, **{table: make({})}), small) == []
        assert said(replace(few_facts, **{table: make({"source_id": "hearsay"})}), small) == [
            f"raw/C-1/{table}.csv:2: source_id: unknown source (found 'hearsay', expected one of sources.csv)"
        ]


def test_a_plan_may_lie_ahead_of_its_source(
    few_facts: RawFacts, small: Reference, make_planned_payments: Builder
) -> None:
    ahead = make_planned_payments({"period_start": pd.Timestamp(2091, 4, 1), "period_end": pd.Timestamp(2091, 6, 30)})
    assert said(replace(few_facts, planned_payments=ahead), small) == []


def test_a_metric_is_priced_and_aimed_at_in_the_letters_of_its_result(
    few_facts: RawFacts, small: Reference, make_prices: Builder, make_targets: Builder
) -> None:
    prices = make_prices({"metric_id": "Qualified"})
    assert said(replace(few_facts, prices=prices), small) == [
        "raw/C-1/prices.csv:2: metric_id: the same id written in another way "
        "(found 'Qualified', expected 'qualified', as elsewhere)"
    ]
    targets = make_targets({"metric_id": "M-9"}, {"metric_id": "m-9", "row": 3})
    assert said(replace(few_facts, targets=targets), small) == [
        "raw/C-1/targets.csv:3: metric_id: the same id written in another way "
        "(found 'm-9', expected 'M-9', as elsewhere)"
    ]


def test_a_price_year_without_a_deflator(few_facts: RawFacts, small: Reference) -> None:
    costs = with_row(small.unit_costs, 1, price_year="1999-00")
    editions = small.editions | {"cut": replace(small.editions["cut"], price_year="2031-32")}
    assert said(few_facts, replace(small, unit_costs=costs, editions=editions)) == [
        "reference/unit_costs.csv:3: price_year: no deflator for this year "
        "(found '1999-00', expected one of gdp_deflators.csv)",
        "reference/editions/cut.toml:1: price_year: no deflator for this year "
        "(found '2031-32', expected one of gdp_deflators.csv)",
    ]


@pytest.mark.parametrize(
    ("first", "second"), [((26.0, "week"), (26.0, "week")), ((0.5, "year"), (6.0, "month"))], ids=["weeks", "mixed"]
)
def test_two_rungs_at_the_same_time(
    few_facts: RawFacts, small: Reference, first: tuple[float, str], second: tuple[float, str]
) -> None:
    """Half a year is six months: one ladder cannot have both."""
    mapping = with_row(small.metric_outcomes, 1, milestone=first[0], milestone_unit=first[1])
    mapping = with_row(mapping, 2, milestone=second[0], milestone_unit=second[1])
    lines = said(few_facts, replace(small, metric_outcomes=mapping))
    assert [line.partition(" (")[0] for line in lines] == [
        f"reference/metric_outcomes.csv:{row}: milestone: the same milestone twice" for row in (3, 4)
    ]


@pytest.mark.parametrize(
    ("unit", "milestone_unit"), [("year", "pound"), ("pound", "week"), ("incident", "week"), ("person", "month")]
)
def test_a_milestone_that_does_not_fit_the_unit_of_its_outcome(
    few_facts: RawFacts, small: Reference, unit: str, milestone_unit: str
) -> None:
    spoilt = replace(
        small,
        outcome_types=with_row(small.outcome_types, 1, unit=unit),
        metric_outcomes=with_row(small.metric_outcomes, 3, milestone_unit=milestone_unit),
    )
    expected = (
        "reference/metric_outcomes.csv:5: milestone_unit: does not fit the unit of the outcome "
        f"(found '{milestone_unit} for an outcome in {unit}')"
    )
    assert expected in said(few_facts, spoilt)


def test_deadweight_of_a_contract_whose_count_is_net_already(few_facts: RawFacts, small: Reference) -> None:
    is_days = (few_facts.outcomes["metric_id"] == "days") & (few_facts.outcomes["contract_id"] == "C-1")
    net = replace(few_facts, outcomes=few_facts.outcomes.assign(is_net_of_deadweight=is_days))
    assert said(net, small) == []
    position = list(small.deadweight["contract_id"]).index("C-2")
    spoilt = replace(small, deadweight=with_row(small.deadweight, position, contract_id="C-1"))
    assert said(few_facts, spoilt) == []
    assert said(net, spoilt) == [
        f"reference/deadweight.csv:{position + 2}: contract_id: deadweight for a count that is already net of "
        "deadweight (found 'C-1 care')"
    ]


@pytest.mark.parametrize(
    "second_line",
    ["", '2015,school_readiness,school_readiness,1,,,gmca-ucd-1-4,"the cost is that\nof the outcome not reached"'],
    ids=["after an empty line", "after a line end within quotes"],
)
def test_a_problem_between_tables_has_its_row_in_the_file(folder: Path, facts: RawFacts, second_line: str) -> None:
    def spoil(lines: list[str]) -> list[str]:
        others = [line for line in lines[1:] if not line.startswith("2015,school_readiness,")]
        readiness = [line for line in lines[1:] if line not in others] if not second_line else []
        return [lines[0], second_line, *readiness, *others, "2015,unheard_of,school_readiness,1,,,gmca-ucd-1-4,made up"]

    path = folder / "outcome_unit_costs.csv"
    edit(path, spoil)
    last = len(path.read_text(encoding="utf-8").splitlines())
    reference, problems = read_reference(folder)
    # A line end within a cell is itself a problem; that the rows below are still counted right is the point here.
    assert [(p.row, p.column) for p in problems] == ([(2, "locator")] if second_line else [])
    assert [(p.path, p.row, p.found) for p in cross_table_problems(facts, reference, problems=problems)] == [
        ("reference/outcome_unit_costs.csv", last, "unheard_of")
    ]


def test_a_contract_without_a_folder(few_facts: RawFacts, small: Reference) -> None:
    mapping = with_row(small.metric_outcomes, 0, contract_id="C-9")
    position = list(small.deadweight["contract_id"]).index("C-2")
    rates = with_row(small.deadweight, position, contract_id="C-8")
    lines = said(few_facts, replace(small, metric_outcomes=mapping, deadweight=rates))
    assert lines == [
        "reference/metric_outcomes.csv:2: contract_id: unknown contract (found 'C-9', expected a folder in raw/)",
        f"reference/deadweight.csv:{position + 2}: contract_id: unknown contract "
        "(found 'C-8', expected a folder in raw/)",
        "raw/C-1/outcomes.csv:2: metric_id: no treatment "
        "(found 'started', expected a row in reference/metric_outcomes.csv: outcome, treatment and reason)",
    ]


def test_a_contract_that_is_not_read_now_is_not_unknown(few_facts: RawFacts, small: Reference) -> None:
    one = RawFacts(*(table[table["contract_id"] == "C-1"] for table in vars(few_facts).values()))
    assert cross_table_problems(one, small, contracts=["C-1", "C-2", "C-3"]) == []


def test_a_mapped_metric_that_nobody_reports(few_facts: RawFacts, small: Reference) -> None:
    outcomes = few_facts.outcomes[few_facts.outcomes["metric_id"] != "days"]
    facts = replace(few_facts, outcomes=outcomes)
    rows = small.metric_outcomes.index[small.metric_outcomes["metric_id"] == "days"]
    expected = [
        f"reference/metric_outcomes.csv:{row}: metric_id: the metric is not reported "
        f"(found 'days', expected a row in raw/{contract}/outcomes.csv, or no row here)"
        for row, contract in zip(rows, ("C-1", "C-2", "C-3"), strict=True)
    ]
    assert said(facts, small) == expected
    # Where results could not be read, nobody can tell; one that is wrong in itself may be misspelt.
    unread = [
        Problem("raw/C-1/outcomes.csv", 1, "quantitiy", "unknown column"),
        Problem("raw/C-3/Outcomes.csv", 0, "file", "unknown file"),
    ]
    assert [str(problem) for problem in cross_table_problems(facts, small, problems=unread)] == [expected[1]]


@pytest.mark.parametrize(
    ("unit", "change", "said_of_it"),
    [
        (
            "incident",
            {},
            "(found 'incident', expected year, or a quantity_per_unit; reported in raw/C-1/outcomes.csv:2)",
        ),
        ("pound", {}, "(found 'pound', expected year, or a quantity_per_unit; reported in raw/C-1/outcomes.csv:2)"),
        ("pound", {"quantity_per_unit": 100.0}, ""),
        ("pound", {"treatment": "no_unit_cost"}, ""),
        ("week", {}, ""),
        ("person", {}, ""),
    ],
)
def test_a_metric_that_cannot_be_converted_into_its_outcome(
    few_facts: RawFacts, small: Reference, unit: str, change: Row, said_of_it: str
) -> None:
    row = METRICS.index("days")
    facts = replace(few_facts, outcomes=with_row(few_facts.outcomes, row, unit=unit))
    what = "its unit cannot be converted into that of its outcome"
    assert said(facts, replace(small, metric_outcomes=with_row(small.metric_outcomes, row, **change))) == (
        [f"reference/metric_outcomes.csv:{row + 2}: metric_id: {what} {said_of_it}"] if said_of_it else []
    )


def test_people_are_no_pounds_without_a_milestone(few_facts: RawFacts, small: Reference) -> None:
    types = with_row(small.outcome_types, list(small.outcome_types["outcome_id"]).index("qualification"), unit="pound")
    costs = small.outcome_unit_costs[small.outcome_unit_costs["outcome_id"] != "qualification"]
    spoilt = replace(small, outcome_types=types, outcome_unit_costs=costs)
    found = [line for line in said(few_facts, spoilt) if "cannot be converted" in line]
    assert len(found) == 3
    assert all("(found 'person', expected pound, or a quantity_per_unit" in line for line in found)


@pytest.mark.parametrize("unit", ["incident", "person", "pound"])
def test_a_unit_cost_that_cannot_be_converted_into_its_outcome(
    few_facts: RawFacts, small: Reference, unit: str
) -> None:
    row = list(small.unit_costs["unit_cost_id"]).index("care_cost")
    line = list(small.outcome_unit_costs["unit_cost_id"]).index("care_cost")
    assert said(few_facts, replace(small, unit_costs=with_row(small.unit_costs, row, unit=unit))) == [
        f"reference/outcome_unit_costs.csv:{line + 2}: unit_cost_id: its unit cannot be converted into that of the "
        f"outcome (found '{unit}', expected year)"
    ]


def test_rungs_that_are_not_counted_alike(few_facts: RawFacts, small: Reference) -> None:
    facts = replace(few_facts, outcomes=with_row(few_facts.outcomes, 1, unit="week"))
    assert said(facts, small) == [
        "reference/metric_outcomes.csv:3: metric_id: not counted like the other milestones of its outcome "
        "(found 'week', expected person)"
    ]
    stated = with_row(small.metric_outcomes, 2, quantity_per_unit=2.0)
    assert said(few_facts, replace(small, metric_outcomes=stated)) == [
        "reference/metric_outcomes.csv:4: metric_id: not counted like the other milestones of its outcome "
        "(found 'person with a quantity_per_unit', expected person)"
    ]


def test_rungs_that_do_not_stand_in_the_order_of_their_milestones(few_facts: RawFacts, small: Reference) -> None:
    mapping = with_row(small.metric_outcomes, 1, milestone=30.0)
    assert said(few_facts, replace(small, metric_outcomes=mapping)) == [
        "reference/metric_outcomes.csv:4: milestone: milestones out of order "
        "(found '26 week', expected a milestone after that of row 3, 30 week)"
    ]


def test_two_overlaps_with_one_outcome_at_the_same_time(few_facts: RawFacts, small: Reference) -> None:
    """They would be two rungs of one ladder, which the valuation refuses."""
    mapping = small.metric_outcomes
    for position in (METRICS.index("trained"), METRICS.index("qualified")):
        mapping = with_row(mapping, position, outcome_id="training", milestone=20.0, milestone_unit="week")
        mapping = with_row(mapping, position, treatment="overlap")
    row = METRICS.index("qualified") + 2
    assert said(few_facts, replace(small, metric_outcomes=mapping)) == [
        f"reference/metric_outcomes.csv:{row}: milestone: two overlaps with one outcome at the same milestone "
        "(found 'C-1 training')"
    ]


def test_a_payment_of_a_year_without_a_deflator(few_facts: RawFacts, small: Reference) -> None:
    early = {"period_start": pd.Timestamp("2001-04-01"), "period_end": pd.Timestamp("2002-03-31")}
    payments = with_row(few_facts.payments, 0, **early)
    long_ago = {"contract_signed": pd.NaT, "service_start": pd.Timestamp("2001-04-01"), "service_end": pd.NaT}
    contracts = few_facts.contracts.assign(**long_ago)
    assert said(replace(few_facts, payments=payments, contracts=contracts), small) == [
        "raw/C-1/payments.csv:2: period_start: no deflator for this year "
        "(found '2001-02', expected one of gdp_deflators.csv)"
    ]
    commitment = with_row(few_facts.payments, 2, period_start=pd.NaT, period_end=pd.NaT)
    assert said(replace(few_facts, payments=commitment), small) == []


@pytest.mark.parametrize(
    ("change", "is_said"),
    [
        ({"quantity": 101.0}, True),
        ({"quantity": 100.0}, False),
        ({"quantity": 101.0, "unit": "week"}, False),
        ({"quantity": float("nan")}, False),
    ],
)
def test_more_people_than_were_engaged(few_facts: RawFacts, small: Reference, change: Row, is_said: bool) -> None:
    row = METRICS.index("qualified")
    facts = replace(few_facts, outcomes=with_row(few_facts.outcomes, row, **change))
    assert said(facts, small) == (
        [
            "raw/C-1/outcomes.csv:2: quantity: more people than were engaged (found '101', expected at most 100 "
            "(people_engaged); or, if it is true, a row in reference/accepted.csv: "
            "people_within_engaged,C-1 made up,101)"
        ]
        if is_said
        else []
    )


def test_more_people_in_the_claims_than_were_engaged_are_not_counted_aloud(
    few_facts: RawFacts, small: Reference, make_claim_counts: Builder
) -> None:
    outcomes = with_row(few_facts.outcomes, METRICS.index("qualified"), quantity=101.0)
    claims = make_claim_counts({"metric_id": "qualified", "quantity": 101.0})
    (problem,) = said(replace(few_facts, outcomes=outcomes, claim_counts=claims), small)
    assert "more people than were engaged (found 'more than 100', expected" in problem
    assert "101" not in problem


@pytest.mark.parametrize(
    ("published", "words"),
    [
        ("2017", "period_start: begins after its source was published (found '2018-04-01'"),
        ("2018-03", "period_start: begins after its source was published (found '2018-04-01'"),
        ("2018-03-31", "period_start: begins after its source was published (found '2018-04-01'"),
        ("2018-04-01", "period_end: ends after its source was published (found '2019-03-31'"),
        ("2018", "period_end: ends after its source was published (found '2019-03-31'"),
        ("2019-03-31", ""),
        ("2019-03", ""),
        ("", ""),
    ],
)
def test_a_period_that_was_not_over_when_its_source_was_published(
    few_facts: RawFacts, small: Reference, make_sources: Builder, published: str, words: str
) -> None:
    """The made-up year is 2018-19; the third payment is a commitment, which may lie ahead."""
    spoilt = replace(small, sources=make_sources({"published": published}))
    lines = [line for line in said(few_facts, spoilt) if not line.startswith("reference/unit_costs.csv")]
    assert len(lines) == (len(few_facts.outcomes) + 2 if words else 0)
    assert all(f": {words}" in line for line in lines)


def test_a_contract_whose_payments_are_all_zero(few_facts: RawFacts, small: Reference) -> None:
    payments = few_facts.payments.assign(amount_gbp=0.0)
    zero = [
        f"raw/{contract}/payments.csv:2: amount_gbp: all payments are zero "
        "(found '0', expected at least one above 0; leave the file out if nothing was paid)"
        for contract in ("C-1", "C-2")
    ]
    # The third is a commitment, which nobody has paid yet.
    assert said(replace(few_facts, payments=payments), small) == zero
    more = pd.concat([payments, payments.assign(amount_gbp=10_000.0)], ignore_index=True)
    assert said(replace(few_facts, payments=more), small) == []


@pytest.mark.parametrize(
    ("first", "second", "is_said"),
    [
        ("E&E1.0.1", "E&E1.0.2", False),
        ("E&E1.0", "E&E1.0.2", True),
        ("E&E1.0.2", "E&E1.0", True),
        ("E&E1.0", "E&E1.3", True),
        ("SS4.1", "SS4.1.2", True),
        ("SS4.1", "SS4.10", False),
        ("SS4.1", "SS4.1", True),
        ("SS4.1", "SS5.1; low SS4.1", False),
        ("page 4", "page 4", False),
    ],
)
def test_unit_costs_of_which_one_is_part_of_the_other(
    few_facts: RawFacts, small: Reference, first: str, second: str, is_said: bool
) -> None:
    costs = small.unit_costs.assign(kind="fiscal")
    costs = with_row(with_row(costs, 0, locator=first), 1, locator=second)
    lines = said(few_facts, replace(small, unit_costs=costs))
    assert [line for line in lines if "outcome_unit_costs.csv:3" in line] == (
        [
            "reference/outcome_unit_costs.csv:3: unit_cost_id: overlapping unit costs "
            f"(found 'benefits, {second}', expected nothing that row 2 covers: wage, {first})"
        ]
        if is_said
        else []
    )
    other_kind = with_row(costs, 1, kind="social")
    assert said(few_facts, replace(small, unit_costs=other_kind)) == []


def test_parameters_past_their_review_are_named(
    few_facts: RawFacts, small: Reference, make_unit_costs: Builder, make_deadweight: Builder
) -> None:
    """The first five of a table, each by what makes its row unique."""
    due = {"review_by": pd.Timestamp("2026-11-01")}
    names = ["wage", "benefits", "training_gain", "care_cost", "harm", "sixth", "seventh"]
    costs = small.unit_costs
    few = replace(
        small,
        unit_costs=costs.assign(
            review_by=costs["review_by"].mask(costs["unit_cost_id"].isin(names[1:3]), *due.values())
        ),
        deadweight=small.deadweight.assign(review_by=[*small.deadweight["review_by"][:-1], *due.values()]),
        discount_rates=with_row(small.discount_rates, 0, **due),
    )
    after, by_then = date(2026, 11, 2), date(2026, 11, 1)
    rates = small.deadweight
    assert [str(problem) for problem in cross_table_problems(few_facts, few, today=after)] == [
        "warning: reference/unit_costs.csv:3: review_by: review overdue: 2015 benefits, 2015 training_gain "
        "(found '2 of 5 rows, the first due by 2026-11-01', expected a newer value, or a later day)",
        f"warning: reference/deadweight.csv:{rates.index[-1]}: review_by: review overdue: care C-2 studied "
        f"(found '1 of {len(rates)} rows, the first due by 2026-11-01', expected a newer value, or a later day)",
        "warning: reference/discount_rates.csv:2: review_by: review overdue: standard 1 "
        f"(found '1 of {len(small.discount_rates)} rows, the first due by 2026-11-01', expected a newer value, or a "
        "later day)",
    ]
    assert cross_table_problems(few_facts, few, today=by_then) == []
    many = replace(small, unit_costs=make_unit_costs(*({"unit_cost_id": name} | due for name in names)))
    (problem,) = (p for p in cross_table_problems(few_facts, many, today=after) if "review" in p.what)
    assert problem.what == (
        "review overdue: 2015 wage, 2015 benefits, 2015 training_gain, 2015 care_cost, 2015 harm and 2 more"
    )


def test_a_source_that_nobody_cites_is_a_warning(few_facts: RawFacts, small: Reference, make_sources: Builder) -> None:
    sources = make_sources({}, {"source_id": "s-2"}, {"source_id": "s-3"}, {"source_id": "s-1-b"})
    sources = sources.set_axis([2, 3, 5, 6])
    rates = with_row(small.deadweight, 0, locator="high as in (s-3), no effect")
    reference = replace(small, sources=sources, deadweight=rates)
    problems = cross_table_problems(few_facts, reference)
    assert [str(problem) for problem in problems] == [
        "warning: reference/sources.csv:3: source_id: no row cites it (found 's-2')",
        "warning: reference/sources.csv:6: source_id: no row cites it (found 's-1-b')",
    ]
    assert all(problem.is_warning for problem in problems)
    raise_if_any(problems)


@pytest.mark.parametrize("path", ["raw/C-1/outcomes.csv", "reference/deadweight.csv"])
def test_nobody_can_tell_what_is_cited_in_a_file_that_is_not_read(
    few_facts: RawFacts, small: Reference, make_sources: Builder, path: str
) -> None:
    reference = replace(small, sources=make_sources({}, {"source_id": "s-2"}))
    assert cross_table_problems(few_facts, reference, problems=[Problem(path, 0, "file", "missing")]) == []


@pytest.mark.parametrize(
    "table",
    ["outcome_types", "unit_costs", "outcome_unit_costs", "deadweight", "sources"],
)
def test_a_table_that_is_not_whole_does_not_make_others_wrong(
    few_facts: RawFacts, small: Reference, table: str
) -> None:
    spoilt = replace(small, **{table: getattr(small, table).iloc[:0]})
    missing = Problem(f"reference/{table}.csv", 0, "file", "missing")
    assert said(few_facts, spoilt) != []
    assert cross_table_problems(few_facts, spoilt, problems=[missing]) == []


def test_an_id_that_cannot_be_read_does_not_make_others_wrong(few_facts: RawFacts, small: Reference) -> None:
    spoilt = replace(small, gdp_deflators=with_row(small.gdp_deflators, 2, price_year="2018/19"))
    path, column = "reference/gdp_deflators.csv", "price_year"
    cascade = said(few_facts, spoilt)
    assert len(cascade) == 4
    unreadable = Problem(path, 4, column, "not of the form required")
    assert cross_table_problems(few_facts, spoilt, problems=[unreadable]) == []
    twice = Problem(path, 4, column, "used twice")
    assert [str(problem) for problem in cross_table_problems(few_facts, spoilt, problems=[twice])] == cascade


def test_nothing_is_said_of_a_cell_of_which_something_was_said(few_facts: RawFacts, small: Reference) -> None:
    spoilt = replace(small, metric_outcomes=with_row(small.metric_outcomes, 5, outcome_id=""))
    empty = Problem("reference/metric_outcomes.csv", 7, "outcome_id", "missing")
    assert cross_table_problems(few_facts, spoilt, problems=[empty]) == []


# --- Every row of the project's own tables --------------------------------------------------------------------


def sourced_tables(reference: Reference) -> dict[str, pd.DataFrame]:
    others = ("outcome_types", "sources", "earlier_publications")
    return {name: getattr(reference, name) for name in REFERENCE_TABLES if name not in others}


def test_every_source_is_registered(facts: RawFacts, reference: Reference) -> None:
    known = set(reference.sources["source_id"])
    for name, table in sourced_tables(reference).items():
        assert set(table["source_id"]) <= known, name
    for table in (table for table in vars(facts).values() if "source_id" in table):
        assert {source for cell in table["source_id"] for source in cell.split("; ")} <= known


@pytest.mark.parametrize(
    "name",
    [
        "unit_costs",
        "outcome_unit_costs",
        "hours_weights",
        "deadweight",
        "gdp_deflators",
        "discount_rates",
        "published_figures",
        "wellbeing_scales",
    ],
)
def test_every_value_says_where_it_is_from(reference: Reference, name: str) -> None:
    table = getattr(reference, name)
    for column in ("source_id", "locator"):
        assert (table[column].str.strip() != "").all(), column


def test_every_source_has_a_title_a_publisher_and_a_licence(reference: Reference) -> None:
    for column in ("title", "publisher", "licence"):
        assert (reference.sources[column].str.strip() != "").all()
    needs_attribution = reference.sources["licence"].str.contains("CC BY|Open Government Licence")
    assert (reference.sources.loc[needs_attribution, "attribution"] != "").all()


def test_every_reported_metric_has_a_treatment_and_a_reason(facts: RawFacts, reference: Reference) -> None:
    keys = ["contract_id", "metric_id"]
    reported = set(facts.outcomes[keys].itertuples(index=False, name=None))
    mapping = reference.metric_outcomes
    assert len(reported) == 436
    assert set(mapping[keys].itertuples(index=False, name=None)) == reported
    assert len(mapping) == 436
    assert set(mapping["treatment"]) <= set(TREATMENTS)
    assert (mapping["reason"].str.strip() != "").all()
    assert not mapping["treatment"].isna().any()


def test_a_mapping_is_graded_by_one_principle(reference: Reference) -> None:
    mapping = reference.metric_outcomes
    priced = mapping[is_priced(mapping["treatment"])]
    assert set(priced["grade"]) == set(MAPPING_GRADES)
    # A beginning, and the least that it can be, stand for the thing itself; hours not stated are medium at most.
    says = priced["reason"].str
    assert set(priced.loc[says.startswith(("only a start", "taken as level 2")), "grade"]) == {"weak"}
    assert "strong" not in set(priced.loc[says.contains("hours not stated"), "grade"])


def test_every_outcome_type_is_used(reference: Reference) -> None:
    assert set(reference.outcome_types["outcome_id"]) == set(reference.metric_outcomes["outcome_id"])


def test_every_unit_cost_and_every_deadweight_rate_is_of_use(reference: Reference) -> None:
    assert set(reference.unit_costs["unit_cost_id"]) == set(reference.outcome_unit_costs["unit_cost_id"])
    assert set(reference.deadweight["outcome_id"]) <= set(reference.metric_outcomes["outcome_id"])
    weights = {"", *reference.hours_weights["hours_weight_id"]}
    assert set(reference.outcome_types["hours_weight_id"]) == weights


def test_a_ladder_has_one_unit(reference: Reference) -> None:
    types = reference.outcome_types[reference.outcome_types["ladder"] != ""]
    assert (types.groupby("ladder")["unit"].nunique() == 1).all()


def test_an_overlap_group_is_of_one_kind_of_money(reference: Reference) -> None:
    """Lines of a group save the same money, so none of them is a transfer while another is not."""
    lines = reference.outcome_unit_costs.merge(reference.unit_costs, on=["value_set", "unit_cost_id"])
    lines = lines[lines["overlap_group"].isin(["benefits", "earnings"])]
    assert (lines.groupby("overlap_group")["is_transfer"].nunique() == 1).all()


def test_benefits_and_taxes_are_transfers(reference: Reference) -> None:
    costs = reference.unit_costs.set_index("unit_cost_id")
    is_transfer = costs.index.str.contains("_benefits|_taxes|_exchequer")
    # The graduate's gain is after tax in the list of 2026, so that what the Exchequer gains comes on top.
    is_transfer &= ~((costs.index == "qualification_level_4_award_taxes") & (costs["value_set"] == "2026"))
    assert is_transfer.any()
    assert (costs["is_transfer"] == is_transfer).all()


def test_transfers_are_counted_by_year_by_person_for_life_or_by_the_pound(reference: Reference) -> None:
    assert set(reference.unit_costs.loc[reference.unit_costs["is_transfer"], "unit"]) == {"year", "person", "pound"}


# Codes of the GMCA database in a locator, with the column of values where one is named: "E&E1.0.1", "CR8.0 social".
GMCA_CODE = re.compile(r"\b(E&E|E&S|[A-Z]{2})(\d+(?:\.\d+)*)\b(?: (fiscal|economic|social)\b)?")


def gmca_cells(reference: Reference, value_set: str) -> dict[str, set[tuple[str, str]]]:
    """Cells (code, kind) of the database on which each unit cost rests; without a kind named, that of the unit cost."""
    cells: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for cost in reference.unit_costs.query("source_id == 'gmca-ucd-1-4' and value_set == @value_set").itertuples():
        assert GMCA_CODE.search(cost.locator), f"{cost.unit_cost_id}: no code in {cost.locator!r}"
        for part in cost.locator.split("; "):
            # "E&S5.0, E&S7.0 economic": a kind named last holds for the codes before it as well.
            last = cost.kind
            for letters, number, kind in reversed(GMCA_CODE.findall(part)):
                last = kind or last
                cells[cost.unit_cost_id].add((f"{letters}{number}", last))
    return cells


@pytest.mark.parametrize("value_set", VALUE_SETS)
def test_a_parent_code_of_the_unit_cost_database_is_never_used_with_its_children(
    reference: Reference, value_set: str
) -> None:
    cells = gmca_cells(reference, value_set)
    clashes = [
        (parent, child)
        for parent, parent_cells in cells.items()
        for child, child_cells in cells.items()
        if parent != child
        for code, kind in parent_cells
        if any(other.startswith(f"{code}.") and other_kind == kind for other, other_kind in child_cells)
    ]
    assert clashes == []


def test_the_fiscal_value_of_a_jobseeker_is_used_in_its_parts(reference: Reference) -> None:
    """E&E1.0 = E&E1.0.1 + E&E1.0.2: £9,800 = £9,234 of benefits and £566 of the NHS."""
    cells = gmca_cells(reference, "2015")
    everything = set().union(*cells.values())
    assert ("E&E1.0", "fiscal") not in everything
    assert {("E&E1.0.1", "fiscal"), ("E&E1.0.2", "fiscal"), ("E&E1.0", "economic")} <= everything
    costs = reference.unit_costs.query("value_set == '2015'").set_index("unit_cost_id")["central_gbp"]
    assert costs["employment_benefits"] + costs["employment_nhs"] == 9_800


def test_every_derivation_of_a_difference_of_prices_uses_the_project_s_deflators(reference: Reference) -> None:
    """A cost restated in a derivation, "a × later / earlier", names deflators that stand in the table."""
    deflators = {f"{index:g}" for index in reference.gdp_deflators["gdp_deflator"]}
    deflators |= {f"{index}" for index in reference.gdp_deflators["gdp_deflator"]}
    restated = re.compile(r"× (\d+\.\d+) / (\d+\.\d+)")
    found = [pair for text in reference.unit_costs["derivation"] for pair in restated.findall(text)]
    assert found
    for later, earlier in found:
        assert {later, earlier} <= deflators


def test_every_edition_has_the_prices_it_asks_for(reference: Reference) -> None:
    years = set(reference.gdp_deflators["price_year"])
    assert {edition.price_year for edition in reference.editions.values()} <= years
    assert set(reference.unit_costs["price_year"]) <= years


def test_price_years_follow_each_other(reference: Reference) -> None:
    firsts = [int(year[:4]) for year in reference.gdp_deflators["price_year"]]
    assert firsts == list(range(firsts[0], firsts[0] + len(firsts)))
    assert all(int(year[5:]) == (int(year[:4]) + 1) % 100 for year in reference.gdp_deflators["price_year"])
    base = reference.gdp_deflators.set_index("price_year")["gdp_deflator"]
    assert base["2024-25"] == 100


def test_an_earlier_publication_is_told_in_an_edition_that_there_is(few_facts: RawFacts, small: Reference) -> None:
    row = {"publication_id": "then", "edition": "gone", "published_on": pd.Timestamp(2020, 1, 1), "note": "made up"}
    told = {name: pd.DataFrame([row | {"told_in": name}], index=[2]) for name in ("made-up", "gone")}
    assert said(few_facts, replace(small, earlier_publications=told["made-up"])) == []
    assert said(few_facts, replace(small, earlier_publications=told["gone"])) == [
        "reference/earlier_publications.csv:2: told_in: unknown edition "
        "(found 'gone', expected an edition in whose report the bridge from it stands)"
    ]
