"""The INDIGO import on the published copy, where it lies beside the project."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.importers.imported import ImportedContract
from tests.importers.indigo.made_up_export import read_export, run_import, snapshot

PUBLISHED = Path(__file__).parents[4] / "shared" / "sources" / "indigo"
RAW = Path(__file__).parents[3] / "raw"
published = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="INDIGO's export (copy of May 2025) does not lie beside the project"
)


@pytest.fixture(scope="module")
def contracts() -> dict[str, ImportedContract]:
    """The contracts of the published copy."""
    return read_export(PUBLISHED)


@published
def test_published_contracts(contracts: dict[str, ImportedContract]) -> None:
    assert len(contracts) == 100
    assert Counter(contract.contract["policy_area"] for contract in contracts.values()) == {
        "employment_and_training": 32,
        "homelessness": 23,
        "child_and_family_welfare": 20,
        "health": 15,
        "education": 8,
        "criminal_justice": 2,
    }
    assert Counter(contract.contract["stage"] for contract in contracts.values()) == {
        "complete": 73,
        "implementation": 27,
    }
    assert sum(contract.contract["delivery_places"] for contract in contracts.values()) == 166
    mhep = contracts["INDIGO-POJ-0118"].contract
    assert mhep["outcomes_fund"] == ["Commissioning Better Outcomes Fund", "Social Outcomes Fund"]
    assert (mhep["service_end"], mhep["service_end_basis"]) == (dt.date(2018, 10, 31), "completion_actual")


@published
def test_published_results_are_all_accounted_for(contracts: dict[str, ImportedContract]) -> None:
    taken = {row["locator"] for contract in contracts.values() for row in contract.outcomes}
    rejected = [
        row for contract in contracts.values() for row in contract.rejected if row["column"] == "Outcomes achieved"
    ]
    assert sum(len(contract.outcomes) for contract in contracts.values()) == len(taken) == 415
    assert sum(bool(contract.outcomes) for contract in contracts.values()) == 41
    assert len(rejected) == len({row["locator"] for row in rejected}) == 25
    assert not taken & {row["locator"] for row in rejected}
    assert Counter(row["reason"] for row in rejected) == {
        "text in a number field": 20,
        "no number reported": 5,
    }
    assert max(len(row["value"]) for row in rejected) <= 40
    of_results = [row for c in contracts.values() for row in c.rejected if row["locator"].startswith("results:")]
    assert [(row["locator"], row["value"]) for row in of_results if row not in rejected] == [
        ("results: INDIGO-POJ-0120 #1", "3600 (as of Jan 2019)")
    ]


@published
def test_project_apollo_is_not_multiplied(contracts: dict[str, ImportedContract]) -> None:
    apollo = contracts["INDIGO-POJ-0123"].outcomes
    assert [row["metric_id"] for row in apollo] == [f"outcomemetric{n}" for n in range(1, 24)]


@published
def test_published_payments(contracts: dict[str, ImportedContract]) -> None:
    payments = [(contract_id, row) for contract_id, contract in contracts.items() for row in contract.payments]
    sums: Counter[str] = Counter()
    for _, row in payments:
        # Whole pounds but for one maximum; a Counter adds integers.
        sums[row["basis"]] += int(Decimal(row["amount_gbp"]))
    assert (sums["paid"], sums["reported"], sums["evaluation"]) == (122_852_596, 13_494_488, 4_504_011)
    recorded = [(contract_id, row) for contract_id, row in payments if row["basis"] in ("paid", "reported")]
    assert len(recorded) == 551
    assert len({contract_id for contract_id, _ in recorded}) == 38
    assert Counter(row["note"] for _, row in recorded) == {
        "": 506,
        "covid_relief": 35,
        "share_of_maximum": 6,
        "temporary_uplift": 3,
        "capped": 1,
    }
    assert len({row["locator"] for _, row in payments}) == len(payments)
    backward = [row["locator"] for _, row in recorded if row["period_end"] < row["period_start"]]
    assert backward == ["payments: INDIGO-POJ-0174 #10"]


@published
def test_published_prices_are_all_accounted_for(contracts: dict[str, ImportedContract]) -> None:
    prices = {contract_id: contract.prices for contract_id, contract in contracts.items() if contract.prices}
    rejected = {
        row["locator"]: row["reason"]
        for contract in contracts.values()
        for row in contract.rejected
        if row["locator"].startswith("prices:")
    }
    assert (sum(map(len, prices.values())), len(prices)) == (354, 25)
    # Apollo's table of metrics starts again at 1 after the sixth, so six ids stand for two metrics each.
    assert rejected == dict.fromkeys(
        (f"prices: INDIGO-POJ-0123 #{n}" for n in range(1, 7)), "its metric id stands twice among the metrics"
    )
    assert [row["metric_id"] for row in prices["INDIGO-POJ-0123"]] == [f"outcomemetric{n}" for n in range(7, 24)]
    everyone = [row for rows in prices.values() for row in rows]
    assert Counter(row["price_basis"] for row in everyone) == {"cash": 354}
    assert Counter(row["maximum_basis"] for row in everyone) == {
        "": 283,
        "all_targets": 44,
        "per_person": 18,
        "not_said": 9,
    }
    assert [row["price_gbp"] for row in prices["INDIGO-POJ-0195"]] == ["4390", "1310", "8240", "9340", "430", "320"]


@published
def test_published_targets_are_plain_numbers(contracts: dict[str, ImportedContract]) -> None:
    targets = [row for contract in contracts.values() for row in contract.targets]
    assert Counter(row["measure"] for row in targets) == {"users": 229, "outcome": 3}
    assert Counter(row["unit"] for row in targets) == {"person": 179, "": 49, "family": 3, "day": 1}
    rejected = [row for c in contracts.values() for row in c.rejected if row["locator"].startswith("metrics:")]
    assert [row["value"] for row in rejected if not row["value"].startswith("(text of")] == [
        "3000 (later revised to 944)"
    ]
    assert len(rejected) == 67


@published
def test_published_plans_are_all_accounted_for(contracts: dict[str, ImportedContract]) -> None:
    planned = [row for contract in contracts.values() for row in contract.planned]
    assert (len(planned), sum(bool(contract.planned) for contract in contracts.values())) == (1_675, 28)
    rejected = [row for c in contracts.values() for row in c.rejected if row["locator"].startswith("planned:")]
    assert Counter(row["reason"] for row in rejected) == {"no number reported": 5}
    assert round(sum(Decimal(row["amount_gbp"]) for row in planned)) == 360_612_475
    # Of one place each; no place of a plan is one of a payment.
    assert len({row["locator"] for row in planned}) == len(planned)
    assert {row["plan_id"] for row in planned} == {f"plan{n}" for n in range(1, 6)}


@published
def test_published_facts_of_services_are_codes_and_numbers(contracts: dict[str, ImportedContract]) -> None:
    facts = [row for contract in contracts.values() for row in contract.service]
    assert Counter(row["fact"] for row in facts)["months_planned"] == 25
    groups = {contract_id: {row["code"] for row in c.service} for contract_id, c in contracts.items()}
    assert {"homeless", "neet"} <= groups["INDIGO-POJ-0137"]
    assert {"offenders"} <= groups["INDIGO-POJ-0195"]
    assert groups["INDIGO-POJ-0118"] >= {"mental_health", "individual_placement_and_support"}
    # Nothing is said of this one's people.
    assert groups["INDIGO-POJ-0200"] == set()


@published
def test_published_commitments_are_of_the_project_or_of_its_payers(
    contracts: dict[str, ImportedContract],
) -> None:
    for contract in contracts.values():
        kinds = {row["locator"].split(":")[0] for row in contract.payments if row["basis"] == "commitment"}
        assert len(kinds) <= 1
    of_projects = [row for c in contracts.values() for row in c.payments if row["locator"].endswith("maximum")]
    assert len(of_projects) == 57


@published
def test_published_files_are_those_of_the_project(raw: Path) -> None:
    run_import(PUBLISHED, raw)
    for file in ("organisations.csv", "places.csv", "prices.csv", "targets.csv", "planned_payments.csv", "service.csv"):
        for path in raw.glob(f"*/{file}"):
            assert path.read_bytes() == (RAW / path.relative_to(raw)).read_bytes()


@published
def test_published_import_is_repeatable(raw: Path) -> None:
    run_import(PUBLISHED, raw)
    before = snapshot(raw)
    plan = run_import(PUBLISHED, raw)
    assert plan.changes == []
    assert snapshot(raw) == before
    assert "payments, paid: 544, £122,852,596" in plan.summary()
    assert "commissioners: 145\nproviders: 208\ninvestors: 76\nplaces: 166\n" in plan.summary()
