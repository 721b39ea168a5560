"""Each change appears under its own cause, with its consequences, and under no other; so do mixes of changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.bridge.bridge import bridge
from pipeline.method.analysis.bridge.causes import CAUSES, CODE
from pipeline.method.analysis.bridge.results import Result
from pipeline.method.analysis.bridge.terms import SUMS
from tests.conftest import part_of
from tests.method.bridge.results import valued


@dataclass(frozen=True)
class Case:
    """A market, the reference by which it is valued, and the choices of the edition."""

    facts: RawFacts
    reference: Reference
    edition: Edition

    def result(self) -> Result:
        return valued(self.facts, self.reference, self.edition)


def set_where(table: pd.DataFrame, column: str, value: Any, **key: Any) -> pd.DataFrame:
    """The table with another value in a column of the rows that have ``key``."""
    found = pd.Series(True, index=table.index)
    for name, wanted in key.items():
        found &= table[name] == wanted
    assert found.any(), key
    return table.assign(**{column: table[column].mask(found, value)})


def of_facts(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Case], Case]:
    return lambda case: replace(case, facts=replace(case.facts, **{name: change(getattr(case.facts, name))}))


def of_reference(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Case], Case]:
    return lambda case: replace(
        case, reference=replace(case.reference, **{name: change(getattr(case.reference, name))})
    )


def of_edition(**choices: Any) -> Callable[[Case], Case]:
    return lambda case: replace(case, edition=replace(case.edition, **choices))


def without_c_3(case: Case) -> Case:
    tables = {name: getattr(case.facts, name) for name in ("contracts", "outcomes", "payments")}
    kept = {name: table[table["contract_id"] != "C-3"] for name, table in tables.items()}
    return replace(case, facts=replace(case.facts, **kept))


def corrected(case: Case) -> Case:
    """A correction of what C-2 reports, as it is declared: the source says 730 days, 365 are used."""
    correction = case.reference.corrections.head(0)
    row = {"table": "outcomes", "contract_id": "C-2", "locator": "row", "column": "quantity"}
    declared = pd.DataFrame([{**dict.fromkeys(correction.columns, "made up"), **row, "reported": "730", "used": "365"}])
    outcomes = set_where(case.facts.outcomes, "locator", "row", contract_id="C-2", metric_id="days")
    outcomes = set_where(outcomes, "quantity", 365.0, contract_id="C-2", metric_id="days")
    return Case(replace(case.facts, outcomes=outcomes), replace(case.reference, corrections=declared), case.edition)


CHANGES: dict[str, tuple[str, Callable[[Case], Case]]] = {
    "a contract leaves": ("contracts", without_c_3),
    "a contract moves to another area": (
        "contracts",
        of_facts("contracts", lambda t: set_where(t, "policy_area", "health", contract_id="C-3")),
    ),
    "a count": (
        "results",
        of_facts("outcomes", lambda t: set_where(t, "quantity", 61.0, contract_id="C-1", metric_id="full_13_weeks")),
    ),
    "a count that switches what is set aside": (
        "results",
        of_facts("outcomes", lambda t: set_where(t, "quantity", 900.0, contract_id="C-1", metric_id="trained")),
    ),
    "another outcome": (
        "mapping",
        of_reference(
            "metric_outcomes",
            lambda t: set_where(t, "outcome_id", "qualification", contract_id="C-2", metric_id="trained"),
        ),
    ),
    "a metric that is no longer counted": (
        "mapping",
        of_reference(
            "metric_outcomes", lambda t: set_where(t, "treatment", "process", contract_id="C-3", metric_id="crimes")
        ),
    ),
    "a milestone": (
        "ladders_and_set_asides",
        of_reference("metric_outcomes", lambda t: set_where(t, "milestone", 15.0, metric_id="full_13_weeks")),
    ),
    "what saves the same money": (
        "ladders_and_set_asides",
        of_reference("outcome_unit_costs", lambda t: set_where(t, "overlap_group", "", outcome_id="training")),
    ),
    "a unit cost": (
        "unit_costs",
        of_reference("unit_costs", lambda t: set_where(t, "central_gbp", 1_100.0, unit_cost_id="care_cost")),
    ),
    "an outcome without a unit cost": (
        "unit_costs",
        of_reference("outcome_unit_costs", lambda t: t[t["outcome_id"] != "crime"]),
    ),
    "the weight of hours": (
        "unit_costs",
        of_reference("hours_weights", lambda t: t.assign(central=0.61)),
    ),
    "the level of unit costs": ("unit_costs", of_edition(unit_value_level="low")),
    "a deflator": (
        "price_base",
        of_reference("gdp_deflators", lambda t: set_where(t, "gdp_deflator", 93.0, price_year="2018-19")),
    ),
    "the price year": ("price_base", of_edition(price_year="2019-20")),
    "a rate of deadweight": (
        "deadweight",
        of_reference("deadweight", lambda t: set_where(t, "central", 0.44, outcome_id="crime", layer="assumed")),
    ),
    "the layer of deadweight": ("deadweight", of_edition(deadweight_layer="assumed")),
    "optimism bias": ("optimism_bias", of_edition(optimism_bias="by_grade")),
    "a transfer": (
        "transfers",
        of_reference("unit_costs", lambda t: set_where(t, "is_transfer", False, unit_cost_id="benefits")),
    ),
    "where transfers count": ("transfers", of_edition(transfers="both")),
    "transfers that count nowhere": ("transfers", of_edition(transfers="neither")),
    "nothing set aside": ("ladders_and_set_asides", of_edition(set_asides="none")),
    "one rate for all": ("deadweight", of_edition(flat_deadweight=0.2)),
    "a year for every rung": ("time_convention", of_edition(time_convention="annual", annual_rung="every_rung")),
    "a payment": (
        "payments",
        of_facts("payments", lambda t: set_where(t, "amount_gbp", 12_345.67, contract_id="C-1")),
    ),
    "which payments count": ("payments", of_edition(payment_bases=("paid",))),
    "how long an outcome counts": ("time_convention", of_edition(time_convention="annual")),
    "the cut-off": ("cut_off", of_edition(cut_off=date(2018, 12, 31))),
    "a correction": ("corrections", corrected),
}


@pytest.fixture(scope="module")
def base(
    made_up_reference: Reference, make_facts: Callable[..., RawFacts], make_edition: Callable[..., Edition]
) -> Case:
    """A market in which every change above moves something."""
    quantities = {
        (contract, metric): number
        for contract in ("C-1", "C-2", "C-3")
        for metric, number in {
            **{"started": 80, "full_13_weeks": 60, "full_26_weeks": 40, "part_13_weeks": 9},
            **{"trained": 12, "days": 730, "crimes": 30, "qualified": 5},
        }.items()
    }
    facts = make_facts(quantities)
    outcomes = facts.outcomes.assign(locator=[f"row {n}" for n in range(len(facts.outcomes))])
    outcomes = set_where(outcomes, "locator", "row", contract_id="C-2", metric_id="days")
    rates = set_where(made_up_reference.deadweight, "central", 0.3, outcome_id="training", layer="studied")
    none = made_up_reference.corrections.head(0)
    reference = replace(made_up_reference, corrections=none, deadweight=rates)
    return Case(replace(facts, outcomes=outcomes), reference, make_edition(deadweight_layer="studied"))


def terms_of_causes(table: pd.DataFrame) -> set[str]:
    """The causes under which anything moves."""
    whole = table[table["detail"] == ""]
    return set(whole.loc[whole["term"] != 0, "cause"])


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_appears_under_its_own_cause_alone(base: Case, name: str) -> None:
    cause, change = CHANGES[name]
    table = bridge(base.result(), change(base).result(), with_order=False)
    assert terms_of_causes(table) == {cause}, table[table["scope"] == "market"].to_string()


def test_every_cause_has_been_tried() -> None:
    assert {cause for cause, _ in CHANGES.values()} == set(CAUSES)


def test_a_count_brings_its_consequences_along(base: Case) -> None:
    _, change = CHANGES["a count that switches what is set aside"]
    first, second = base.result(), change(base).result()
    table = bridge(first, second)
    row = table[(table["cause"] == "results") & (table["scope"] == "C-1") & (table["measure"] == "public_value_gbp")]
    value = [side.contract_value.set_index("contract_id").loc["C-1", "public_value_gbp"] for side in (first, second)]
    assert row["term"].item() == pytest.approx(value[1] - value[0], abs=0.001)
    # Jobs count no longer, training does.
    assert row["term"].item() < 900 * 9_000 * 2


def test_a_contract_takes_its_payments_along(base: Case) -> None:
    table = bridge(base.result(), without_c_3(base).result())
    market = table[(table["scope"] == "market") & (table["cause"] == "contracts")].set_index("measure")["term"]
    gone = base.result().contract_value.set_index("contract_id").loc["C-3"]
    for measure in SUMS:
        assert market[measure] == pytest.approx(-(gone[measure] if pd.notna(gone[measure]) else 0.0), abs=0.001)


def test_unit_costs_and_rates_are_told_one_by_one(base: Case) -> None:
    changed = CHANGES["a unit cost"][1](CHANGES["a rate of deadweight"][1](base))
    changed = of_reference("unit_costs", lambda t: set_where(t, "central_gbp", 999.0, unit_cost_id="harm"))(changed)
    table = bridge(base.result(), changed.result())
    details = table[(table["detail"] != "") & (table["scope"] == "market") & (table["measure"] == "public_value_gbp")]
    assert dict(zip(details["detail"], details["cause"], strict=True)) == {
        "care_cost": "unit_costs",
        "harm": "unit_costs",
        "crime": "deadweight",
    }


@settings(max_examples=part_of(10), deadline=None)
@given(st.lists(st.sampled_from(sorted(CHANGES)), min_size=2, max_size=6, unique=True))
def test_mixes_of_changes_leave_nothing_to_the_program(base: Case, names: list[str]) -> None:
    changed = base
    # A contract that is gone cannot change any more.
    for name in sorted(names, key=lambda name: name == "a contract leaves"):
        changed = CHANGES[name][1](changed)
    table = bridge(base.result(), changed.result(), with_order=False)
    assert terms_of_causes(table) <= {CHANGES[name][0] for name in names}
    assert (table.loc[table["cause"] == CODE, "term"].abs() < 1e-9).all()
