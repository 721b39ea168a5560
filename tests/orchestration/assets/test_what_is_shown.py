"""What somebody sees of a contract and of the headline: rows that lie where they say, no name that starts anything."""

import csv
import html
import re
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.orchestration.assets.contract_metadata import contract_metadata, folder_metadata
from pipeline.orchestration.assets.metadata import BY_NAME, contracts_by_name
from pipeline.orchestration.settings import Settings
from pipeline.report.previews import JOINER
from pipeline.tables.catalogue import FACT_TABLES

HOSTILE = "<img src=x onerror=alert(1)> | [x](javascript:alert(1)) \"'`*_"
CONTRACT = "INDIGO-POJ-0178"
ROW = re.compile(r"^\| (outcomes|payments)\.csv:(\d+) \|.*\| ([^|]*) \|$", re.MULTILINE)


@pytest.fixture
def settings(project_root: Path, tmp_path: Path) -> Settings:
    """The project's own data; charts go elsewhere."""
    return Settings(project_root / "raw", project_root / "reference", tmp_path / "reports", tmp_path / "data")


def facts_of(facts: RawFacts, contract_id: str) -> dict[str, pd.DataFrame]:
    """The facts of one contract, by asset."""
    tables = {name: getattr(facts, name) for name in FACT_TABLES}
    return {name: table[table["contract_id"] == contract_id].reset_index(drop=True) for name, table in tables.items()}


def text_of(metadata: dict[str, object]) -> str:
    return "\n".join(str(getattr(value, "value", value)) for value in metadata.values())


def test_every_row_of_every_contract_leads_to_the_row_of_its_file(
    facts: RawFacts, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.orchestration.assets.contract_metadata.image", lambda *_: None)
    shown = 0
    for contract_id in facts.contracts["contract_id"]:
        text = text_of(contract_metadata(facts_of(facts, contract_id), None, settings))
        assert str(settings.raw_dir) not in text
        for table, row, locator in ROW.findall(text):
            lines = (settings.raw_dir / contract_id / f"{table}.csv").read_text(encoding="utf-8").splitlines()
            (there,) = csv.DictReader([lines[0], lines[int(row) - 1]])
            assert html.unescape(locator).replace(JOINER, "") == there["locator"], (contract_id, row)
            shown += 1
    assert shown == len(facts.outcomes) + len(facts.payments)


def test_a_contract_without_results_or_payments_says_so(facts: RawFacts, settings: Settings) -> None:
    bare = set(facts.contracts["contract_id"]) - set(facts.outcomes["contract_id"]) - set(facts.payments["contract_id"])
    shown = contract_metadata(facts_of(facts, min(bare)), ["raw/x.csv:2: odd"], settings)
    assert "No results are public. No payments are public." in shown["in short"]
    assert not {"results", "payments", "chart", "not used"} & set(shown)
    assert "1 warning:\n- raw/x.csv:2: odd" in text_of(shown)


def test_of_a_contract_with_claims_no_result_is_shown(facts: RawFacts, settings: Settings) -> None:
    tables = facts_of(facts, CONTRACT)
    claimed = pd.DataFrame({"contract_id": [CONTRACT]})
    text = text_of(contract_metadata({**tables, "claim_counts": claimed}, [], settings))
    assert "the report shows them, protected" in text
    assert "145,852" in text_of(contract_metadata(tables, [], settings))
    assert "145,852" not in text
    assert "outcomes.csv:" not in text


def test_a_hostile_name_is_text(facts: RawFacts, settings: Settings) -> None:
    tables = facts_of(facts, CONTRACT)
    hostile = {
        "contracts": tables["contracts"].assign(name=HOSTILE),
        "outcomes": tables["outcomes"].assign(label=HOSTILE, locator=HOSTILE),
        "organisations": tables["organisations"].assign(name=HOSTILE, role="provider"),
    }
    by_name = str(contracts_by_name(hostile["contracts"], hostile["organisations"]).md_str)
    shown = contract_metadata({**tables, **hostile}, [f"raw/{HOSTILE}"], settings)
    rows = [str(shown[name].value) for name in ("results", "last checks")]
    for text in (by_name, *rows):
        assert "<" not in text
        # The only addresses are those that lead on within the UI.
        assert all(address.startswith(("/assets/", "/reports/")) for address in re.findall(r"\]\(([^)]*)\)", text))
        assert all(len(re.findall(r"(?<!\\)\|", line)) in (4, 7) for line in text.splitlines() if line[:1] == "|")
    assert by_name.count(f"](/assets/contract_facts?view=partitions&partition={CONTRACT})") == 1


def test_contracts_are_listed_by_name_with_who_delivers_them(facts: RawFacts) -> None:
    text = str(contracts_by_name(facts.contracts, facts.organisations).md_str)
    _, _, *lines = text.splitlines()
    assert len(lines) == len(facts.contracts)
    names = [line.split("](")[0].casefold() for line in lines]
    assert names == sorted(names)
    assert "1625 Independent People" in text
    assert BY_NAME == "contracts by name"


def test_the_folder_of_a_contract_leads_on(settings: Settings) -> None:
    shown = folder_metadata(CONTRACT, "Stronger Families Norfolk", settings)
    assert shown["folder"] == f"raw/{CONTRACT}"
    assert "outcomes.csv" in shown["files"]
    assert f"(/assets/contract_facts?view=partitions&partition={CONTRACT})" in shown["read on"].value
    assert f"(/reports/open-2026/contracts/{CONTRACT}.html)" in shown["read on"].value
