"""The ratio that a reader can work out anew is the one that the method works out, whatever is chosen or moved."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.bounds import real_amounts
from pipeline.method.analysis.parameters import cost_ids, rate_ids, weight_ids
from pipeline.method.valuation import STEPS, valued_tables
from pipeline.method.valuation import tables_of as inputs_of
from pipeline.report.choice_words import SWITCHES
from pipeline.report.pages.model import Model, as_script, model_of
from pipeline.report.pages.model_sum import LEAST_SWING, MARKET, Sums, evaluated, sliders_of
from tests.conftest import EDITIONS

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
ModelOf = Callable[[str], Model]
# How many random states are valued anew for each edition: each takes a twentieth of a second.
STATES = 25
NEAR = 1e-9
# What is asked beside a time convention.
ASKS = {"annual": "annual_rung", "horizon": "discounting"}


@pytest.fixture(scope="module")
def model(tables_of: TablesOf, reference: Reference) -> ModelOf:
    def of(edition_id: str) -> Model:
        found = model_of(reference.editions[edition_id], tables_of(edition_id))
        assert found
        return found

    return of


def revalued(
    facts: RawFacts,
    reference: Reference,
    edition: Edition,
    choices: Mapping[str, str],
    values: Mapping[str, float],
) -> dict[str, pd.DataFrame]:
    """Every table that the method makes of an edition with these choices and a reference with these central values."""
    convention, *asked = choices["time"].split("/")
    named = ("deadweight_layer", "unit_value_level", "value_set", "transfers", "set_asides", "optimism_bias")
    other: dict[str, Any] = {name: choices[name] for name in named} | {"time_convention": convention}
    other |= {"payment_bases": tuple(choices["payment_bases"].split(" + "))}
    if asked:
        other |= {ASKS[convention]: asked[0]}
    edition = replace(edition, **other)
    tables = inputs_of(facts, reference)
    costs, hours, rates = (tables[name] for name in ("unit_costs", "hours_weights", "deadweight"))
    of_costs = cost_ids(costs.assign(unit_value_level="central")).map(values)
    tables["unit_costs"] = costs.assign(central_gbp=of_costs.fillna(costs["central_gbp"]))
    tables["hours_weights"] = hours.assign(central=weight_ids(hours).map(values).fillna(hours["central"]))
    tables["deadweight"] = rates.assign(central=rate_ids(rates).map(values).fillna(rates["central"]))
    is_whole = choices["straddling"] == "left out"
    made: dict[str, pd.DataFrame] = {}
    for step in STEPS:
        made |= step.run({**tables, **made}, edition=edition)
        if step.name == "outcomes_in_scope" and is_whole:
            made[step.name] = made[step.name][~made[step.name]["is_estimated"]]
        if step.name == "payments_in_scope":
            payments = made[step.name]
            if edition.payment_bases != reference.editions[edition.edition].payment_bases:
                real = real_amounts(payments, tables["contracts"], tables["gdp_deflators"], edition.price_year)
                payments = payments.assign(amount_real_gbp=real)
            made[step.name] = payments[~payments["is_estimated"]] if is_whole else payments
    return made


def random_states(model: Model, number: int, seed: str) -> list[tuple[dict[str, str], dict[str, float]]]:
    """The published state, and states of which any switch and a third of all values are another."""
    rng = random.Random(seed)
    found: list[tuple[dict[str, str], dict[str, float]]] = [(dict(model["published"]), {})]
    while len(found) < number:
        choices = {switch: rng.choice(options) for switch, options in model["options"].items()}
        moved = [parameter for parameter in model["parameters"] if rng.random() < 0.3]
        found.append((choices, {each["id"]: rng.uniform(each["low"], each["high"]) for each in moved}))
    return found


def figures_of(made: Mapping[str, pd.DataFrame], price_base: str) -> dict[str, tuple[float | None, ...]]:
    """Payments, public and fiscal value and both ratios by scope, None where they are not known."""
    cash = price_base == "cash"
    paid = "outcome_payments_gbp" if cash else "outcome_payments_real_gbp"
    matched = "outcome_payments_in_bcr_gbp" if cash else "outcome_payments_in_bcr_real_gbp"
    ends = "_cash" if cash else ""
    found = {}
    columns = [matched, "public_value_in_bcr_gbp", "fiscal_in_bcr_gbp", f"bcr{ends}", f"fiscal_bcr{ends}"]
    for scope, row in [
        (MARKET, made["market_value"].iloc[0]),
        *((f"area/{row['policy_area']}", row) for _, row in made["policy_area_value"].iterrows()),
    ]:
        found[scope] = tuple(row[columns]) if row["contracts_in_bcr"] else (None,) * 5
    for row in made["contract_value"].to_dict("records"):
        ratios = [row[name] / row[paid] if row["is_in_bcr"] else None for name in ("public_value_gbp", "fiscal_gbp")]
        sums = (row[paid] or None, row["public_value_gbp"], row["fiscal_gbp"])
        found[f"contract/{row['contract_id']}"] = tuple(None if v is None or v != v else v for v in (*sums, *ratios))
    return found


def time_of(row: Mapping[str, str]) -> str:
    """The option of a row of table ``scenarios``, which may name a choice that has no say."""
    convention = row["time_convention"]
    return f"{convention}/{row[ASKS[convention]]}" if convention in ASKS else convention


def as_figures(sums: Sums) -> tuple[float | None, ...]:
    return sums.payments_gbp, sums.public_gbp, sums.fiscal_gbp, sums.ratio, sums.fiscal_ratio


def assert_same(
    found: Mapping[str, tuple[float | None, ...]], expected: Mapping[str, tuple[float | None, ...]]
) -> None:
    """All scopes of the model are those of the method, but for contracts of which nothing is known."""
    for scope, figures in expected.items():
        if scope in found:
            for ours, theirs in zip(found[scope], figures, strict=True):
                assert (ours is None) == (theirs is None), (scope, found[scope], figures)
                assert ours == (pytest.approx(theirs, rel=NEAR, abs=0) if theirs else theirs), scope
        else:
            assert figures == (None,) * 5, scope


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_sum_is_what_the_method_makes_of_the_same_choices_and_values(
    facts: RawFacts, reference: Reference, model: ModelOf, edition_id: str
) -> None:
    edition, of_edition = reference.editions[edition_id], model(edition_id)
    for choices, values in random_states(of_edition, STATES, edition_id):
        made = revalued(facts, reference, edition, choices, values)
        found = {scope: as_figures(sums) for scope, sums in evaluated(of_edition, choices, values).items()}
        assert_same(found, figures_of(made, choices["price_base"]))


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_combination_of_table_scenarios_comes_out(tables_of: TablesOf, model: ModelOf, edition_id: str) -> None:
    of_edition, table = model(edition_id), tables_of(edition_id)["scenarios"]
    # One in seven, which is prime to how many options any choice has; and all that change one choice alone.
    some = table[(table.index % 7 == 0) | (table["changes"] <= 1)]
    assert len(some) > 100
    named = [name for name in of_edition["options"] if name in table.columns]
    for row in some.to_dict("records"):
        choices = {name: row[name] for name in named} | {"time": time_of(row)}
        market = evaluated(of_edition, choices)[MARKET]
        assert (market.payments_gbp, market.public_gbp) == (row["outcome_payments_gbp"], row["public_value_gbp"])
        assert (market.ratio, market.fiscal_ratio) == (row["bcr"], row["fiscal_bcr"])


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_published_state_is_what_is_published(tables_of: TablesOf, model: ModelOf, edition_id: str) -> None:
    found = {scope: as_figures(sums) for scope, sums in evaluated(model(edition_id)).items()}
    assert_same(found, figures_of(tables_of(edition_id), "edition's prices"))


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_whatever_moves_the_published_ratio_that_far_has_a_slider(
    tables_of: TablesOf, model: ModelOf, edition_id: str
) -> None:
    sensitivity = tables_of(edition_id)["sensitivity"]
    moving = sensitivity[(sensitivity["measure"] == "bcr") & (sensitivity["swing"] >= LEAST_SWING * 1.001)]
    sliders = sliders_of(model(edition_id))
    assert set(moving["parameter_id"]) <= set(sliders)
    assert len(sliders) == len(set(sliders))
    assert {each["id"] for each in model(edition_id)["parameters"] if each["low"] < each["high"]} >= set(sliders)


def test_at_the_ends_of_a_range_the_ratio_is_that_of_table_sensitivity_unless_another_line_counts(
    tables_of: TablesOf, model: ModelOf
) -> None:
    """That table keeps the lines that count in the edition; here the larger of two counts, so no ratio is below it."""
    of_edition = model("open-2026")
    table = tables_of("open-2026")["sensitivity"]
    apart = set()
    for row in table[table["measure"] == "bcr"].to_dict("records"):
        for end in ("low", "high"):
            ratio = evaluated(of_edition, None, {row["parameter_id"]: row[end]})[MARKET].ratio
            assert ratio
            if ratio != pytest.approx(row[f"ratio_at_{end}"], rel=1e-7):
                apart.add(row["parameter_id"])
    assert len(apart) < len(table) / 20, apart


def test_switches_are_listed_once_and_each_has_the_published_option(model: ModelOf) -> None:
    for edition_id in EDITIONS:
        found = model(edition_id)
        assert list(found["options"]) == list(found["published"]) == list(SWITCHES)
        assert all(found["published"][switch] in options for switch, options in found["options"].items())
        assert len(found["options"]["straddling"]) == (1 if edition_id == "open-2026" else 2)


def test_a_list_with_an_outcome_that_has_no_rate_is_not_switched_to(tables_of: TablesOf, reference: Reference) -> None:
    tables, edition = tables_of("open-2026"), reference.editions["open-2026"]
    units = tables["units_by_choice"]
    spoilt = units.assign(outcome_id=units["outcome_id"].mask(units["value_set"] == "2015", "nobody_knows"))
    found = model_of(edition, tables | {"units_by_choice": spoilt})
    assert found
    assert found["options"]["value_set"] == ["2026"]
    assert evaluated(found) == evaluated(model_of(edition, tables) or {})


def test_an_edition_that_adds_values_of_a_reading_has_no_model(tables_of: TablesOf, reference: Reference) -> None:
    edition = replace(reference.editions["atq-2024"], added_values=("wellbeing",))
    assert model_of(edition, tables_of("atq-2024")) is None


def test_one_rate_for_all_takes_the_place_of_those_of_the_layer(
    facts: RawFacts, reference: Reference, tables_of: TablesOf
) -> None:
    edition = replace(reference.editions["open-2026"], flat_deadweight=0.4)
    found = model_of(edition, tables_of("open-2026"))
    assert found
    made = valued_tables(inputs_of(facts, reference), edition)
    assert evaluated(found)[MARKET].ratio == made["market_value"]["bcr"].iloc[0]


def test_the_data_are_small_the_same_each_time_and_a_script_that_sets_one_constant(model: ModelOf) -> None:
    for edition_id in EDITIONS:
        found = model(edition_id)
        text = as_script(found, sliders_of(found))
        assert text == as_script(model(edition_id), sliders_of(model(edition_id)))
        assert len(text.encode()) < 150_000
        head, _, data = text.partition("const MODEL = ")
        assert head == '"use strict";\n'
        assert {key: value for key, value in json.loads(data.removesuffix(";\n")).items() if key != "sliders"} == found
