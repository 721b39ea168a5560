"""Protection: of contracts with claims only counts that may be published go on, row for row."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from pipeline.claims.disclosure import DisclosurePolicy
from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.tables import analysed, published_tables
from pipeline.method.steps.protection import policy_of, protected_outcomes
from pipeline.method.valuation import value_edition
from pipeline.report.text.explain import explain

Builder = Callable[..., pd.DataFrame]
Facts = Callable[..., RawFacts]
Editions = Callable[..., Edition]

NAN = math.nan


def totals(outcomes: pd.DataFrame, contract_id: str = "C-1") -> dict[str, list[float]]:
    """Quantities of a contract by metric, in order of their ends."""
    rows = outcomes[outcomes["contract_id"] == contract_id].sort_values("period_end")
    return {str(metric): group["quantity"].tolist() for metric, group in rows.groupby("metric_id")}


@pytest.fixture
def claimed(make_claimed_facts: Facts) -> RawFacts:
    """A contract with many people in its first year, one with few, and a metric never claimed."""
    return make_claimed_facts(
        {
            ("C-1", "started"): (41, 30, 22),
            ("C-1", "full_13_weeks"): (3, 4, 1),
            ("C-1", "full_26_weeks"): (0, 0, 0),
            ("C-1", "days"): (400, 0, 0),
        },
        {("C-1", "days"): (4, 0, 0)},
    )


def protected(facts: RawFacts, edition: Edition) -> pd.DataFrame:
    return protected_outcomes(facts.outcomes, facts.claim_counts, policy_of(edition))


def test_results_have_the_protected_total_up_to_their_year(claimed: RawFacts, make_edition: Editions) -> None:
    shown = protected(claimed, make_edition())
    assert totals(claimed.outcomes)["started"] == [41, 71, 93]
    found = totals(shown)
    assert found["started"] == [40, 70, 95]
    assert found["full_26_weeks"] == [0, 0, 0]
    assert found["full_13_weeks"] == pytest.approx([NAN, NAN, NAN], nan_ok=True)
    # Many days of few people.
    assert found["days"] == pytest.approx([NAN, NAN, NAN], nan_ok=True)
    pd.testing.assert_frame_equal(shown.drop(columns="quantity"), claimed.outcomes.drop(columns="quantity"))


def test_the_edition_says_what_is_withheld_and_how_exact_the_rest_is(claimed: RawFacts, make_edition: Editions) -> None:
    edition = make_edition(disclosure_threshold=0, disclosure_rounding=1)
    assert policy_of(edition) == DisclosurePolicy(threshold=0, rounding=1)
    assert policy_of(make_edition()) == DisclosurePolicy(threshold=10, rounding=5)
    pd.testing.assert_frame_equal(protected(claimed, edition), claimed.outcomes)
    strict = make_edition(disclosure_threshold=100, disclosure_rounding=50)
    found = totals(protected(claimed, strict))["started"]
    assert found == pytest.approx([NAN, NAN, NAN], nan_ok=True)


def test_what_was_protected_before_comes_out_the_same(claimed: RawFacts, make_edition: Editions) -> None:
    once = protected(claimed, make_edition())
    pd.testing.assert_frame_equal(protected(replace(claimed, outcomes=once), make_edition()), once)


def test_nothing_changes_where_there_are_no_claims(make_facts: Facts, make_edition: Editions) -> None:
    without = make_facts({("C-1", "started"): 3, ("C-2", "days"): 5})
    assert protected(without, make_edition()) is without.outcomes


def test_a_contract_without_claims_keeps_its_results_beside_one_that_has_some(
    claimed: RawFacts, make_outcomes: Builder, make_edition: Editions
) -> None:
    reported = make_outcomes({"contract_id": "C-2", "metric_id": "started", "quantity": 3.0, "period_end": pd.NaT})
    both = pd.concat([claimed.outcomes, reported, claimed.outcomes.assign(contract_id="C-3")])
    with_counts = pd.concat([claimed.claim_counts, claimed.claim_counts.assign(contract_id="C-3")])
    outcomes = protected_outcomes(both, with_counts, policy_of(make_edition()))
    assert totals(outcomes, "C-2") == {"started": [3]}
    assert totals(outcomes, "C-3")["started"] == totals(outcomes)["started"] == [40, 70, 95]


@pytest.mark.parametrize("change", [{"metric_id": "trained"}, {"period_end": pd.Timestamp("2025-03-31")}])
def test_a_result_that_no_claim_explains_is_refused_not_handed_on(
    claimed: RawFacts, make_edition: Editions, change: dict[str, object]
) -> None:
    last = claimed.outcomes.index == claimed.outcomes.index[2]
    outcomes = claimed.outcomes.copy()
    for column, value in change.items():
        outcomes.loc[last, column] = value
    with pytest.raises(ValueError, match="results without claims: C-1") as refused:
        protected(replace(claimed, outcomes=outcomes), make_edition())
    assert "93" not in str(refused.value)


# --- Every way out ----------------------------------------------------------------------------------------------


@pytest.fixture
def reference_of(made_up_reference: Reference) -> Callable[..., Reference]:
    return lambda **editions: replace(made_up_reference, editions=editions)


def test_valuation_and_published_results_take_protected_counts_only(
    claimed: RawFacts, made_up_reference: Reference, make_edition: Editions
) -> None:
    valuation = value_edition(claimed, made_up_reference, make_edition(cut_off=date(2019, 3, 31)))
    counted = valuation.outcomes_in_scope.set_index("metric_id")
    assert counted.loc["started", ["quantity", "quantity_counted", "share_counted"]].tolist() == [70, 70, 1]
    assert counted.loc["full_13_weeks", ["quantity_counted", "share_counted"]].tolist() == [0, 1]
    assert math.isnan(counted.loc["full_13_weeks", "quantity"])
    assert set(valuation.outcome_units["metric_ids"]) == {"started; full_13_weeks; full_26_weeks"}
    shown = analysed("reported_outcomes", claimed, made_up_reference, valuation)
    assert totals(shown)["started"] == [40, 70, 95]
    assert shown.set_index(["metric_id", "period_end"])["quantity_counted"].loc["started"].tolist() == [0, 70, 0]
    pd.testing.assert_series_equal(
        published_tables(claimed, made_up_reference, valuation)["reported_outcomes"]["quantity"],
        shown["quantity"],
        check_index=False,
    )


def test_the_sum_of_a_contract_is_explained_by_protected_counts(
    claimed: RawFacts, made_up_reference: Reference, make_edition: Editions
) -> None:
    edition = make_edition()
    valuation = value_edition(claimed, made_up_reference, edition)
    said = explain(claimed, made_up_reference, valuation, "C-1")
    found = {(row["metric_id"], row["period_end"]): row["quantity"] for row in said["reported"]}
    assert found["started", "2020-03-31"] == 95
    assert found["full_13_weeks", "2020-03-31"] is None
