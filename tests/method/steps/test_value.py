"""From units to pounds: gross value, net value, overlaps, and laws that hold for a whole market."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.steps.additionality import RATE_COLUMNS, NoRateError
from pipeline.method.steps.value import gross_value, net_value, with_transfers, without_overlaps
from pipeline.method.valuation import Valuation, value_edition

Row = dict[str, Any]
Builder = Callable[..., pd.DataFrame]

FACTORS = np.asarray(0.9 ** np.arange(61), dtype=np.float64)


def units(*rows: Row) -> pd.DataFrame:
    """Units of outcomes, as ``outcome_units`` gives them: by default two years of two people."""
    defaults: Row = {
        "contract_id": "C-1",
        "outcome_id": "job",
        "is_counted": True,
        "is_net_of_deadweight": False,
        "ladder": "work",
        "unit": "year",
        "people": 2.0,
        "units": 2.0,
    }
    return pd.DataFrame([defaults | row for row in rows])


def values(*rows: Row) -> pd.DataFrame:
    """Values of one unit, as ``unit_values`` gives them: by default £100 of earnings."""
    defaults: Row = {
        "outcome_id": "job",
        "unit_cost_id": "wage",
        "unit": "year",
        "unit_value_gbp": 100.0,
        "horizon_years": np.nan,
        "is_transfer": False,
        "overlap_group": "",
    }
    return pd.DataFrame([defaults | row for row in rows])


# --- Gross value --------------------------------------------------------------------------------------------


def test_each_unit_cost_of_an_outcome_is_a_line(make_edition: Callable[..., Edition]) -> None:
    lines = gross_value(
        units({}, {"contract_id": "C-2", "units": 0.5}),
        values({}, {"unit_cost_id": "nhs", "unit_value_gbp": 5.555}, {"outcome_id": "unused"}),
        make_edition(),
        FACTORS,
    )
    found = {(line.contract_id, line.unit_cost_id): line.gross_gbp for line in lines.itertuples()}
    assert found == {("C-1", "wage"): 200, ("C-1", "nhs"): 11.11, ("C-2", "wage"): 50, ("C-2", "nhs"): 2.78}


def test_outcomes_without_a_value_are_refused_by_name(make_edition: Callable[..., Edition]) -> None:
    with pytest.raises(ValueError, match="without a unit value: care, crime"):
        gross_value(units({}, {"outcome_id": "crime"}, {"outcome_id": "care"}), values({}), make_edition(), FACTORS)


@pytest.mark.parametrize(
    ("convention", "line_years", "gross"),
    [
        ("measured", 40, 200),
        ("annual", 40, 200),
        ("horizon", np.nan, 200),
        ("horizon", 40, 100 * 2 * (1 + 0.9 + 0.81)),
        ("horizon", 2, 100 * 2 * (1 + 0.9)),
    ],
)
def test_a_line_runs_on_under_the_horizon_convention_only(
    make_edition: Callable[..., Edition], convention: str, line_years: float, gross: float
) -> None:
    edition = make_edition(time_convention=convention, horizon_years=3.0)
    (line,) = gross_value(units({}), values({"horizon_years": line_years}), edition, FACTORS).itertuples()
    assert line.gross_gbp == pytest.approx(gross, abs=0.005)


# --- Overlaps -----------------------------------------------------------------------------------------------


def overlapping(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Lines of one contract, as ``net_value`` gives them: ladder, unit cost, overlap group, net value."""
    lines = pd.DataFrame(rows, columns=["ladder", "unit_cost_id", "overlap_group", "net_gbp"])
    return lines.assign(contract_id="C-1", is_counted=True, units=1.0, gross_gbp=1000.0, is_transfer=False)


def kept(lines: pd.DataFrame) -> list[tuple[str, str]]:
    counted, _ = without_overlaps(lines)
    return list(zip(counted["ladder"], counted["unit_cost_id"], strict=True))


def test_the_ladder_of_largest_net_value_counts_with_all_its_lines() -> None:
    lines = overlapping(
        ("work", "wage", "g", 100), ("work", "nhs", "g", 60), ("training", "gain", "g", 150), ("care", "care", "", 1)
    )
    assert kept(lines) == [("work", "wage"), ("work", "nhs"), ("care", "care")]
    _, overlaps = without_overlaps(lines)
    assert list(overlaps["overlap_reason"]) == ["the same benefit (g): only work counts"]


def test_lines_in_no_group_stay_when_their_ladder_does_not_count() -> None:
    lines = overlapping(("work", "wage", "g", 100), ("work", "nhs", "", 60), ("training", "gain", "g", 150))
    assert kept(lines) == [("work", "nhs"), ("training", "gain")]


def test_transfers_too_are_counted_once() -> None:
    lines = overlapping(("work", "benefits", "g", 100), ("training", "benefits", "g", 90)).assign(is_transfer=True)
    assert kept(lines) == [("work", "benefits")]


def test_a_ladder_that_did_harm_does_not_displace_one_that_did_good() -> None:
    lines = overlapping(("training", "gain", "g", -270), ("work", "wage", "g", 10)).assign(gross_gbp=[1000.0, 12.5])
    assert kept(lines) == [("work", "wage")]


def test_where_values_are_equal_the_longer_measured_ladder_counts() -> None:
    lines = overlapping(("a", "wage", "g", 100), ("b", "wage", "g", 100)).assign(units=[1.0, 2.0])
    assert kept(lines) == [("b", "wage")]


def test_groups_and_contracts_do_not_displace_each_other() -> None:
    lines = overlapping(("work", "wage", "g", 100), ("housing", "rent", "h", 1), ("training", "gain", "g", 2))
    both = pd.concat([lines, lines[lines["ladder"] == "training"].assign(contract_id="C-2")])
    counted, overlaps = without_overlaps(both)
    assert list(zip(counted["contract_id"], counted["ladder"], strict=True)) == [
        ("C-1", "work"),
        ("C-1", "housing"),
        ("C-2", "training"),
    ]
    assert len(overlaps) == 1


def test_the_same_people_as_another_metric_never_count_and_displace_nobody() -> None:
    lines = overlapping(("work", "wage", "g", 100), ("training", "gain", "g", 900))
    counted, overlaps = without_overlaps(lines.assign(is_counted=[True, False]))
    assert list(counted["ladder"]) == ["work"]
    assert list(overlaps["overlap_reason"]) == ["the same people as another metric of the contract"]


def test_where_nothing_is_set_aside_every_ladder_of_a_group_counts() -> None:
    lines = overlapping(("work", "wage", "g", 100), ("training", "gain", "g", 900), ("care", "care", "", 1))
    lines["is_counted"] = [True, True, False]
    counted, overlaps = without_overlaps(lines, "none")
    assert list(counted["ladder"]) == ["work", "training"]
    assert list(overlaps["overlap_reason"]) == ["the same people as another metric of the contract"]


@pytest.mark.parametrize(
    ("transfers", "kept_lines", "transfers_left"),
    [("fiscal only", ["benefits", "wage"], 1), ("both", ["benefits", "wage"], 0), ("neither", ["wage"], 0)],
)
def test_transfers_count_where_they_are_to(transfers: str, kept_lines: list[str], transfers_left: int) -> None:
    lines = overlapping(("work", "benefits", "", 100), ("work", "wage", "", 60)).assign(is_transfer=[True, False])
    counted, overlaps = with_transfers(*without_overlaps(lines), transfers)
    assert list(counted["unit_cost_id"]) == kept_lines
    assert counted["is_transfer"].sum() == transfers_left
    assert len(counted) + len(overlaps) == 2
    assert list(overlaps["overlap_reason"]) == ["a transfer, which does not count"] * len(overlaps)


def assert_split(lines: pd.DataFrame) -> None:
    """Every line comes back once, and of each group of a contract the lines of exactly one ladder count."""
    counted, overlaps = without_overlaps(lines)
    both = pd.concat([counted, overlaps.drop(columns="overlap_reason")])
    keys = ["contract_id", "ladder", "unit_cost_id", "overlap_group", "is_counted"]
    pd.testing.assert_frame_equal(
        both[lines.columns].sort_values(keys, ignore_index=True), lines.sort_values(keys, ignore_index=True)
    )
    competing = lines[lines["is_counted"] & (lines["overlap_group"] != "")]
    group = ["contract_id", "overlap_group"]
    is_grouped = counted["overlap_group"] != ""
    assert (counted[is_grouped].groupby(group)["ladder"].nunique() == 1).all()
    # Nothing is larger than what was kept.
    largest = competing.groupby([*group, "ladder"])["net_gbp"].sum().groupby(group).max()
    pd.testing.assert_series_equal(counted[is_grouped].groupby(group)["net_gbp"].sum(), largest)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["C-1", "C-2"]),
            st.sampled_from(["work", "training", "housing"]),
            st.sampled_from(["wage", "benefits", "nhs"]),
            st.sampled_from(["", "g", "h"]),
            st.integers(-2, 3),
            st.booleans(),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda line: (line[0], line[1], line[2], line[3], line[5]),
    )
)
def test_every_line_comes_back_once_and_one_ladder_of_each_group_counts(lines: list[tuple[Any, ...]]) -> None:
    columns = ["contract_id", "ladder", "unit_cost_id", "overlap_group", "net_gbp", "is_counted"]
    table = pd.DataFrame(lines, columns=columns).astype({"net_gbp": float})
    assert_split(table.assign(gross_gbp=3.0, is_transfer=table["unit_cost_id"] == "benefits", units=1.0))


def test_of_the_project_every_line_comes_back_once(valuations: dict[str, Valuation], reference: Reference) -> None:
    for valuation in valuations.values():
        gross = gross_value(valuation.outcome_units, valuation.unit_values, valuation.edition, FACTORS)
        lines = net_value(gross, reference.deadweight, valuation.edition.deadweight_layer)
        assert len(valuation.valued_outcomes) + len(valuation.overlaps) == len(lines)
        assert_split(lines)


# --- Net value ----------------------------------------------------------------------------------------------


def net(make_deadweight: Builder, central: float, layer: str = "assumed", **row: object) -> float:
    lines = units(row).assign(gross_gbp=[1000.0])
    (line,) = net_value(lines, make_deadweight({"central": central}), layer).itertuples()
    return float(line.net_gbp)


@settings(max_examples=20)
@given(st.lists(st.floats(-0.5, 2), min_size=2, max_size=20))
def test_more_deadweight_is_never_more_value(make_deadweight: Builder, rates: list[float]) -> None:
    outcomes = [f"outcome_{number}" for number in range(len(rates))]
    lines = units(*({"outcome_id": outcome} for outcome in outcomes)).assign(gross_gbp=1000.0)
    table = make_deadweight(*({"outcome_id": o, "central": r} for o, r in zip(outcomes, rates, strict=True)))
    found = net_value(lines, table, "assumed").sort_values("deadweight")
    assert (found["net_gbp"].diff().dropna() <= 0).all()
    assert (found.loc[found["deadweight"] > 1, "net_gbp"] <= 0).all()


@pytest.mark.parametrize(("rate", "pounds"), [(0, 1000), (0.33, 670), (1, 0), (1.27, -270), (-0.1, 1100)])
def test_value_is_what_deadweight_leaves_and_negative_above_one(
    make_deadweight: Builder, rate: float, pounds: float
) -> None:
    assert net(make_deadweight, rate) == pounds
    assert net(make_deadweight, rate, layer="none") == 1000


@pytest.mark.parametrize("layer", ["none", "assumed", "studied"])
def test_a_count_that_is_net_already_keeps_its_gross_value(make_deadweight: Builder, layer: str) -> None:
    assert net(make_deadweight, 1.27, layer, is_net_of_deadweight=True) == 1000


def test_an_outcome_without_a_rate_is_refused(make_deadweight: Builder) -> None:
    with pytest.raises(NoRateError, match="'care' has no rate"):
        net(make_deadweight, 0.2, outcome_id="care")


# --- Laws of a whole market ----------------------------------------------------------------------------------

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
markets = st.dictionaries(
    st.tuples(st.sampled_from(["C-1", "C-2", "C-3"]), st.sampled_from(METRICS)), st.integers(0, 500), min_size=3
)
LINE = ["contract_id", "outcome_id", "unit_cost_id", "is_net_of_deadweight"]


def by_line(valuation: Valuation) -> pd.DataFrame:
    return valuation.valued_outcomes.set_index(LINE).sort_index()


def assert_doubled(once: Valuation, facts: RawFacts, reference: Reference) -> None:
    doubled = replace(facts, outcomes=facts.outcomes.assign(quantity=2 * facts.outcomes["quantity"]))
    twice = by_line(value_edition(doubled, reference, once.edition))
    # To the penny of rounding each of the two.
    pounds = ["gross_gbp", "net_gbp"]
    pd.testing.assert_frame_equal(twice[pounds], 2 * by_line(once)[pounds], rtol=0, atol=0.0301)


@settings(max_examples=3)
@given(markets, st.sampled_from(["made-up", "studied", "cut"]))
def test_twice_the_outcomes_are_twice_the_value(
    made_up_reference: Reference, make_facts: Callable[..., RawFacts], market: dict[tuple[str, str], int], edition: str
) -> None:
    facts = make_facts(market)
    once = value_edition(facts, made_up_reference, made_up_reference.editions[edition])
    assert_doubled(once, facts, made_up_reference)


def test_of_the_project_twice_the_outcomes_are_twice_the_value(
    valuations: dict[str, Valuation], facts: RawFacts, reference: Reference
) -> None:
    for valuation in valuations.values():
        assert_doubled(valuation, facts, reference)


def test_of_the_project_deadweight_only_takes_away(valuations: dict[str, Valuation], reference: Reference) -> None:
    for valuation in valuations.values():
        counted = valuation.valued_outcomes.drop(columns=[*RATE_COLUMNS, "net_gbp"])
        gross, assumed, studied = (
            net_value(counted, reference.deadweight, layer)["net_gbp"] for layer in ("none", "assumed", "studied")
        )
        assert (gross == counted["gross_gbp"]).all()
        is_net = counted["is_net_of_deadweight"]
        assert is_net.any()
        for net_gbp in (assumed, studied):
            assert (net_gbp <= gross).all()
            assert (net_gbp[is_net] == gross[is_net]).all()
