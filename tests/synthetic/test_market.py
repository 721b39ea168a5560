"""A made-up market: it has the size asked for, nothing is wrong with it, and nothing in it can be taken for real."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline.claims.marks import CONTRACT_PREFIX, LABEL_PREFIX, NAME_PREFIX, SOURCE_ID
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.facts.versions import folder_version
from pipeline.load import find_problems
from pipeline.method.valuation import value_edition
from pipeline.synthetic.market import SyntheticMarket, synthetic_market
from pipeline.synthetic.project import CannotMakeError

CONTRACTS, METRICS, SEED = 12, 60, 4
MADE_FROM = r", made from \w+: ([A-Z0-9-]+)"
METRIC = ["contract_id", "metric_id"]


@pytest.fixture(scope="module")
def market(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> SyntheticMarket:
    out_dir = tmp_path_factory.mktemp("project") / "market"
    return synthetic_market(project_root / "raw", project_root / "reference", out_dir, SEED, CONTRACTS, METRICS)


@pytest.fixture(scope="module")
def read(market: SyntheticMarket) -> tuple[RawFacts, Reference]:
    found, reference, problems = find_problems(market.raw_dir, market.reference_dir)
    assert problems == []
    return found, reference


def test_a_market_has_the_size_asked_for(
    market: SyntheticMarket, read: tuple[RawFacts, Reference], facts: RawFacts
) -> None:
    found, reference = read
    assert sorted(path.name for path in market.raw_dir.parent.iterdir()) == ["raw", "reference"]
    assert market.contracts == len(found.contracts) == CONTRACTS
    assert market.metrics == len(found.outcomes.drop_duplicates(METRIC)) == len(reference.metric_outcomes)
    most = facts.outcomes.groupby("contract_id")["metric_id"].nunique().max()
    assert abs(market.metrics - METRICS) <= most


@pytest.mark.parametrize(("contracts", "metrics"), [(30, 150), (30, 20), (30, 400), (7, 30)])
def test_few_and_many_metrics_can_be_asked_for(
    project_root: Path, tmp_path: Path, facts: RawFacts, contracts: int, metrics: int
) -> None:
    data = (project_root / "raw", project_root / "reference")
    made = synthetic_market(*data, tmp_path / "market", 1, contracts, metrics)
    most = facts.outcomes.groupby("contract_id")["metric_id"].nunique().max()
    assert made.contracts == contracts
    assert abs(made.metrics - metrics) <= most


def test_what_was_accepted_and_is_of_no_contract_is_accepted_once(project_root: Path, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(project_root / "reference", reference)
    costs = pd.read_csv(reference / "unit_costs.csv", dtype="str", keep_default_na=False)
    is_it = (costs["unit_cost_id"] == "employment_benefits") & (costs["value_set"] == "2015")
    costs.loc[is_it, ["low_gbp", "central_gbp", "high_gbp"]] = "600000"
    costs.loc[is_it, ["lowest_kind_gbp", "highest_kind_gbp"]] = ""
    costs.to_csv(reference / "unit_costs.csv", index=False)
    with (reference / "accepted.csv").open("a") as accepted:
        accepted.write("unit_costs_like_others,employment_benefits high_gbp,600000,made up,gmca-ucd-1-4,2026-11-22\n")
    made = synthetic_market(project_root / "raw", reference, tmp_path / "market", SEED, CONTRACTS, METRICS)
    assert find_problems(made.raw_dir, made.reference_dir)[2] == []


def test_the_same_seed_makes_the_same_market(project_root: Path, market: SyntheticMarket, tmp_path: Path) -> None:
    data = (project_root / "raw", project_root / "reference")
    versions = [folder_version(market.raw_dir), folder_version(market.reference_dir)]
    same = synthetic_market(*data, tmp_path / "same", SEED, CONTRACTS, METRICS)
    assert [folder_version(same.raw_dir), folder_version(same.reference_dir)] == versions
    other = synthetic_market(*data, tmp_path / "other", SEED + 1, CONTRACTS, METRICS)
    assert folder_version(other.raw_dir) != versions[0]


def test_ladders_stay_in_order_and_nothing_comes_from_nothing(
    read: tuple[RawFacts, Reference], facts: RawFacts
) -> None:
    found, _ = read
    real = facts.outcomes[[*METRIC, "period_end", "quantity"]]
    made_from = found.outcomes["locator"].str.extract(MADE_FROM)[0]
    made = found.outcomes.assign(made=found.outcomes["contract_id"], contract_id=made_from)
    together = made.merge(real, on=METRIC, suffixes=("", "_real"))
    assert len(together) >= len(made.dropna(subset="contract_id")) > METRICS / 2
    for _, rows in together.groupby("made"):
        assert rows.sort_values(["quantity_real", "quantity"])["quantity"].is_monotonic_increasing
    assert (together["quantity"].gt(0) == together["quantity_real"].gt(0)).all()
    assert together["quantity"].ne(together["quantity_real"]).mean() > 0.5
    # Some months earlier, so never after what was published.
    assert (together["period_end"] <= together["period_end_real"]).all()


def test_a_market_has_gaps_and_kinds_of_payment_as_the_real_one(read: tuple[RawFacts, Reference]) -> None:
    found, reference = read
    assert 0 < found.outcomes["contract_id"].nunique() < CONTRACTS
    assert {"paid", "commitment"} <= set(found.payments["basis"])
    assert found.payments["period_end"].isna().any()
    assert {"rung", "no_unit_cost"} <= set(reference.metric_outcomes["treatment"])
    assert reference.accepted["check"].isin(["people_within_engaged"]).all()


def test_each_edition_values_the_market(read: tuple[RawFacts, Reference]) -> None:
    found, reference = read
    for edition in reference.editions.values():
        assert value_edition(found, reference, edition).valued_outcomes["net_gbp"].sum() > 0


def test_all_that_is_made_up_is_marked(read: tuple[RawFacts, Reference], facts: RawFacts) -> None:
    found, reference = read
    assert found.contracts["contract_id"].str.startswith(CONTRACT_PREFIX).all()
    assert found.contracts["name"].str.startswith(NAME_PREFIX).all()
    assert found.contracts["source_id"].str.contains(SOURCE_ID).all()
    assert found.outcomes["label"].str.startswith(LABEL_PREFIX).all()
    named = found.organisations[found.organisations["organisation_id"] != ""]
    assert named["organisation_id"].str.startswith(CONTRACT_PREFIX).all()
    assert named["name"].str.startswith(NAME_PREFIX).all()
    assert found.payments.loc[found.payments["payer"] != "", "payer"].str.startswith(NAME_PREFIX).all()
    for table in (found.outcomes, found.payments, found.organisations, found.places):
        assert set(table["source_id"]) == {SOURCE_ID}
    real = set(facts.contracts["contract_id"])
    for name in ("metric_outcomes", "deadweight", "corrections", "paid_per_unit"):
        assert real.isdisjoint(getattr(reference, name)["contract_id"])
    assert reference.shared_results.empty
    assert not reference.published_figures["scope"].str.contains("INDIGO").any()


def test_what_is_said_of_real_contracts_is_said_of_those_made_from_them(read: tuple[RawFacts, Reference]) -> None:
    # That a correction fits its row, and an accepted doubt its value, the reader has seen.
    _, reference = read
    assert set(reference.corrections["table"]) == {"contracts", "payments", "places"}
    assert len(reference.accepted) == len(reference.paid_per_unit) == 1
    assert reference.deadweight["contract_id"].str.startswith(CONTRACT_PREFIX).any()


@pytest.mark.parametrize(
    ("out", "contracts", "metrics", "words"),
    [
        ("raw/new", 12, 60, "raw: real and synthetic data must not mix"),
        ("market", 12, 12 * 100, "no 1,200 metrics in 12 contracts"),
        ("market", 0, 0, "no 0 metrics in 0 contracts"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_written(
    small_project: Path, out: str, contracts: int, metrics: int, words: str
) -> None:
    data = (small_project / "raw", small_project / "reference")
    with pytest.raises(CannotMakeError, match=words):
        synthetic_market(*data, small_project / out, 1, contracts, metrics)
    assert not (small_project / out).exists()
