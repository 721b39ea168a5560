"""Units under every way of counting: those of the edition are its own, and none is there twice or missing."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.scenarios import time_of
from pipeline.method.valuation import Valuation, value_edition
from tests.conftest import EDITIONS

KEY = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"]
TIME = ["time_convention", "annual_rung", "discounting"]
SAME = [*KEY, "ladder", "mapping_grade", "people", "units"]


def of(table: pd.DataFrame, **said: str) -> pd.DataFrame:
    for column, option in said.items():
        table = table[table[column] == option]
    return table


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_units_of_an_edition_are_those_that_it_counts(
    tables_of: Callable[[str], dict[str, pd.DataFrame]],
    valuation_of: Callable[[str], Valuation],
    reference: Reference,
    edition_id: str,
) -> None:
    edition, table = reference.editions[edition_id], tables_of(edition_id)["units_by_choice"]
    time = dict(zip(TIME, time_of(edition), strict=True))
    straddling = "pro rata" if edition.cut_off else ""
    own = of(table, value_set=edition.value_set, straddling=straddling, **time)
    expected = valuation_of(edition_id).outcome_units[SAME]
    pd.testing.assert_frame_equal(
        own[SAME].sort_values(KEY, ignore_index=True), expected.sort_values(KEY, ignore_index=True)
    )


@pytest.mark.parametrize(("list_", "convention"), [("2015", "horizon"), ("2026", "annual"), ("2015", "measured")])
def test_the_units_of_another_choice_are_those_that_an_edition_with_it_counts(
    tables_of: Callable[[str], dict[str, pd.DataFrame]],
    facts: RawFacts,
    reference: Reference,
    list_: str,
    convention: str,
) -> None:
    table = tables_of("atq-2024")["units_by_choice"]
    other = replace(reference.editions["atq-2024"], value_set=list_, time_convention=convention)
    time = dict(zip(TIME, time_of(other), strict=True))
    found = of(table, value_set=list_, straddling="pro rata", **time)[SAME].sort_values(KEY, ignore_index=True)
    expected = value_edition(facts, reference, other).outcome_units[SAME].sort_values(KEY, ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)


def test_without_what_straddles_no_row_rests_on_a_period_that_is_cut(
    tables_of: Callable[[str], dict[str, pd.DataFrame]], valuation_of: Callable[[str], Valuation]
) -> None:
    table, units = tables_of("atq-2022")["units_by_choice"], valuation_of("atq-2022").outcome_units
    left = of(table, straddling="left out")
    assert 0 < len(left) < len(of(table, straddling="pro rata"))
    assert set(tables_of("open-2026")["units_by_choice"]["straddling"]) == {""}
    whole = units[~units["is_estimated"]]
    assert set(whole["contract_id"]) <= set(left["contract_id"])
