"""The INDIGO import merged with what lies in raw/, again and again."""

import tomllib
from pathlib import Path

import pytest

from pipeline.importers.imported import ImportProblem
from pipeline.importers.indigo import columns as indigo
from pipeline.importers.indigo.importer import plan_import
from pipeline.importers.merge import write_import
from tests.importers.indigo.made_up_export import A, B, Tables, read_rows, result, run_import, snapshot, write_export


def test_importing_twice_changes_nothing(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = write_export(tmp_path / "export", tables)
    first = run_import(path, raw)
    before = snapshot(raw)
    second = run_import(path, raw)
    assert f"+ {A}/outcomes.csv: outcomemetric1 quantity 12, result_type final" in first.changes
    assert second.changes == []
    assert second.files == first.files
    assert snapshot(raw) == before


def test_planning_writes_nothing(tmp_path: Path, tables: Tables, raw: Path) -> None:
    plan = plan_import(write_export(tmp_path / "export", tables), raw)
    assert plan.files
    assert not raw.exists()


def test_only_files_that_differ_are_written(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    inodes = {file: file.stat().st_ino for file in raw.rglob("*") if file.is_file()}
    tables[indigo.RESULTS][0][indigo.ACHIEVED] = "15"
    run_import(write_export(tmp_path / "export", tables), raw)
    changed = [file for file, inode in inodes.items() if file.stat().st_ino != inode]
    assert changed == [raw / A / "outcomes.csv"]
    assert set(inodes) == {file for file in raw.rglob("*") if file.is_file()}


def test_labels_survive_and_a_changed_quantity_is_shown(tmp_path: Path, tables: Tables, raw: Path) -> None:
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert "metrics that need a label or unit: 2" in plan.summary()
    file = raw / A / "outcomes.csv"
    file.write_text(
        file.read_text(encoding="utf-8")
        .replace("outcomemetric2,,", "outcomemetric2,Weeks at home,")
        # 145852 weeks, already net
        .replace("145852,,false", "145852,week,true"),
        encoding="utf-8",
        newline="",
    )
    # A result that comes in before the others moves their places, not their labels.
    tables[indigo.RESULTS] = [
        result(A, "outcomemetric0", "1"),
        result(A, "outcomemetric1", "15", start="2018-10", end="2020-02"),
        result(A, "outcomemetric2", "145852"),
    ]
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    by_metric = {row["metric_id"]: row for row in read_rows(file)}
    labelled = by_metric["outcomemetric2"]
    assert (labelled["label"], labelled["unit"], labelled["is_net_of_deadweight"]) == (
        "Weeks at home",
        "week",
        "true",
    )
    assert plan.changes == [
        f"+ {A}/outcomes.csv: outcomemetric0 quantity 1, result_type final",
        f"~ {A}/outcomes.csv: outcomemetric1 quantity 12 -> 15, locator results: {A} #1 -> results: {A} #2",
        f"~ {A}/outcomes.csv: outcomemetric2 locator results: {A} #2 -> results: {A} #3",
    ]
    assert "contracts: 2 (new or changed: 1)" in plan.summary()


def test_rows_added_by_hand_survive_after_the_imported_ones(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = write_export(tmp_path / "export", tables)
    run_import(path, raw)
    file = raw / A / "outcomes.csv"
    header, *imported = file.read_text(encoding="utf-8").splitlines()
    by_hand = [
        'outcomemetric1,"Homes, kept",final,,,9,person,false,evaluation-2021,table 4',
        "own1,Our count,final,,,8,person,false,indigo-2025-05,read from a chart",
    ]
    file.write_text("\n".join([header, by_hand[0], *imported, by_hand[1], ""]), encoding="utf-8", newline="")
    plan = run_import(path, raw)
    assert file.read_text(encoding="utf-8").splitlines() == [header, *imported, *by_hand]
    assert plan.changes == [f"~ {A}/outcomes.csv: layout only (quotes, line ends or order of rows)"]
    assert "results with a number: 2 in 1 contract" in plan.summary()
    assert run_import(path, raw).changes == []


def test_rows_that_the_export_has_lost_are_removed(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.RESULTS].append(result(B, "outcomemetric1", "some"))
    run_import(write_export(tmp_path / "export", tables), raw)
    tables[indigo.RESULTS] = []
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert plan.changes == [
        f"- {A}/outcomes.csv: outcomemetric1",
        f"- {A}/outcomes.csv: outcomemetric2",
        f"- {B}/rejected.csv: results: {B} #1 Outcomes achieved",
    ]
    # A file with nothing to say is left out.
    assert not (raw / A / "outcomes.csv").exists()


def test_contracts_of_others_are_left_alone(tmp_path: Path, tables: Tables, raw: Path) -> None:
    path = write_export(tmp_path / "export", tables)
    run_import(path, raw)
    own = raw / "OWN-1"
    own.mkdir()
    (own / "contract.toml").write_text('contract_id = "OWN-1"\n', encoding="utf-8")
    (raw / "broken").mkdir()
    (raw / "broken" / "contract.toml").write_text("= nonsense", encoding="utf-8")
    tables[indigo.LOCATIONS] = tables[indigo.LOCATIONS][:2]
    before = snapshot(raw)
    plan = run_import(write_export(path, tables), raw)
    assert snapshot(raw) == before
    assert plan.changes == []
    assert plan.summary().endswith(f"in raw/ but not in the export: 1\n  {B}")


def test_what_others_added_to_a_contract_stays(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    file = raw / A / "contract.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace(
        "people_targeted = 200", "people_targeted = 200 # as contracted\nlead = 'me'\npeople_engaged = 7"
    )
    file.write_text(
        text + '\n[[sources]]\nsource_id = "evaluation-2021"\nlocator = "p. 9"\n',
        encoding="utf-8",
        newline="",
    )
    tables[indigo.PROJECTS][0] |= {
        indigo.PEOPLE_TARGETED: "210",
        indigo.SIGNED: "2018-05",
        indigo.SERVICE_ENDS["actual"]: "2020-06",
    }
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert plan.changes == [
        f"~ {A}/contract.toml: contract_signed (none) -> 2018-05-01, service_end 2020-12-31 -> 2020-06-30, "
        "service_end_basis completion_anticipated -> actual, people_targeted 200 -> 210",
        f"~ {A}/payments.csv: projects: {A} maximum period_end 2020-12-31 -> 2020-06-30",
    ]
    text = file.read_text(encoding="utf-8")
    assert "people_targeted = 210 # as contracted" in text
    contract = tomllib.loads(text)
    assert (contract["lead"], contract["people_engaged"]) == ("me", 7)
    assert [source["source_id"] for source in contract["sources"]] == ["indigo-2025-05", "evaluation-2021"]
    assert f"kept although the export does not have it: 1\n  {A} people_engaged = 7" in plan.summary()
    assert run_import(tmp_path / "export", raw).changes == []


def test_line_ends_of_a_contract_file_stay(tmp_path: Path, tables: Tables, raw: Path) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    file = raw / A / "contract.toml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    before = snapshot(raw)
    assert run_import(tmp_path / "export", raw).changes == []
    assert snapshot(raw) == before


def test_a_contract_begun_by_hand_gets_the_import_as_one_more_source(tmp_path: Path, tables: Tables, raw: Path) -> None:
    file = raw / A / "contract.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f'contract_id = "{A}"\nstage = "implementation"\n\n[extra]\nk = 1\n', encoding="utf-8")
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    contract = tomllib.loads(file.read_text(encoding="utf-8"))
    assert contract["extra"] == {"k": 1}
    assert contract["stage"] == "complete"
    assert len(contract["sources"]) == 1
    assert "stage implementation -> complete" in plan.changes[0]
    assert plan.changes[0].endswith("source indigo-2025-05 added")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("contract.toml", "= nonsense", "not readable as TOML"),
        ("contract.toml", "sources = 1", "sources is not a list"),
        (
            "outcomes.csv",
            "metric_id,colour\na,b\n",
            "outcomes.csv:1: colour: unknown column; and 9 more",
        ),
    ],
)
def test_a_file_that_cannot_be_merged_stops_the_import(
    tmp_path: Path, tables: Tables, raw: Path, name: str, content: str, message: str
) -> None:
    (raw / A).mkdir(parents=True)
    (raw / A / name).write_text(content, encoding="utf-8")
    with pytest.raises(ImportProblem, match=message):
        plan_import(write_export(tmp_path / "export", tables), raw)
    assert snapshot(raw) == {f"{A}/{name}": content.encode()}


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, tables: Tables, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_import(write_export(tmp_path / "export", tables), raw)
    before = snapshot(raw)
    tables[indigo.RESULTS][0][indigo.ACHIEVED] = "15"
    plan = plan_import(write_export(tmp_path / "export", tables), raw)

    def fail(*_: object) -> None:
        raise OSError("disk is gone")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk is gone"):
        write_import(plan, raw)
    assert snapshot(raw) == before
