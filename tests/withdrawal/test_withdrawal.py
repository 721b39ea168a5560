"""A contract that its source has withdrawn: asked about first, then nowhere any more but for its tombstone.

Belongs here: decisions, the purge, and a whole journey over real contracts. What an import changes otherwise stands in
``test_merge`` and, for INDIGO, beside its importer.
"""

import csv
import datetime as dt
import io
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from pipeline.facts.problems import DataProblems
from pipeline.importers.imported import ImportProblem
from pipeline.importers.indigo.columns import OWNER
from pipeline.importers.indigo.vintages import known_sources, source_of
from pipeline.importers.merge import ImportPlan, plan_merge, write_import
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.server.instance import dagster_home
from pipeline.orchestration.settings import Settings
from pipeline.withdrawal.carry_out import GonePlan, carry_out, plan_gone
from pipeline.withdrawal.decisions import Decisions, gone_text, read_gone, stands_for
from pipeline.withdrawal.purge import SAID_INSTEAD, Withdrawn, _without_lines, _without_rows
from tests.small_market import lay_out

DN2, NORFOLK, OTHER = "INDIGO-POJ-0201", "INDIGO-POJ-0178", "INDIGO-POJ-0121"
NAME = "DN2 Children’s Services Social Impact Bond"
TODAY, EDITION, VINTAGE = dt.date(2026, 11, 29), "open-2026", "2026-04"
TOMBSTONE = ("gone_contracts.csv", "gone_contracts.parquet")
CONTRACT = Withdrawn(DN2, NAME, stands_for(DN2))


def empty_export(settings: Settings) -> ImportPlan:
    """An import of an export without any contract."""
    return plan_merge(
        [],
        OWNER,
        settings.raw_dir,
        shown_source="the export",
        source=source_of(VINTAGE),
        sources=known_sources(settings.reference_dir),
    )


def folders_of(settings: Settings) -> tuple[Path, Path, Path, Path]:
    return settings.raw_dir, settings.reference_dir, settings.out_dir, settings.data_dir


def decided(settings: Settings, *withdrawn: str, today: dt.date = TODAY) -> tuple[ImportPlan, GonePlan]:
    """All other contracts are kept."""
    plan = empty_export(settings)
    kept = tuple(each for each in plan.absent if each not in withdrawn)
    decisions = Decisions(withdrawn, kept, "not withdrawn: made up for a test" if kept else "")
    return plan, plan_gone(plan, decisions, *folders_of(settings), today)


def done(settings: Settings, plan: ImportPlan, gone: GonePlan) -> list[str]:
    """Write what is planned and decided."""
    write_import(plan, settings.raw_dir, settings.reference_dir)
    folders = (settings.raw_dir, settings.reference_dir, settings.out_dir, settings.data_dir)
    return carry_out(plan, gone, *folders, day=TODAY.isoformat())


@pytest.fixture
def project(tmp_path: Path, project_root: Path) -> Settings:
    """A project of three contracts, with its documents and without anything published."""
    lay_out(tmp_path, project_root, [DN2, NORFOLK, OTHER])
    for edition in (tmp_path / "reference" / "editions").glob("*.toml"):
        if edition.stem not in (EDITION, "open-2025"):
            edition.unlink()
    (tmp_path / "docs").mkdir()
    for path in (project_root / "docs").glob("*.md"):
        shutil.copy(path, tmp_path / "docs")
    return Settings(*(tmp_path / name for name in ("raw", "reference", "reports", "data")))


# --- Everything that is kept, read as what it is ---------------------------------------------------------------


def texts_of(path: Path) -> Iterator[str]:
    """What a file says: its bytes, and whatever is packed in them."""
    content = path.read_bytes()
    yield content.decode("utf-8", errors="replace")
    yield content.decode("utf-16-le", errors="replace")
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        yield table.to_csv()
        yield " ".join(table.columns)
    elif content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as records:
            yield "\n".join(records.iterdump())
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield name
                yield archive.read(name).decode("utf-8", errors="replace")


def naming(root: Path, *words: str) -> dict[str, set[str]]:
    """The files below a folder that say any of these words, with the words; names of files are said too."""
    found: dict[str, set[str]] = {}
    for path in sorted(root.rglob("*")):
        texts = [path.relative_to(root).as_posix(), *(texts_of(path) if path.is_file() else ())]
        said = {word for word in words for text in texts if word in text}
        if said:
            found[path.relative_to(root).as_posix()] = said
    return found


@pytest.mark.slow
def test_nothing_stays_of_a_contract_but_its_tombstone_and_the_move_is_bridged(
    project: Settings, checks_ready: None
) -> None:
    root, words = project.raw_dir.parent, (DN2, "DN2", "0201", NAME)
    dagster_home(project)
    before = run_editions(project, [EDITION])[EDITION]
    value = pd.read_parquet(project.out_dir / EDITION / "tables" / "contract_value.parquet")
    of_dn2 = value.set_index("contract_id").loc[DN2]
    # The search finds it where it is: in working tables, in Dagster's records, in what is published.
    places = naming(root, DN2, "(0201)")
    assert {path.partition("/")[0] for path in places} == {"raw", "reference", "reports", "data", "docs"}
    assert any(path.startswith("data/dagster/") and path.endswith(".db") for path in places)
    assert any(path.endswith(".parquet") for path in places)
    done(project, *decided(project, DN2))
    assert set(naming(root, *words)) == {"reference/gone_contracts.csv"}
    after = run_editions(project, [EDITION])[EDITION]
    # Numbers may have these digits; the words are what names it. The tombstone is published, and shown in the UI.
    named = naming(root, DN2, "DN2", NAME)
    in_one_file = {".zip", ".ods", ".xlsx"}
    others = {path for path in named if "gone_contracts" not in path and Path(path).suffix not in in_one_file}
    assert {Path(path).name if path.endswith(".html") else Path(path).suffix for path in others} == {".db", "data.html"}
    assert {word for said in named.values() for word in said} == {DN2}
    terms = pd.read_parquet(project.out_dir / EDITION / "tables" / "bridge.parquet")
    market = terms[(terms["scope"] == "market") & (terms["detail"] == "")]
    ratio = market[market["measure"] == "bcr"].set_index("cause")["term"]
    assert ratio.drop("contracts").abs().max() < 1e-9
    assert ratio["contracts"] == pytest.approx(after["bcr"] - before["bcr"], abs=1e-6)
    moved = market[market["measure"] == "public_value_gbp"].set_index("cause")["term"]
    assert moved["contracts"] == pytest.approx(-of_dn2["public_value_gbp"], abs=0.01)
    assert set(terms.loc[terms["scope_kind"] == "contract", "scope"]) == {stands_for(DN2)}


def test_a_tombstone_says_how_much_there_was(project: Settings) -> None:
    paid = pd.read_csv(project.raw_dir / DN2 / "payments.csv")
    rows = sum(len(pd.read_csv(path)) for path in (project.raw_dir / DN2).glob("*.csv"))
    done(project, *decided(project, DN2))
    gone = {row["contract_id"]: row for row in read_gone(project.reference_dir)}
    assert gone[DN2] == {
        "contract_id": DN2,
        "decision": "withdrawn",
        "decided_on": "2026-11-29",
        "source_id": "indigo-2026-04",
        "reason": "",
        "rows": str(rows),
        "outcome_payments_gbp": f"{paid.loc[paid['basis'] == 'paid', 'amount_gbp'].sum():.2f}",
    }
    assert (gone[NORFOLK]["decision"], gone[NORFOLK]["rows"]) == ("kept", "")
    # Its source is registered, so that check finds the row sound.
    assert "indigo-2026-04" in (project.reference_dir / "sources.csv").read_text(encoding="utf-8")
    assert not (project.raw_dir / DN2).exists()


def test_who_is_stopped_says_it_again(project: Settings) -> None:
    folder = project.raw_dir / DN2
    shutil.copytree(folder, project.raw_dir.parent / "aside")
    done(project, *decided(project, DN2))
    first = (project.reference_dir / "gone_contracts.csv").read_bytes()
    # As if it had been killed before the folder went, and the day after it goes on.
    shutil.copytree(project.raw_dir.parent / "aside", folder)
    shutil.rmtree(project.raw_dir.parent / "aside")
    plan = empty_export(project)
    assert plan.absent == (OTHER, NORFOLK, DN2)
    gone = plan_gone(plan, Decisions((DN2,)), *folders_of(project), TODAY + dt.timedelta(days=1))
    done(project, plan, gone)
    assert (project.reference_dir / "gone_contracts.csv").read_bytes() == first
    assert set(naming(project.raw_dir.parent, DN2)) == {"reference/gone_contracts.csv"}


def test_a_contract_that_is_gone_is_asked_about_until_it_is_decided(project: Settings) -> None:
    plan = empty_export(project)
    gone = plan_gone(plan, Decisions(), *folders_of(project), TODAY)
    assert gone.undecided == [OTHER, NORFOLK, DN2]
    assert not gone.is_changed
    done(project, *decided(project))
    again = plan_gone(plan, Decisions(), *folders_of(project), TODAY)
    assert (again.undecided, again.is_changed) == ([], False)


def test_a_contract_that_is_back_is_no_longer_gone(project: Settings) -> None:
    done(project, *decided(project))
    plan = empty_export(project)
    back = ImportPlan(**{**vars(plan), "absent": (OTHER, NORFOLK), "present": frozenset([DN2])})
    gone = plan_gone(back, Decisions(), *folders_of(project), TODAY)
    assert [row["contract_id"] for row in gone.rows] == [OTHER, NORFOLK]
    assert gone.is_changed


def test_a_withdrawn_contract_that_is_back_stops_the_import(project: Settings) -> None:
    done(project, *decided(project, DN2))
    plan = empty_export(project)
    back = ImportPlan(**{**vars(plan), "present": frozenset([DN2])})
    with pytest.raises(ImportProblem, match=f"{DN2}: was withdrawn on 2026-11-29, and the export has it again"):
        plan_gone(back, Decisions(), *folders_of(project), TODAY)


@pytest.mark.parametrize(
    ("withdrawn", "kept", "because", "message"),
    [
        ((DN2,), (DN2,), "x", f"{DN2}: either withdrawn or kept"),
        ((), (DN2,), " ", f'--keep {DN2}: say why, with --because "…"'),
        ((DN2,), (), "x", "--because says why a contract is kept"),
        (("INDIGO-POJ-0001",), (), "", "--withdrawn INDIGO-POJ-0001: not gone: raw/ has no such contract"),
        (("indigo-poj-0201",), (), "", "no such contract from INDIGO; did you mean"),
        ((), ("INDIGO-POJ-0001",), "x", "--keep INDIGO-POJ-0001: not gone"),
    ],
)
def test_a_decision_that_cannot_be_meant_is_refused(
    project: Settings, withdrawn: tuple[str, ...], kept: tuple[str, ...], because: str, message: str
) -> None:
    plan = empty_export(project)
    with pytest.raises(ImportProblem, match=message):
        plan_gone(plan, Decisions(withdrawn, kept, because), *folders_of(project), TODAY)


def test_a_folder_of_a_withdrawn_contract_is_found_by_check(project: Settings) -> None:
    folder = project.raw_dir / DN2
    shutil.copytree(folder, project.raw_dir.parent / "aside")
    done(project, *decided(project, DN2))
    shutil.copytree(project.raw_dir.parent / "aside", folder)
    with pytest.raises(
        DataProblems, match=r"gone_contracts\.csv:4: contract_id: withdrawn, but its folder is still there"
    ):
        run_editions(project, [EDITION])


def test_where_only_headlines_are_there_it_is_said_what_would_be_lost(project: Settings) -> None:
    (project.out_dir / EDITION).mkdir(parents=True)
    (project.out_dir / EDITION / "headline.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"has its headline alone.*; publicvalue run first, or delete that folder"):
        decided(project, DN2)
    assert decided(project)[1].withdrawn == []


def test_a_dry_run_says_what_the_real_one_does_and_changes_nothing(project: Settings) -> None:
    plan, gone = decided(project, DN2)
    before = {path: path.read_bytes() for path in project.raw_dir.parent.rglob("*") if path.is_file()}
    folders = (project.raw_dir, project.reference_dir, project.out_dir, project.data_dir)
    dry = carry_out(plan, gone, *folders, day=TODAY.isoformat(), is_dry=True)
    assert {path: path.read_bytes() for path in project.raw_dir.parent.rglob("*") if path.is_file()} == before
    did = done(project, plan, gone)
    assert set(dry) - set(did) == {f"+ {project.reference_dir}/earlier: what is published now"}
    assert f"~ {project.reference_dir}/metric_outcomes.csv" in dry


def test_nothing_is_deleted_while_the_ui_is_open(project: Settings) -> None:
    home = dagster_home(project)
    before = naming(project.raw_dir.parent, DN2)
    with FileLock(home / "ui.lock"), pytest.raises(ImportProblem, match=r"the UI is open over .*; stop it first"):
        decided(project, DN2)
    assert naming(project.raw_dir.parent, DN2) == before


def test_switched_schedules_stay_switched(project: Settings) -> None:
    home = dagster_home(project)
    for name in ("schedules", "history"):
        (home / name).mkdir()
        with closing(sqlite3.connect(home / name / f"{name}.db")) as records:
            records.execute("CREATE TABLE jobs (status TEXT)")
            records.execute("INSERT INTO jobs VALUES ('RUNNING')")
            records.commit()
    done(project, *decided(project, DN2))
    assert [path.name for path in home.iterdir()] == ["schedules"]
    with closing(sqlite3.connect(home / "schedules" / "schedules.db")) as records:
        assert records.execute("SELECT status FROM jobs").fetchall() == [("RUNNING",)]


def test_the_name_of_a_sum_is_the_same_in_whichever_order() -> None:
    assert stands_for(DN2) == stands_for(DN2) != stands_for(NORFOLK)
    assert stands_for(DN2).startswith("WITHDRAWN-")
    assert gone_text([]).splitlines() == ["contract_id,decision,decided_on,source_id,reason,rows,outcome_payments_gbp"]


# --- What is changed in texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contract", "text"),
    [
        # One word, or two, may be anybody's.
        (Withdrawn("INDIGO-POJ-0198", "Chances", ""), "Life Chances Fund, 2016"),
        (Withdrawn("INDIGO-POJ-0132", "Aspire", ""), "I-Aspire (Lewisham), iAspire"),
        (Withdrawn("INDIGO-POJ-0137", "St Basil's", ""), "the charity St Basil's"),
        (Withdrawn("INDIGO-POJ-0132", "A B C", ""), "A B C-house and the DA B C"),
        # Only the numbers of INDIGO's contracts stand alone in texts.
        (Withdrawn("INDIGO-POJ-2015", "", ""), "value set 2015, 2015-16"),
        (Withdrawn("OWN-1", "", ""), "OWN-12, MY-OWN-1"),
        (CONTRACT, "results-of-indigo-poj-0201, https://example.org/0201/x"),
    ],
)
def test_what_may_be_somebody_else_stays(contract: Withdrawn, text: str) -> None:
    assert contract.unnamed(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"results: {DN2} #1", f"results: {SAID_INSTEAD} #1"),
        ("weeks that would have been in a home (0201)", f"weeks that would have been in a home ({SAID_INSTEAD})"),
        ("Norfolk (0178), DN2 (0201), Fostering (0171)", f"Norfolk (0178), {SAID_INSTEAD}, Fostering (0171)"),
        ("0173, 0183, 0201, 1,331 in all", f"0173, 0183, {SAID_INSTEAD}, 1,331 in all"),
        (f"the {NAME} pays", f"the {SAID_INSTEAD} pays"),
        ("on 2020-02-01, in 10201 cases, £0201.5", "on 2020-02-01, in 10201 cases, £0201.5"),
        ("INDIGO-POJ-02010 and INDIGO-POJ-1201", "INDIGO-POJ-02010 and INDIGO-POJ-1201"),
    ],
)
def test_a_mention_is_replaced_and_nothing_else(text: str, expected: str) -> None:
    assert CONTRACT.unnamed(text) == expected


def test_rows_of_a_contract_go_and_all_others_stay_as_they_are_written() -> None:
    text = (
        f'contract_id,reason\r\nX-1,"quoted, ""twice"""\r\n{DN2},its own\r\nX-2,"two\r\nlines"\r\nX-3,as for 0201\r\n'
    )
    assert _without_rows(text, CONTRACT) == (
        'contract_id,reason\r\nX-1,"quoted, ""twice"""\r\nX-2,"two\r\nlines"\r\nX-3,as for a withdrawn contract\r\n'
    )


def test_a_line_end_within_a_cell_moves_no_row() -> None:
    text = f"contract_id,reason\nX-1,of\u2028two\n{DN2},its own\nX-2,kept\n"
    assert _without_rows(text, CONTRACT) == "contract_id,reason\nX-1,of\u2028two\nX-2,kept\n"


def test_what_was_accepted_of_a_contract_goes() -> None:
    text = f"check,key,value\na,{DN2} results: {DN2} #1,5\na,INDIGO-POJ-0192 x,6\n"
    assert _without_rows(text, CONTRACT) == "check,key,value\na,INDIGO-POJ-0192 x,6\n"


def test_what_is_about_a_contract_goes_with_it_and_so_does_its_own_source() -> None:
    text = f"figure_id,scope\na,{DN2}\nb,INDIGO-POJ-0183+{DN2}\nc,INDIGO-POJ-0183\n"
    assert _without_rows(text, CONTRACT) == "figure_id,scope\nc,INDIGO-POJ-0183\n"
    text = "source_id,title\nresults-of-indigo-poj-0201,Results\nresults-of-indigo-poj-0202,Results\n"
    assert _without_rows(text, CONTRACT) == "source_id,title\nresults-of-indigo-poj-0202,Results\n"


def test_a_sum_stays_under_a_name_that_says_nothing() -> None:
    head = ["contract_id", "name", "policy_area", "is_in_bcr", "public_value_gbp"]
    text = f"{','.join(head)}\n{DN2},{NAME},health,true,12.5\nX-1,Other,health,true,1\n"
    rows = list(csv.reader(_without_rows(text, CONTRACT).splitlines()))
    assert rows[1:] == [
        [stands_for(DN2), SAID_INSTEAD, "health", "true", "12.5"],
        ["X-1", "Other", "health", "true", "1"],
    ]


def test_a_row_of_a_table_goes_if_it_speaks_of_no_other_contract() -> None:
    text = "| DN2, 0201 | weeks |\n| DN2 (0201), 0178 | days |\nIn the middle of a\nsentence about 0201, say.\n"
    assert _without_lines(text, CONTRACT) == (
        "| a withdrawn contract, 0178 | days |\nIn the middle of a\nsentence about a withdrawn contract, say.\n"
    )
