"""Contracts beside each other: each is a point, or is said to be left out."""

from pipeline.report.charts.contracts import SMALLEST_GBP, value_and_payments_by_contract
from pipeline.report.drawing import Spec, as_svg
from tests.report.charts.taken_apart import Tables, rows_of


def test_contracts_in_the_ratio_are_points_or_said_to_be_left_out(tables: Tables) -> None:
    table = tables["contract_value"][tables["contract_value"]["is_in_bcr"]].head(5).reset_index(drop=True)
    table["public_value_gbp"] = [3e6, 2e6, 0.0, -5.0, SMALLEST_GBP - 1.0]
    table["outcome_payments_real_gbp"] = [1e6, 4e6, 1e6, 1e6, 2e6]
    figure = value_and_payments_by_contract(table, {table.loc[0, "contract_id"]: "first"})
    spec = figure.wide
    points = [row for row in rows_of(spec) if "area" in row]
    assert {(row["payments_gbp"], row["value_gbp"]) for row in points} == {(1e6, 3e6), (4e6, 2e6)}
    assert {row["name"] for row in points} == {"first", table.loc[1, "contract_id"]}
    assert figure.subtitle.endswith("Not shown: 3 contracts worth or paid less than £10,000; paid £4.0m in all.")
    as_svg(spec)


def test_names_do_not_overlap(tables: Tables) -> None:
    table = (
        tables["contract_value"]
        .head(4)
        .assign(
            is_in_bcr=True,
            contract_id=["C-1", "C-2", "C-3", "C-4"],
            public_value_gbp=[2e6, 1.99e6, 1.98e6, 1.5e6],
            outcome_payments_real_gbp=[1e6, 1e6, 4e6, 1e6],
        )
    )
    rows = rows_of(value_and_payments_by_contract(table, {}).wide)
    assert {row["name"] for row in rows if row.get("name")} == {"C-1", "C-3", "C-4"}


def test_all_contracts_in_the_ratio_are_counted(tables: Tables, specs: dict[str, Spec]) -> None:
    table = tables["contract_value"][tables["contract_value"]["is_in_bcr"]]
    points = {
        (r["payments_gbp"], r["value_gbp"]) for r in rows_of(specs["value_and_payments_by_contract"]) if "area" in r
    }
    large = table[table["public_value_gbp"] >= SMALLEST_GBP]
    assert points == set(zip(large["outcome_payments_real_gbp"], large["public_value_gbp"], strict=True))
