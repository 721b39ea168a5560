"""Rules of what only a reading of somebody else's study uses: each names the row, what is wrong, what was expected."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.facts.rules import cross_table_problems
from pipeline.tables.reading import MOST_STEPS, ReadingValues, Reconstruction

pytestmark = pytest.mark.usefixtures("known_rules")


def with_cells(table: pd.DataFrame, place: int, **cells: Any) -> pd.DataFrame:
    """A table with other values in one row."""
    table = table.copy()
    for column, value in cells.items():
        table.loc[table.index[place], column] = value
    return table


def said(facts: RawFacts, reference: Reference) -> list[str]:
    """What is wrong, without what is only worth a word."""
    return [str(problem) for problem in cross_table_problems(facts, reference) if not problem.is_warning]


def test_the_project_s_own_reading_is_sound(facts: RawFacts, reference: Reference) -> None:
    assert said(facts, reference) == []
    assert len(reference.reading_values) > 0
    assert len(reference.reconstruction) > 0


def test_no_edition_of_ours_takes_a_value_of_a_reading(facts: RawFacts, reference: Reference) -> None:
    edition = replace(reference.editions["open-2026"], added_values=("wellbeing",))
    spoilt = replace(reference, editions=reference.editions | {"open-2026": edition})
    assert said(facts, spoilt) == [
        "reference/editions/open-2026.toml:1: added_values: an edition cannot use the values of a reading "
        "(found 'wellbeing', expected none)"
    ]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"outcome_id": "joy"}, "outcome_id: unknown outcome (found 'joy', expected one of outcome_types.csv)"),
        ({"contract_id": "C-1"}, "contract_id: unknown contract (found 'C-1', expected a contract in raw/, or none)"),
        (
            {"contract_id": "INDIGO-POJ-0318", "metric_id": "joy"},
            "metric_id: unknown metric (found 'joy', expected one of metric_outcomes.csv)",
        ),
        (
            {"price_year": "1970-71"},
            "price_year: no deflator for this year (found '1970-71', expected one of gdp_deflators.csv)",
        ),
        (
            {"deadweight": 0.2},
            "deadweight: deadweight.csv has a rate for the outcome (found '0.2', expected none here)",
        ),
        (
            {"outcome_id": "hiv_treatment", "deadweight": 0.4},
            "deadweight: another rate for the same outcome (found '0.2', expected 0.4, as above)",
        ),
        (
            {"outcome_id": "hiv_treatment"},
            "deadweight: no rate of deadweight for the outcome (expected a share here, or a row in deadweight.csv)",
        ),
    ],
)
def test_an_added_value_fits_the_other_tables(
    facts: RawFacts, reference: Reference, cells: dict[str, Any], expected: str
) -> None:
    found = said(facts, replace(reference, reading_values=with_cells(reference.reading_values, 0, **cells)))
    assert any(line.startswith("reference/reading_values.csv:") and line.endswith(expected) for line in found), found


def test_a_wellby_has_a_value(facts: RawFacts, reference: Reference) -> None:
    found = said(facts, replace(reference, wellbeing_scales=reference.wellbeing_scales.iloc[1:]))
    assert found
    assert all("no value for a WELLBY" in line for line in found)


@pytest.mark.parametrize(
    ("choice", "cells", "expected"),
    [
        ("transfers", {"setting": "all"}, "setting: Input should be 'fiscal only', 'both' or 'neither' (found 'all')"),
        ("flat_deadweight", {"low_setting": "some"}, "low_setting: not a number (found 'some')"),
        ("flat_deadweight", {"high_setting": "2"}, "high_setting: Input should be less than or equal to 1 (found '2')"),
        (
            "added_values",
            {"setting": "joy:low"},
            "setting: no such group of added values (found 'joy:low', expected an added_value of reading_values.csv)",
        ),
        (
            "published_ratio",
            {"setting": "study_2022_people_market"},
            "setting: no published ratio (found 'study_2022_people_market', "
            "expected own_study, or a figure of measure bcr)",
        ),
        (
            "transfers",
            {"figure_ids": "none_such"},
            "figure_ids: unknown published figure (found 'none_such', expected one of published_figures.csv)",
        ),
    ],
)
def test_a_step_makes_a_choice_that_there_is(
    facts: RawFacts, reference: Reference, choice: str, cells: dict[str, Any], expected: str
) -> None:
    steps = reference.reconstruction
    place = list(steps["choice"]).index(choice)
    row = steps.index[place]
    found = said(facts, replace(reference, reconstruction=with_cells(steps, place, **cells)))
    assert found == [f"reference/reconstruction.csv:{row}: {expected}"]


def test_steps_are_not_too_many_to_be_combined(facts: RawFacts, reference: Reference) -> None:
    steps = reference.reconstruction
    more = steps.iloc[:1].assign(step_id=[f"more_{n}" for n in range(1)], order=99)
    together = pd.concat([steps, *[more.assign(step_id=f"more_{n}") for n in range(MOST_STEPS + 1 - len(steps))]])
    (line,) = said(facts, replace(reference, reconstruction=together.reset_index(drop=True)))
    assert "too many steps: each doubles the number of readings" in line


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"central_gbp": 1.0}, "central_gbp: in pounds low, central and high are out of order"),
        ({"valued_in": "wellby"}, "in WELLBYs there are none"),
        ({"central_units": 9.0}, "central_units: low, central and high are out of order"),
        ({"kind": "social", "is_transfer": True}, "is_transfer: only fiscal value can be a transfer"),
        ({"metric_id": "m1"}, "metric_id: a metric is one of a contract"),
    ],
)
def test_the_model_of_added_values(reference: Reference, cells: dict[str, Any], expected: str) -> None:
    with pytest.raises(SchemaErrors, match=expected):
        ReadingValues.validate(with_cells(reference.reading_values, 0, **cells), lazy=True)


@pytest.mark.parametrize(
    ("place", "cells", "expected"),
    [
        (0, {"order": 2}, "order: two steps at one place"),
        (0, {"is_plug": True}, "is_plug: what puts in a published result comes last"),
        (-1, {"is_plug": False}, "is_plug: published_ratio puts in a published result"),
        (0, {"choice": "title"}, "choice"),
    ],
)
def test_the_model_of_steps(reference: Reference, place: int, cells: dict[str, Any], expected: str) -> None:
    with pytest.raises(SchemaErrors, match=expected):
        Reconstruction.validate(with_cells(reference.reconstruction, place, **cells), lazy=True)


def test_a_reading_without_plugs_is_sound(reference: Reference) -> None:
    steps = reference.reconstruction
    assert len(Reconstruction.validate(steps[~steps["is_plug"]], lazy=True)) == (~steps["is_plug"]).sum()
