"""The tables between the steps are what their models say, and a wrong one stops."""

from collections.abc import Callable

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import tables_of, valued_tables
from pipeline.tables.catalogue import ENTRIES
from pipeline.tables.raw import RawOutcomes
from pipeline.tables.valuation import NetValue, OutcomesInScope
from tests.conftest import EDITIONS

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def steps(facts: RawFacts, reference: Reference) -> Callable[[str], Tables]:
    def of(edition_id: str) -> Tables:
        tables = valued_tables(tables_of(facts, reference), reference.editions[edition_id])
        return {name: table for name, table in tables.items() if not ENTRIES[name].published_as}

    return of


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_step_gives_what_its_model_says(edition_id: str, steps: Callable[[str], Tables]) -> None:
    tables = steps(edition_id)
    assert tables
    for name, table in tables.items():
        assert len(ENTRIES[name].model.validate(table, lazy=True)) == len(table)


@pytest.mark.parametrize(
    ("column", "change", "said"),
    [
        ("gross_gbp", 1.0, "gross_gbp: not units"),
        ("net_gbp", 1.0, "net_gbp: not gross_gbp"),
        ("units", -1.0, "greater_than_or_equal_to"),
    ],
)
def test_a_wrong_line_stops(column: str, change: float, said: str, steps: Callable[[str], Tables]) -> None:
    table = steps("atq-2024")["net_value"].copy()
    table.loc[table.index[0], column] += change if change > 0 else -table[column].iloc[0] + change
    with pytest.raises(SchemaErrors, match=said):
        NetValue.validate(table, lazy=True)


def test_a_result_in_scope_may_be_withheld_and_one_that_is_read_may_not(
    steps: Callable[[str], Tables], facts: RawFacts
) -> None:
    in_scope = steps("open-2026")["outcomes_in_scope"]
    withheld = in_scope.assign(quantity=float("nan"), quantity_counted=0.0)
    assert OutcomesInScope.validate(withheld, lazy=True)["quantity"].isna().all()
    with pytest.raises(SchemaErrors, match="non-nullable series 'quantity' contains null values"):
        RawOutcomes.validate(facts.outcomes.assign(quantity=float("nan")), lazy=True)


def test_deadweight_on_a_count_that_is_net_already_stops(steps: Callable[[str], Tables]) -> None:
    table = steps("atq-2024")["net_value"]
    net = table["is_net_of_deadweight"]
    wrong = table.assign(
        deadweight=table["deadweight"].where(~net, 0.5), net_gbp=table["net_gbp"].where(~net, table["gross_gbp"] / 2)
    )
    with pytest.raises(SchemaErrors, match="taken off a count that is net already"):
        NetValue.validate(wrong.round({"net_gbp": 2}), lazy=True)
