"""Laws of the bridge, on generated pairs of results: it sums to the penny, and leaves nothing to the program.

Belongs here: what holds between any two results. Which cause a change belongs to stands in ``method/bridge``.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.bridge.bridge import bridge
from pipeline.method.analysis.bridge.causes import CAUSE_OF_CHOICE, CODE, SAYS_NOTHING_OF_VALUE
from pipeline.method.analysis.bridge.results import Result, choices, edition_of
from pipeline.method.analysis.bridge.terms import RATIOS, SUMS
from tests.method.bridge.results import valued
from tests.test_laws import Market, make_market, make_reference, markets, trying
from tests.test_laws import choices as any_choices

__all__ = ["make_market", "make_reference"]  # fixtures

# Changes of the reference, each by its cause.
FACTORS = st.sampled_from([0.5, 1.0, 1.0, 1.37])


@st.composite
def other_reference(draw: st.DrawFn) -> dict[str, object]:
    """What of the reference differs: unit costs, groups, transfers, ladders, hours, prices, mapping."""
    return {
        "costs": draw(st.tuples(*[FACTORS] * 5)),
        "without_training": draw(st.booleans()),
        "groups": draw(st.sampled_from(["work", "", "other"])),
        "is_transfer": draw(st.booleans()),
        "ladder": draw(st.sampled_from(["work", "part"])),
        "hours": draw(st.sampled_from([0.5, 0.9])),
        "deflator": draw(st.sampled_from([92.0, 93.5])),
        "qualified_as": draw(st.sampled_from(["qualification", "training"])),
        "days_per_year": draw(st.sampled_from([np.nan, 300.0])),
        "milestone": draw(st.sampled_from([13.0, 15.0])),
        "care_unit": draw(st.sampled_from(["year", "week"])),
        "horizon": draw(st.sampled_from([40.0, 3.0])),
    }


def changed_reference(reference: Reference, said: dict[str, object]) -> Reference:
    costs, lines = reference.unit_costs, reference.outcome_unit_costs
    factor = np.asarray(said["costs"])[: len(costs)]
    pounds = [column for column in costs if column.endswith("_gbp")]
    costs = costs.assign(**{column: costs[column] * factor for column in pounds})
    costs = costs.assign(
        is_transfer=costs["is_transfer"].mask(costs["unit_cost_id"] == "benefits", said["is_transfer"])
    )
    lines = lines.assign(
        overlap_group=lines["overlap_group"].mask(lines["outcome_id"] == "training", said["groups"]),
        horizon_years=lines["horizon_years"].mask(lines["outcome_id"] == "qualification", said["horizon"]),
    )
    if said["without_training"]:
        lines = lines[lines["outcome_id"] != "training"]
    types, mapping = reference.outcome_types, reference.metric_outcomes
    types = types.assign(unit=types["unit"].mask(types["outcome_id"] == "care", said["care_unit"]))
    types = types.assign(ladder=types["ladder"].mask(types["outcome_id"] == "part_time", said["ladder"]))
    is_qualified, is_days = mapping["metric_id"] == "qualified", mapping["metric_id"] == "days"
    mapping = mapping.assign(
        outcome_id=mapping["outcome_id"].mask(is_qualified, said["qualified_as"]),
        quantity_per_unit=mapping["quantity_per_unit"].mask(is_days, said["days_per_year"]),
        milestone=mapping["milestone"].mask(mapping["metric_id"] == "full_13_weeks", said["milestone"]),
    )
    deflators = reference.gdp_deflators
    index = deflators["gdp_deflator"].mask(deflators["price_year"] == "2017-18", said["deflator"])
    weights = reference.hours_weights
    return replace(
        reference,
        unit_costs=costs,
        outcome_unit_costs=lines,
        outcome_types=types,
        metric_outcomes=mapping,
        hours_weights=weights.assign(central=said["hours"]),
        gdp_deflators=deflators.assign(gdp_deflator=index),
    )


Publish = Callable[[Market, dict[str, object], dict[str, object]], Result]


@pytest.fixture(scope="module")
def publish(
    make_market: Callable[[Market], RawFacts],
    make_reference: Callable[[Market], Reference],
    make_edition: Callable[..., Edition],
) -> Publish:
    """Publish a generated market by a generated reference and any choices."""

    def of(market: Market, said: dict[str, object], chosen: dict[str, object]) -> Result:
        reference = changed_reference(make_reference(market), said)
        return valued(make_market(market), reference, make_edition(**chosen))

    return of


SIDE = st.tuples(markets(), other_reference(), any_choices())


def moved(table: pd.DataFrame) -> "pd.Series[float]":
    whole = table[table["detail"] == ""]
    return whole.groupby(["scope", "measure"])["term"].sum()


def ends(first: Result, second: Result, column: str) -> float:
    return float(second.contract_value[column].sum() - first.contract_value[column].sum())


@pytest.mark.slow
@trying(15)
@given(SIDE, SIDE)
def test_terms_sum_to_the_move_and_leave_nothing_to_the_program(publish: Publish, one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    first, second = publish(*one), publish(*other)
    table = bridge(first, second, with_order=False)
    total = moved(table)
    for measure in SUMS:
        assert total["market", measure] == pytest.approx(ends(first, second, measure), abs=0.001)
    of_code = table[table["cause"] == CODE]
    assert (of_code.loc[~of_code["measure"].isin(list(RATIOS)), "term"] == 0).all(), table.to_string()
    assert (of_code["term"].abs() < 1e-9).all()


@pytest.mark.slow
@trying(10)
@given(SIDE, other_reference(), any_choices())
def test_the_same_market_read_otherwise(publish: Publish, one: tuple, said: dict, chosen: dict) -> None:  # type: ignore[type-arg]
    first, second = publish(*one), publish(one[0], said, chosen)
    table = bridge(first, second)
    whole, details = table[table["detail"] == ""], table[table["detail"] != ""]
    assert (whole.loc[whole["cause"] == CODE, "term"].abs() < 1e-9).all(), whole.to_string()
    # Contracts and areas sum to the market.
    sums = whole[whole["measure"].isin(list(SUMS))]
    by_kind = sums.groupby(["cause", "measure", "scope_kind"])["term"].sum().unstack(fill_value=0.0)
    for kind in ("policy_area", "contract"):
        if kind in by_kind:
            assert (by_kind[kind] - by_kind["market"]).abs().max() < 0.001
    # What stands within a cause sums to it.
    keys = ["cause", "scope", "measure"]
    parts = details.groupby(keys)["term"].sum()
    assert set(parts.index) <= set(whole.set_index(keys).index)
    causes = whole[whole["cause"].isin(details["cause"])].set_index(keys)["term"]
    assert (parts.sub(causes, fill_value=0.0).abs() < 0.001).all()
    known = whole[whole["least"].notna()]
    assert (known["least"] <= known["term"] + 0.001).all()
    assert (known["most"] >= known["term"] - 0.001).all()


@trying(3)
@given(SIDE)
def test_an_unchanged_pair_has_no_terms(publish: Publish, one: tuple) -> None:  # type: ignore[type-arg]
    result = publish(*one)
    assert (bridge(result, result)["term"] == 0).all()


@trying(15)
@given(any_choices())
def test_the_choices_of_an_edition_are_read_back(make_edition: Callable[..., Edition], chosen: dict) -> None:  # type: ignore[type-arg]
    edition = make_edition(**chosen)
    read = edition_of(choices(edition))
    assert read is not None
    assert {name: getattr(read, name) for name in CAUSE_OF_CHOICE} == {
        name: getattr(edition, name) for name in CAUSE_OF_CHOICE
    }


def test_every_choice_belongs_to_a_cause_or_says_nothing_of_value(make_edition: Callable[..., Edition]) -> None:
    named = set(choices(make_edition())["choice"])
    assert named == {*CAUSE_OF_CHOICE, *SAYS_NOTHING_OF_VALUE}
    assert not set(CAUSE_OF_CHOICE) & set(SAYS_NOTHING_OF_VALUE)
