"""Prices of INDIGO: of which metric, in which pounds, and which stay out."""

from pathlib import Path

import pytest

from pipeline.importers.indigo import columns as indigo
from tests.importers.indigo.made_up_export import (
    A,
    B,
    Tables,
    metric,
    price,
    read_export,
    read_rows,
    run_import,
    snapshot,
    write_export,
)


def test_a_price_with_its_maximum_and_its_place(tmp_path: Path, tables: Tables, raw: Path) -> None:
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert read_rows(raw / A / "prices.csv") == [
        {
            "metric_id": "outcomemetric2",
            "price_gbp": "1300.5",
            "price_basis": "cash",
            "maximum_gbp": "11700",
            "maximum_basis": "all_targets",
            "source_id": "indigo-2025-05",
            "locator": f"prices: {A} #1",
        }
    ]
    assert not (raw / B / "prices.csv").exists()
    assert "prices: 1 in 1 contract" in plan.summary()
    assert not any(b"Secret" in content for content in snapshot(raw).values())


def test_a_price_of_an_id_that_stands_twice_is_rejected(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PRICES].append(price(A, "outcomemetric1", "220"))
    contract = read_export(write_export(tmp_path / "export", tables))[A]
    assert [(row["file"], row["row"], row["column"], row["value"], row["reason"]) for row in contract.rejected] == [
        (indigo.PRICES, "2", indigo.PRICE, "220", "its metric id stands twice among the metrics")
    ]
    assert [row["metric_id"] for row in contract.prices] == ["outcomemetric2"]
    tables[indigo.METRICS].pop(0)
    once = read_export(write_export(tmp_path / "once", tables))[A]
    assert ([row["price_gbp"] for row in once.prices], once.rejected) == (["1300.5", "220"], [])


def test_a_metric_that_stands_twice_elsewhere_matters_not(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.METRICS] = [metric(B, "outcomemetric1"), metric(B, "outcomemetric1", definition="another")]
    tables[indigo.PRICES].append(price(A, "outcomemetric1", "220"))
    contract = read_export(write_export(tmp_path / "export", tables))[A]
    assert [row["metric_id"] for row in contract.prices] == ["outcomemetric2", "outcomemetric1"]


def test_several_prices_of_a_metric_are_all_rejected(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PRICES] = [price(B, "outcomemetric7", "10"), price(B, "outcomemetric8", "5")]
    tables[indigo.PRICES].append(price(B, "outcomemetric7", "20"))
    contract = read_export(write_export(tmp_path / "export", tables))[B]
    assert [(row["locator"], row["value"]) for row in contract.rejected] == [
        (f"prices: {B} #1", "10"),
        (f"prices: {B} #3", "20"),
    ]
    assert {row["reason"] for row in contract.rejected} == {
        "one of several prices of the metric, which nothing tells apart"
    }
    assert [row["locator"] for row in contract.prices] == [f"prices: {B} #2"]


@pytest.mark.parametrize(
    ("given", "column", "reason"),
    [
        (price(B, "m", "10", currency="EUR"), indigo.PRICE_CURRENCY, "currency is not GBP"),
        (price(B, "", "10"), indigo.PRICE, "no metric id that it is the price of"),
        (price(B, "m", "about 50"), indigo.PRICE, "not a plain number"),
        (price(B, "m", ""), indigo.PRICE, "no number reported"),
        (price(B, "m", "-10"), indigo.PRICE, "below 0"),
        (price(B, "m", "0"), indigo.PRICE, "nothing"),
        (price(B, "m", "250000.01"), indigo.PRICE, "more than any price"),
    ],
)
def test_what_is_no_price_is_rejected(
    tmp_path: Path, tables: Tables, given: dict[str, str], column: str, reason: str
) -> None:
    tables[indigo.PRICES] = [given]
    contract = read_export(write_export(tmp_path / "export", tables))[B]
    assert contract.prices == []
    assert [(row["column"], row["reason"]) for row in contract.rejected] == [(column, reason)]


@pytest.mark.parametrize(
    ("given", "basis", "maximum"),
    [
        (price(B, "m", "10"), "cash", ("", "")),
        (price(B, "m", "10", rises="None"), "cash", ("", "")),
        (price(B, "m", "10", rises="2% a year"), "cash_rising", ("", "")),
        (price(B, "m", "10", maximum="10"), "cash", ("10", "all_targets")),
        (price(B, "m", "10", maximum="90", note="The most payable per individual"), "cash", ("90", "per_person")),
    ],
)
def test_in_which_pounds_a_price_is_and_of_what_its_maximum(
    tmp_path: Path, tables: Tables, given: dict[str, str], basis: str, maximum: tuple[str, str]
) -> None:
    tables[indigo.PRICES] = [given]
    contract = read_export(write_export(tmp_path / "export", tables))[B]
    (found,) = contract.prices
    assert found["price_basis"] == basis
    assert (found["maximum_gbp"], found["maximum_basis"]) == maximum
    assert contract.rejected == []


def test_one_maximum_beside_prices_that_differ_is_of_no_one_metric(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PRICES] = [price(B, "m1", "10", maximum="90"), price(B, "m2", "20", maximum="90")]
    contract = read_export(write_export(tmp_path / "export", tables))[B]
    assert [row["maximum_basis"] for row in contract.prices] == ["not_said", "not_said"]
    tables[indigo.PRICES].append(price(B, "m3", "30", maximum="120"))
    contract = read_export(write_export(tmp_path / "several", tables))[B]
    assert {row["maximum_basis"] for row in contract.prices} == {"all_targets"}


@pytest.mark.parametrize(
    ("maximum", "reason"), [("9.99", "less than the price of one"), ("many", "not a plain number")]
)
def test_a_maximum_that_cannot_be_is_rejected_and_the_price_stays(
    tmp_path: Path, tables: Tables, maximum: str, reason: str
) -> None:
    tables[indigo.PRICES] = [price(B, "m", "10", maximum=maximum)]
    contract = read_export(write_export(tmp_path / "export", tables))[B]
    assert [(row["price_gbp"], row["maximum_gbp"], row["maximum_basis"]) for row in contract.prices] == [("10", "", "")]
    assert [(row["column"], row["reason"]) for row in contract.rejected] == [(indigo.PRICE_MAXIMUM, reason)]
