"""Synthetic claims: counted back they are what was reported; marked; the same for the same seed, in whatever chunks.

What is counted back here is counted by plain pandas, not by the reduction that a run makes of claims.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.claims.marks import EVIDENCE_PREFIX, PARQUET_METADATA
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.synthetic.claims import CLAIMS, MISSING, contract_ladders, expanded, in_whole_units, write_claims

Builder = Callable[..., pd.DataFrame]

# By what one of each unit is told from another; of pounds the amounts are added up.
TOLD_BY = {
    "person": ["participant_id"],
    "incident": ["participant_id", "achieved_on", "evidence_id"],
    "pound": ["participant_id", "achieved_on", "evidence_id"],
}
DAYS_FROM_WEEKS_AND_MONTHS = {"week": 7, "month": 365.25 / 12}


def count_back(claims: pd.DataFrame, units: "pd.Series[str]") -> dict[str, float]:
    """How many each metric comes to; ``units`` by metric."""
    counts = {}
    for metric_id, unit in units.items():
        own = claims[claims["metric_id"] == metric_id]
        once = own.drop_duplicates(TOLD_BY.get(unit, ["participant_id", "achieved_on"]))
        counts[str(metric_id)] = float(once["amount_gbp"].sum() if unit == "pound" else len(once))
    return counts


def engaged(facts: RawFacts, contract_id: str) -> int | None:
    people = facts.contracts.set_index("contract_id").at[contract_id, "people_engaged"]
    return None if pd.isna(people) else int(people)


def results(facts: RawFacts, contract_id: str) -> pd.DataFrame:
    return facts.outcomes[facts.outcomes["contract_id"] == contract_id]


@pytest.fixture(scope="session")
def all_claims(facts: RawFacts, reference: Reference) -> dict[str, pd.DataFrame]:
    """The claims of every contract that reported results."""
    return {
        contract_id: expanded(own, reference.metric_outcomes, 1, engaged(facts, contract_id))
        for contract_id, own in in_whole_units(facts.outcomes).groupby("contract_id")
    }


# --- The claims of one contract, exactly ----------------------------------------------------------------------


def test_the_claims_of_every_contract_come_to_what_it_reported(
    facts: RawFacts, all_claims: dict[str, pd.DataFrame]
) -> None:
    assert len(all_claims) == 52
    for contract_id, claims in all_claims.items():
        reported = in_whole_units(results(facts, contract_id)).set_index("metric_id")
        assert count_back(claims, reported["unit"]) == reported["quantity"].to_dict(), contract_id


def test_every_claim_lies_in_the_period_of_its_metric_and_names_its_milestone(
    facts: RawFacts, reference: Reference, all_claims: dict[str, pd.DataFrame]
) -> None:
    for contract_id, claims in all_claims.items():
        told = results(facts, contract_id).merge(reference.metric_outcomes, on=["contract_id", "metric_id"])
        of = claims.merge(told, on="metric_id", suffixes=("", "_mapped"), validate="many_to_one")
        assert len(of) == len(claims)
        assert of["achieved_on"].between(of["period_start"], of["period_end"]).all(), contract_id
        pd.testing.assert_series_equal(of["milestone"], of["milestone_mapped"], check_names=False)
        assert (of["amount_gbp"].notna() == (of["unit"] == "pound")).all()
        assert claims["achieved_on"].is_monotonic_increasing
        assert claims["evidence_id"].is_unique


def test_fewer_people_further_along_a_ladder_are_among_the_more(
    facts: RawFacts, reference: Reference, all_claims: dict[str, pd.DataFrame]
) -> None:
    mapped = facts.outcomes.merge(reference.metric_outcomes, on=["contract_id", "metric_id"])
    ladders = 0
    for (contract_id, _), rungs in mapped[mapped["treatment"] == "rung"].groupby(["contract_id", "outcome_id"]):
        claims = all_claims[str(contract_id)]
        people = [set(claims.loc[claims["metric_id"] == name, "participant_id"]) for name in rungs["metric_id"]]
        people.sort(key=len)
        assert all(few <= many for few, many in pairwise(people))
        ladders += len(people) > 1
    assert ladders > 30


@pytest.mark.parametrize("contract_id", ["INDIGO-POJ-0131", "INDIGO-POJ-0172", "INDIGO-POJ-0199"])
def test_a_later_milestone_is_reached_later_by_its_time(
    contract_id: str, facts: RawFacts, reference: Reference, all_claims: dict[str, pd.DataFrame]
) -> None:
    mapping = reference.metric_outcomes
    rungs = mapping[(mapping["contract_id"] == contract_id) & (mapping["treatment"] == "rung")]
    compared = 0
    for _, ladder in rungs.groupby("outcome_id"):
        days = all_claims[contract_id].pivot_table("achieved_on", "participant_id", "metric_id", aggfunc="min")
        for early, late in pairwise(ladder.itertuples()):
            apart = (days[late.metric_id] - days[early.metric_id]).dt.days.dropna()
            expected = (late.milestone - early.milestone) * DAYS_FROM_WEEKS_AND_MONTHS[late.milestone_unit]
            # Each milestone is rounded to the day.
            assert (abs(apart - expected) <= 1).all()
            compared += len(apart)
    assert compared > 20


def test_time_is_spread_over_the_people_engaged(all_claims: dict[str, pd.DataFrame]) -> None:
    # 145,852 days make 400 years, of 404 people engaged; 276 quarters 69 years, of 49.
    assert all_claims["INDIGO-POJ-0178"]["participant_id"].nunique() == 400
    quarters = all_claims["INDIGO-POJ-0180"].query("metric_id == 'outcomemetric2'")
    assert quarters["participant_id"].nunique() == 49


def test_without_people_engaged_time_is_a_year_for_each(make_outcomes: Builder, make_mapping: Builder) -> None:
    outcomes = make_outcomes({"unit": "week", "quantity": 522.0})
    assert expanded(outcomes, make_mapping({}), 1)["participant_id"].nunique() == 11
    # Of 53 weeks that begin in the year nobody has more.
    assert expanded(outcomes, make_mapping({}), 1, people_engaged=2)["participant_id"].nunique() == 10


@pytest.mark.parametrize("unit", ["person", "day", "week", "month", "quarter", "year", "incident", "pound"])
def test_each_unit_counts_back_and_of_none_there_are_no_claims(
    unit: str, make_outcomes: Builder, make_mapping: Builder
) -> None:
    outcomes = make_outcomes({"unit": unit, "quantity": 1234.0}, {"metric_id": "m2", "unit": unit, "quantity": 0.0})
    claims = expanded(outcomes, make_mapping({}, {"metric_id": "m2"}), 1)
    assert count_back(claims, outcomes.set_index("metric_id")["unit"]) == {"m1": 1234.0, "m2": 0.0}
    assert set(claims["metric_id"]) == {"m1"}
    assert len(claims) == (2 if unit == "pound" else 1234)


def test_nothing_counted_makes_no_claims_at_all(make_outcomes: Builder, make_mapping: Builder) -> None:
    claims = expanded(make_outcomes({"quantity": 0.0}), make_mapping({}), 1)
    assert claims.empty
    assert list(claims) == CLAIMS.names


def test_the_latest_report_counts_a_final_one_before_an_interim_one(
    make_outcomes: Builder, make_mapping: Builder
) -> None:
    outcomes = make_outcomes(
        {"quantity": 5.0, "result_type": "interim", "period_end": pd.Timestamp("2018-12-31")},
        {"quantity": 7.0, "result_type": "final"},
        {"quantity": 6.0, "result_type": "interim"},
    )
    assert len(expanded(outcomes, make_mapping({}), 1)) == 7


def test_whoever_cannot_reach_a_milestone_in_the_period_reaches_it_on_its_last_day(
    make_outcomes: Builder, make_mapping: Builder
) -> None:
    rung = {"treatment": "rung", "milestone_unit": "month"}
    mapping = make_mapping({**rung, "milestone": 0.0}, {**rung, "metric_id": "m2", "milestone": 18.0})
    claims = expanded(make_outcomes({"quantity": 9.0}, {"metric_id": "m2", "quantity": 4.0}), mapping, 1)
    assert set(claims.loc[claims["metric_id"] == "m2", "achieved_on"]) == {pd.Timestamp("2019-03-31")}
    assert (claims.loc[claims["metric_id"] == "m1", "achieved_on"] == pd.Timestamp("2018-04-01")).sum() >= 4


def test_the_seed_decides_who_and_when_and_no_count(facts: RawFacts, reference: Reference) -> None:
    own = results(facts, "INDIGO-POJ-0154")
    first, again, other = (expanded(own, reference.metric_outcomes, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["achieved_on"].equals(other["achieved_on"])
    assert set(map(tuple, first[["participant_id", "metric_id"]].to_numpy())) != set(
        map(tuple, other[["participant_id", "metric_id"]].to_numpy())
    )
    pd.testing.assert_series_equal(
        first["metric_id"].value_counts(), other["metric_id"].value_counts(), check_like=True
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (({}, {"contract_id": "C-2"}), "not the results of one contract: ['C-1', 'C-2']"),
        (({"metric_id": "m9"},), "not mapped: m9"),
        (({"period_end": pd.NaT},), "without a period: m1"),
        (({"quantity": 1.5, "unit": "day"},), "no whole number: m1"),
    ],
)
def test_results_that_cannot_be_claims_are_refused(
    rows: tuple[dict[str, object], ...], words: str, make_outcomes: Builder, make_mapping: Builder
) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        expanded(make_outcomes(*rows), make_mapping({}), 1)


def test_only_time_is_rounded_to_whole_units(make_outcomes: Builder, facts: RawFacts) -> None:
    outcomes = make_outcomes(
        *({"quantity": quantity, "unit": unit} for quantity, unit in ((428.7, "year"), (1.4, "day"), (7.0, "week"))),
        *({"quantity": 1.5, "unit": unit} for unit in ("person", "incident", "pound")),
    )
    assert list(in_whole_units(outcomes)["quantity"]) == [429, 1, 7, 1.5, 1.5, 1.5]
    was_whole = in_whole_units(facts.outcomes)["quantity"] == facts.outcomes["quantity"]
    assert list(facts.outcomes.loc[~was_whole, "metric_id"]) == ["care_years_saved"]


# --- Claims of any number of people ---------------------------------------------------------------------------

PEOPLE = 20_000


@pytest.fixture(scope="module")
def ladders(facts: RawFacts, reference: Reference) -> pd.DataFrame:
    """A contract with 21 metrics in people, of which 14 are rungs of five ladders."""
    return contract_ladders(results(facts, "INDIGO-POJ-0131"), reference.metric_outcomes, 409)


@pytest.fixture(scope="module")
def written(ladders: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("claims") / "claims.parquet"
    assert write_claims(path, PEOPLE, ladders, 1) == pq.read_metadata(path).num_rows
    return path


def once(claims: pd.DataFrame) -> pd.DataFrame:
    return claims.drop_duplicates(["participant_id", "metric_id"])


def test_ladders_are_the_metrics_in_people_in_order(ladders: pd.DataFrame) -> None:
    homes = ladders[ladders["ladder"] == "ladder of accommodation_sustained"]
    assert list(homes["milestone"]) == [0, 3, 6, 12, 18]
    assert list(homes["days"]) == [0, 91, 183, 365, 548]
    assert list((homes["share"] * 409).round()) == [370, 328, 288, 235, 201]
    assert ladders["ladder"].nunique() == 12


def test_claims_of_any_number_are_marked(written: Path) -> None:
    assert pd.read_parquet(written)["evidence_id"].str.startswith(EVIDENCE_PREFIX).all()
    assert pq.read_metadata(written).metadata.items() >= PARQUET_METADATA.items()
    assert pq.read_schema(written).equals(CLAIMS)


def test_people_fall_away_at_the_rates_of_the_contract(written: Path, ladders: pd.DataFrame) -> None:
    claims = once(pd.read_parquet(written))
    expected = ladders.set_index("metric_id")["share"]
    shares = (claims["metric_id"].value_counts() / PEOPLE).reindex(expected.index, fill_value=0)
    # Chance, and those of whom an earlier milestone is missing.
    assert ((shares - expected).abs() <= 4 * (expected / PEOPLE) ** 0.5 + MISSING * expected).all()


def test_claims_lie_in_the_period_in_order_of_date_and_not_by_person(written: Path, ladders: pd.DataFrame) -> None:
    claims = pd.read_parquet(written)
    days = pd.to_datetime(claims["achieved_on"])
    assert days.is_monotonic_increasing
    assert days.min() >= ladders["period_start"].min()
    assert days.max() <= ladders["period_end"].max()
    # Over years, not all at once.
    assert days.quantile(0.9) - days.quantile(0.1) > pd.Timedelta(days=365)
    assert (claims["participant_id"] == claims["participant_id"].shift()).mean() < 0.01


def test_some_claims_are_repeated_some_missing_and_some_people_on_two_ladders(
    written: Path, ladders: pd.DataFrame
) -> None:
    claims = pd.read_parquet(written)
    repeated = claims[claims.duplicated(["participant_id", "metric_id"])]
    assert 0.015 < len(repeated) / len(claims) < 0.025
    assert claims["evidence_id"].is_unique
    people = once(claims).groupby("metric_id")["participant_id"].agg(set)
    homes, jobs = (
        ladders.loc[ladders["ladder"] == f"ladder of {of}", "metric_id"]
        for of in (
            "accommodation_sustained",
            "employment_full_time",
        )
    )
    without = [late - early for early, late in pairwise(people[homes])]
    assert all(0 < len(gap) < 0.02 * PEOPLE for gap in without)
    assert people[homes.iloc[0]] & people[jobs.iloc[0]]
    assert people[homes.iloc[0]] - people[jobs.iloc[0]]


@pytest.mark.parametrize("rows_at_once", [97, 7_001, 10_000_000])
def test_chunks_change_no_row(rows_at_once: int, ladders: pd.DataFrame, tmp_path: Path) -> None:
    write_claims(tmp_path / "some.parquet", 500, ladders, 1)
    write_claims(tmp_path / "other.parquet", 500, ladders, 1, rows_at_once)
    assert pq.read_table(tmp_path / "other.parquet").equals(pq.read_table(tmp_path / "some.parquet"))
    groups = pq.ParquetFile(tmp_path / "other.parquet").metadata
    assert max(groups.row_group(n).num_rows for n in range(groups.num_row_groups)) <= rows_at_once


def test_the_seed_decides_all(ladders: pd.DataFrame, tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        write_claims(tmp_path / name, 500, ladders, seed)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "again").read_bytes()
    assert not pq.read_table(tmp_path / "one").equals(pq.read_table(tmp_path / "two"))


def test_a_period_shorter_than_its_ladder_is_not_left(ladders: pd.DataFrame, tmp_path: Path) -> None:
    last = pd.Timestamp("2015-06-30")
    write_claims(tmp_path / "claims.parquet", 200, ladders.assign(period_end=last), 1)
    claims = pd.read_parquet(tmp_path / "claims.parquet")
    assert pd.to_datetime(claims["achieved_on"]).max() == last
    assert (once(claims).merge(ladders, on="metric_id")["days"] > 180).any()


def test_claims_without_people_are_refused(ladders: pd.DataFrame, tmp_path: Path) -> None:
    for people, chosen in ((0, ladders), (10, ladders.head(0))):
        with pytest.raises(ValueError, match="claims need people"):
            write_claims(tmp_path / "claims.parquet", people, chosen, 1)
    assert not list(tmp_path.iterdir())
