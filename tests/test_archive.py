"""What was published before is kept whole: each headline in the archive follows from the tables beside it."""

import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline.tables.reference import STANDS_FOR

ARCHIVE = Path(__file__).parent.parent / "reports/archive"
KEPT = sorted(path.parent for path in ARCHIVE.glob("*/*/headline.json"))


def test_there_is_something_to_follow_later_figures_from() -> None:
    assert {folder.name for folder in KEPT} >= {"atq-2022", "atq-2024", "open-2025"}


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: f"{folder.parent.name} {folder.name}")
def test_a_headline_follows_from_the_tables_beside_it(folder: Path) -> None:
    headline = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
    contracts, lines, payments = (
        pd.read_csv(folder / f"{name}.csv") for name in ("contract_value", "valued_outcomes", "payments")
    )
    # Of a contract that was withdrawn only the sum is left.
    whole = contracts[~contracts["contract_id"].str.startswith(STANDS_FOR)]
    in_ratio = contracts[contracts["is_in_bcr"]]
    ratio = in_ratio["public_value_gbp"].sum() / in_ratio["outcome_payments_real_gbp"].sum()
    assert headline["bcr"] == pytest.approx(ratio, abs=1e-6)
    of_lines = lines[~lines["is_transfer"]].groupby("contract_id")["net_gbp"].sum()
    of_contracts = contracts.set_index("contract_id")["public_value_gbp"]
    assert (of_lines - of_contracts.reindex(of_lines.index)).abs().max() < 0.05
    paid = payments[payments["basis"].isin(["paid", "reported", "returned"])]
    known = paid.groupby("contract_id")["amount_counted_gbp"].sum()
    counted = whole.set_index("contract_id")["outcome_payments_gbp"].dropna()
    assert (known.reindex(counted.index).fillna(0.0) - counted).abs().max() < 0.01
