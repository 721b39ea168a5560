"""The merge with ``raw/`` knows no source: a made-up importer brings a contract in, again, and with less."""

import ast
from pathlib import Path
from typing import Any

import pytest

import pipeline.importers
from pipeline.facts.raw import FILE_COLUMNS, FILES
from pipeline.importers.imported import (
    CONTRACT_KEYS,
    ORGANISATIONS_FILE,
    OUTCOMES_FILE,
    PAYMENTS_FILE,
    TABLE_FILES,
    ImportedContract,
    ImportProblem,
    Owner,
    Row,
)
from pipeline.importers.merge import ImportPlan, plan_merge, write_import

OWNER = Owner(source="registry-", locators=("entry:",))
SOURCE = {"source_id": "registry-2026", "published": "2026"}
GENERAL = ("imported", "matching", "merge", "refusals", "restatements", "sources", "summary")


def row(table: str, **cells: str) -> Row:
    return dict.fromkeys(FILE_COLUMNS[table], "") | cells


def outcome(metric_id: str, quantity: str) -> Row:
    return row(
        "outcomes",
        metric_id=metric_id,
        result_type="final",
        quantity=quantity,
        is_net_of_deadweight="false",
        locator=f"entry: {metric_id}",
    )


def contract(outcomes: list[Row], **values: Any) -> ImportedContract:
    facts = {
        "contract_id": "REG-1",
        "name": "Steady Homes",
        "policy_area": "homelessness",
        "stage": "complete",
    }
    return ImportedContract("REG-1", SOURCE["source_id"], "entry: 1", facts | values, outcomes, [], [], [], [])


def merged(raw: Path, *outcomes: Row, **values: Any) -> ImportPlan:
    plan = plan_merge([contract(list(outcomes), **values)], OWNER, raw, shown_source="the registry", source=SOURCE)
    write_import(plan, raw)
    return plan


def test_a_new_source_is_merged_like_any_other(tmp_path: Path) -> None:
    first = merged(tmp_path, outcome("started", "12"), outcome("stayed", "7"))
    assert first.changes == [
        "+ REG-1/contract.toml: Steady Homes",
        "+ REG-1/outcomes.csv: started quantity 12, result_type final",
        "+ REG-1/outcomes.csv: stayed quantity 7, result_type final",
    ]
    assert sorted(path.name for path in (tmp_path / "REG-1").iterdir()) == ["contract.toml", "outcomes.csv"]
    assert merged(tmp_path, outcome("started", "12"), outcome("stayed", "7")).changes == []
    third = merged(tmp_path, outcome("started", "15"))
    assert third.changes == ["~ REG-1/outcomes.csv: started quantity 12 -> 15", "- REG-1/outcomes.csv: stayed"]
    assert third.removals == ("REG-1: missing: 1 of outcomes.csv",)


def test_rows_of_another_source_are_by_hand(tmp_path: Path) -> None:
    merged(tmp_path, outcome("started", "12"))
    file = tmp_path / "REG-1" / "outcomes.csv"
    by_hand = "own,what we count,final,,,3,person,false,evaluation-2021,p. 9\n"
    file.write_text(file.read_text(encoding="utf-8") + by_hand, encoding="utf-8")
    plan = merged(tmp_path, outcome("started", "13"))
    assert plan.changes == ["~ REG-1/outcomes.csv: started quantity 12 -> 13"]
    assert file.read_text(encoding="utf-8").endswith(by_hand)


def test_our_own_columns_stay_unless_the_source_gives_them(tmp_path: Path) -> None:
    merged(tmp_path, outcome("started", "12"))
    file = tmp_path / "REG-1" / "outcomes.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("started,,", "started,ours,"), encoding="utf-8")
    theirs = contract([outcome("started", "12") | {"label": "theirs"}])
    assert plan_merge([theirs], OWNER, tmp_path, shown_source="the registry", source=SOURCE).changes == []
    giving = Owner(OWNER.source, OWNER.locators, gives=("label",))
    assert plan_merge([theirs], giving, tmp_path, shown_source="the registry", source=SOURCE).changes == [
        "~ REG-1/outcomes.csv: started label ours -> theirs"
    ]


def test_what_the_source_does_not_give_stays_and_is_told(tmp_path: Path) -> None:
    merged(tmp_path, people_engaged=40)
    plan = merged(tmp_path)
    assert plan.changes == []
    assert "kept although the export does not have it: 1\n  REG-1 people_engaged = 40" in plan.summary()


def test_funds_of_a_source_that_names_none_are_not_lost(tmp_path: Path) -> None:
    merged(tmp_path, outcomes_fund=["Made-up Fund"])
    assert merged(tmp_path).removals == ()
    assert merged(tmp_path, outcomes_fund=[]).removals == ("REG-1: missing: 1 of its outcomes funds",)


def test_what_check_would_refuse_is_said_at_its_place_in_the_source(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match=r"^the registry: entry: 1: policy_area: not one of the words allowed"):
        merged(tmp_path, policy_area="elsewhere")
    assert not list(tmp_path.iterdir())


def test_a_line_on_what_was_not_taken_stands_in_the_summary(tmp_path: Path) -> None:
    lines = ["payments not taken, planned: 3"]
    plan = plan_merge([contract([])], OWNER, tmp_path, shown_source="the registry", source=SOURCE, not_taken=lines)
    assert plan.summary().splitlines()[:3] == [
        "contracts: 1 (new or changed: 1)",
        "results with a number: 0 in 0 contracts",
        *lines,
    ]


@pytest.mark.parametrize(
    ("source_id", "locator", "is_owned"),
    [
        ("registry-2026", "entry: 1", True),
        ("registry-2019", "entry: 1", True),
        ("registry-2026", "page 9", False),
        ("evaluation-2021", "entry: 1", False),
        ("", "", False),
    ],
)
def test_whose_a_row_is(source_id: str, locator: str, is_owned: bool) -> None:
    assert OWNER.owns({"source_id": source_id, "locator": locator}) == is_owned


def test_columns_are_those_that_the_reader_takes() -> None:
    for table in TABLE_FILES:
        assert table.name == FILES[table.table]
        assert {*table.identity, *table.shown, *table.ours} <= set(table.columns) == set(FILE_COLUMNS[table.table])
    assert OUTCOMES_FILE.name == "outcomes.csv"
    assert "amount_gbp" in PAYMENTS_FILE.columns
    assert "is_group" in ORGANISATIONS_FILE.columns
    assert "sources" in CONTRACT_KEYS
    assert "source_id" not in CONTRACT_KEYS


@pytest.mark.parametrize("name", GENERAL)
def test_what_all_importers_share_knows_none_of_them(name: str) -> None:
    code = (Path(pipeline.importers.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    imports = [node.module or "" for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    shared = {f"pipeline.importers.{other}" for other in GENERAL}
    assert {module for module in imports if module.startswith("pipeline.importers")} <= shared
    assert "indigo" not in code.lower()
