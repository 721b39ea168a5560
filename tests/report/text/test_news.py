"""What moved since the last publication: the contracts by name and the ratios, and why, in five lines."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.report.publish import publish_edition
from pipeline.report.text.headline import headline
from pipeline.report.text.news import (
    News,
    Published,
    last_published,
    news,
    of_tables,
    path_of,
    read_back,
    terms_between,
    write,
)

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
SURE = {"p10": 1.0, "p90": 1.44}


def published(bcr: float | None = 1.0, sure: dict[str, float] | None = None, **pounds: tuple[Any, Any]) -> Published:
    """A publication of contracts with public value and payments."""
    contracts = {
        id_: {
            "contract_id": id_,
            "name": f"Contract {id_}",
            "is_valued": value is not None,
            "public_value_gbp": value,
            "outcome_payments_real_gbp": paid,
        }
        for id_, (value, paid) in pounds.items()
    }
    data = {"bcr": bcr, "fiscal_bcr": 0.5, "uncertainty": {"bcr": sure or SURE}}
    return Published(data, contracts)


def test_a_contract_is_named_as_it_is_added_changed_or_removed_and_so_is_the_ratio() -> None:
    before = published(1.0, A=(100.0, 50.0), B=(10.0, 5.0))
    after = published(1.25, {"p10": 1.1, "p90": 1.5}, A=(120.0, None), C=(None, 7.0))
    told = news(before, after)
    assert told.lines == [
        "public value per £1: 1.00 (1.00 to 1.44) -> 1.25 (1.10 to 1.50)",
        "contracts added (1): Contract C (C), public value not known, payments £7; "
        "removed (1): Contract B (B), public value £10, payments £5; "
        "changed (1): Contract A (A), public value £100 -> £120, payments £50 -> not known",
    ]
    figures = ["bcr: 1.0 -> 1.25", "uncertainty.bcr.p10: 1.0 -> 1.1", "uncertainty.bcr.p90: 1.44 -> 1.5"]
    assert told.in_full[-3:] == figures
    assert told.said(Path("data/moved-x.txt"))[-1] == "full list (6 lines): data/moved-x.txt"


def test_of_many_contracts_those_that_moved_most_are_named() -> None:
    before = published(1.0, SURE, **{f"C{n}": (100.0, 1.0) for n in range(10)})
    after = published(1.0, SURE, **{f"C{n}": (100.0 + n, 1.0) for n in range(10)})
    (line,) = news(before, after).lines
    assert line.startswith("contracts changed (9): Contract C9 (C9), public value £100 -> £109; Contract C8 (C8), ")
    assert line.endswith("; and 6 more")
    assert len(news(before, after).in_full) == 9


def test_what_moves_by_less_than_is_shown_is_shown_with_more_places() -> None:
    told = news(published(1.0, A=(100.0, 1.0)), published(1.000001, A=(100.01, 1.0)))
    assert told.lines == [
        "public value per £1: 1.000000 (1.000000 to 1.440000) -> 1.000001 (1.000000 to 1.440000)",
        "contracts changed (1): Contract A (A), public value £100 -> £100.01",
    ]


def test_a_first_publication_and_the_same_again_are_no_news(tmp_path: Path) -> None:
    same = published(A=(1.0, 1.0))
    assert news(same, same) == News()
    assert news(None, same) == News(is_first=True)
    path = path_of(tmp_path, "x")
    assert news(same, same).said(path) == []
    write(news(same, published(2.0)), path)
    written = path.read_text(encoding="utf-8").splitlines()
    assert read_back(path) == [*written[: written.index("")], f"full list (2 lines): {path}"]
    assert written[written.index("") + 1] == "contract removed: Contract A (A), public value £1, payments £1"
    # What was written of an earlier run would be taken for the last.
    write(news(same, same), path)
    assert not path.exists()
    assert read_back(path) == []


@pytest.mark.parametrize("unknown", [0.0, float("nan")])
def test_what_was_published_is_read_back_as_it_was(
    unknown: float, tmp_path: Path, tables_of: TablesOf, reference: Any
) -> None:
    """Also of editions that wrote 0 for what was not known."""
    tables = dict(tables_of("open-2026"))
    data = headline(tables, reference.editions["open-2026"])
    now = of_tables(tables, data)
    money = [name for name in tables["contract_value"] if name.endswith("_gbp")]
    values = tables["contract_value"]
    older = {"contract_value": values.assign(**{name: values[name].fillna(unknown) for name in money})}
    publish_edition(tmp_path, "open-2026", older, {"headline.json": json.dumps(data)}, {})
    found = last_published(tmp_path / "open-2026")
    assert found is not None
    assert news(found, now) == News()


def test_without_its_tables_an_edition_tells_of_ratios_only(tmp_path: Path) -> None:
    """As in a fresh copy of the project."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x/headline.json").write_text(json.dumps(published(1.0).headline), encoding="utf-8")
    assert news(last_published(tmp_path / "x"), published(2.0, A=(1.0, 1.0))).lines == [
        "public value per £1: 1.00 (1.00 to 1.44) -> 2.00 (1.00 to 1.44)"
    ]
    (tmp_path / "x/headline.json").write_text("[", encoding="utf-8")
    assert last_published(tmp_path / "x") is None
    assert last_published(tmp_path / "y") is None


def test_a_name_breaks_no_line() -> None:
    before, after = published(A=(1.0, 1.0)), published(A=(2.0, 1.0))
    assert after.contracts is not None
    after.contracts["A"]["name"] = "x\n\x1b[31m"  # type: ignore[index]
    assert all(line.isprintable() for line in news(before, after).in_full)


def test_why_it_moved_is_told_in_one_line(tables_of: TablesOf, reference: Any) -> None:
    """A payment more: the ratios move, by payments alone, and by no more than five lines."""
    tables = dict(tables_of("open-2026"))
    now = of_tables(tables, headline(tables, reference.editions["open-2026"]))
    assert now.result is not None
    value = now.result.contract_value
    contract = value.loc[value["is_in_bcr"], "contract_id"].iloc[0]
    payments = now.result.tables["payments"]
    first = payments.index[(payments["contract_id"] == contract) & (payments["basis"] == "paid")][0]
    more = payments["amount_gbp"].where(payments.index != first, payments["amount_gbp"] + 1_000_000)
    before = replace(
        now,
        result=replace(now.result, tables={**now.result.tables, "payments": payments.assign(amount_gbp=more)}),
        contracts={**now.contracts, contract: {**now.contracts[contract], "outcome_payments_real_gbp": 1.0}},  # type: ignore[dict-item, index]
    )
    told = news(before, now, terms_between(before, now))
    (why,) = [line for line in told.lines if line.startswith("why: ")]
    # Its sums were not worked out anew: what they lack is left to the program.
    assert "payments: payments -£1." in why
    assert f"({contract})" in why
    assert len(told.said(Path("x"))) <= 5
