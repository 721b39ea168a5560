"""Whole runs over a few contracts: what is published, what is left alone, what is refused."""

import html
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.checks.suites import SUITES
from pipeline.facts.problems import DataProblems
from pipeline.facts.reference import Reference
from pipeline.facts.versions import versions
from pipeline.load import load
from pipeline.method.analysis.tables import published_tables
from pipeline.method.steps.sums import contract_value
from pipeline.method.steps.value import without_overlaps
from pipeline.method.valuation import value_edition
from pipeline.orchestration.assets.inputs import Inputs, stale_contracts
from pipeline.orchestration.assets.store import table_store
from pipeline.orchestration.run import UnknownNameError, run_editions
from pipeline.orchestration.server.instance import dagster_home, run_records
from pipeline.orchestration.settings import Settings
from pipeline.report import history
from pipeline.report.publish import arrow_table
from pipeline.report.sharing import PICTURE
from pipeline.report.text.editions import FRONT
from pipeline.report.text.headline import as_json, headline
from pipeline.tables.catalogue import FACT_TABLES, PUBLISHED_TABLES
from tests.conftest import EDITIONS as CURRENT
from tests.small_market import keep_rows, lay_out

CONTRACTS = ["INDIGO-POJ-0121", "INDIGO-POJ-0174", "INDIGO-POJ-0178"]
# Not next to each other.
EDITIONS = ["atq-2022", "open-2026"]
Bytes = dict[str, bytes]


@dataclass
class Ran:
    """A project after a first run: its folders, what the run handed back and what it announced."""

    settings: Settings
    headlines: dict[str, dict[str, Any]]
    steps: list[str]


def made_project(folder: Path, project_root: Path) -> Settings:
    """A project of three contracts."""
    lay_out(folder, project_root, CONTRACTS)
    return Settings(*(folder / name for name in ("raw", "reference", "reports", "data")))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, project_root: Path, checks_ready: None) -> Ran:
    """The first run of a small project; not to be changed by a test."""
    settings = made_project(tmp_path_factory.mktemp("first"), project_root)
    steps: list[str] = []
    headlines = run_editions(settings, EDITIONS, on_step=steps.append)
    return Ran(settings, headlines, steps)


@pytest.fixture(scope="module")
def second(first: Ran, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The same again, recorded, since the UI has been opened meanwhile; not to be changed by a test."""
    settings = copied(first.settings, tmp_path_factory.mktemp("second"))
    with run_records(settings) as records:
        assert records is None
    dagster_home(settings)
    steps: list[str] = []
    headlines = run_editions(settings, EDITIONS, on_step=steps.append)
    return Ran(settings, headlines, steps)


@pytest.fixture
def project(first: Ran, tmp_path: Path) -> Settings:
    """A copy of the project after its first run, to be changed at will."""
    return copied(first.settings, tmp_path)


def copied(settings: Settings, folder: Path) -> Settings:
    for name in ("raw", "reference", "reports", "data"):
        shutil.copytree(settings.raw_dir.parent / name, folder / name)
    return Settings(*(folder / name for name in ("raw", "reference", "reports", "data")))


def published(settings: Settings) -> Bytes:
    """Every published file, but not how the checks came out: that depends also on what was published before.

    The files with everything in one have that too.
    """
    apart = {".zip", ".ods", ".xlsx"}
    files = (path for path in editions_in(settings.out_dir) if path.stem != "checks" and path.suffix not in apart)
    return {path.relative_to(settings.out_dir).as_posix(): path.read_bytes() for path in files}


def editions_in(out_dir: Path) -> Iterator[Path]:
    """Every file of an edition: not of the history, and not of the front page, which tell of all publications."""
    for path in out_dir.glob("*/**/*"):
        if path.is_file() and history.FOLDER not in path.parts:
            yield path


def stored_facts(settings: Settings) -> dict[str, int]:
    """When each stored table of the facts was written, by contract."""
    tables = settings.data_dir / "tables"
    return {f"{a}/{c}": (tables / a / f"{c}.parquet").stat().st_mtime_ns for a in FACT_TABLES for c in CONTRACTS}


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_all_tables_of_the_editions_asked_for_are_published(first: Ran) -> None:
    stand = {path.name for path in first.settings.out_dir.iterdir()}
    assert stand == {".lock", *EDITIONS, history.FOLDER, *FRONT}
    for edition in EDITIONS:
        folder = first.settings.out_dir / edition
        assert {path.stem for path in (folder / "tables").iterdir()} == set(PUBLISHED_TABLES)
        pages = {"headline.json", "headline.md", "index.html", "style.css", PICTURE}
        bundles = {f"publicvalue-{edition}.{ending}" for ending in ("zip", "xlsx", "ods")}
        assert pages | bundles <= {path.name for path in folder.iterdir()}


def test_the_headlines_come_back_as_published(first: Ran) -> None:
    assert list(first.headlines) == EDITIONS
    for edition, data in first.headlines.items():
        text = (first.settings.out_dir / edition / "headline.json").read_text(encoding="utf-8")
        assert json.loads(text) == data
        assert data["edition"] == edition
        assert data["contracts"] == len(CONTRACTS)


def test_each_step_is_announced_in_words(first: Ran) -> None:
    assert first.steps[:2] == ["reading reference tables", "reading 3 contracts"]
    assert first.steps.count("gross value") == 1  # for all editions together
    assert first.steps[-1] == "reconciliation, coverage, uncertainty, scenarios and headline"


def test_who_has_opened_the_ui_sees_there_what_a_run_made(second: Ran) -> None:
    project, headlines = second.settings, second.headlines
    with run_records(project) as records:
        assert records is not None
        (record,) = records.fetch_materializations(dg.AssetKey("headline"), limit=10).records
        run = records.get_run_by_id(record.run_id)
    materialization = record.asset_materialization
    assert materialization is not None
    metadata = {name: value.value for name, value in materialization.metadata.items()}
    for edition in EDITIONS:
        ratio, fiscal = (f"£{headlines[edition][name]:.2f}" for name in ("bcr", "fiscal_bcr"))
        assert str(metadata[edition]).startswith(f"**{ratio} of public value for every £1 paid**")
        assert f"{fiscal} of fiscal value" in str(metadata[edition])
        sure = headlines[edition]["uncertainty"]["bcr"]
        range_ = f"(80% range: £{sure['p10']:.2f} to £{sure['p90']:.2f})"
        assert (range_ in str(metadata[edition])) == sure["has_range"]
        assert metadata[f"public value per £1, {edition}"] == round(headlines[edition]["bcr"], 2)
        assert metadata[f"moved {edition}"] == "- nothing since it was last published"
        assert str(metadata[f"full text {edition}"]).startswith("# ")
        pages = re.findall(r"\]\(/reports/([^)]*)\)", str(metadata[edition]))
        assert pages == [f"{edition}/index.html", f"{edition}/headline.md", f"{edition}/checks.html"]
        assert all((project.out_dir / page).is_file() for page in pages)
    assert next(iter(metadata)) == "open-2026"  # our own estimate first
    listed = re.findall(r"partition=([^)]*)\)", str(metadata["contracts by name"]))
    assert sorted(listed) == sorted(CONTRACTS)
    assert str(project.raw_dir.parent) not in str(metadata)
    assert run is not None
    content = versions(project.raw_dir, project.reference_dir)
    for name in ("data_version", "reference_version"):
        assert run.tags[f"publicvalue/{name}"] == content[name]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_graph_gives_what_the_plain_functions_give(first: Ran, edition: str) -> None:
    raw, reference = first.settings.raw_dir, first.settings.reference_dir
    facts, tables = load(raw, reference)
    expected = published_tables(facts, tables, value_edition(facts, tables, tables.editions[edition]))
    for name, table in expected.items():
        path = first.settings.out_dir / edition / "tables" / f"{name}.parquet"
        arrow = arrow_table(table, name, versions(raw, reference))
        assert pq.read_table(path).equals(arrow, check_metadata=True), name


def test_a_second_run_gives_the_same_bytes(first: Ran, second: Ran) -> None:
    assert published(second.settings) == published(first.settings)


def test_one_contract_read_again_leaves_the_others_alone_and_the_run_says_nothing(
    project: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    before, figures = stored_facts(project), published(project)
    run_editions(project, ["open-2026"], contracts=["INDIGO-POJ-0174"])
    after = stored_facts(project)
    assert {name for name in after if after[name] != before[name]} == {
        f"{asset}/INDIGO-POJ-0174" for asset in FACT_TABLES
    }
    assert published(project) == figures
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("unwritten")
def test_a_changed_contract_is_read_again_though_another_was_named(project: Settings) -> None:
    before = stored_facts(project)
    spoil(project.raw_dir / "INDIGO-POJ-0178/outcomes.csv", ",145852,", ",145853,")
    assert stale_contracts(project, table_store(project)) == ["INDIGO-POJ-0178"]
    run_editions(project, ["open-2026"], contracts=["INDIGO-POJ-0121"])
    after = stored_facts(project)
    assert {name.split("/")[1] for name in after if after[name] != before[name]} == {CONTRACTS[0], CONTRACTS[2]}
    outcomes = pd.read_parquet(project.out_dir / "open-2026/tables/reported_outcomes.parquet")
    assert 145853 in set(outcomes["quantity"])


def test_wrong_data_are_all_named_and_nothing_is_published(
    project: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    before = published(project)
    spoil(project.raw_dir / "INDIGO-POJ-0178/outcomes.csv", ",145852,", ',"145,852",')
    spoil(project.reference_dir / "gdp_deflators.csv", "2020-21", "2020/21")
    with pytest.raises(DataProblems) as caught:
        run_editions(project)
    places = {(problem.path, problem.column) for problem in caught.value.problems}
    assert places == {
        ("raw/INDIGO-POJ-0178/outcomes.csv", "quantity"),
        ("reference/gdp_deflators.csv", "price_year"),
    }
    assert published(project) == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["notes.txt", "old/outcomes.csv", "claims.csv"])
def test_a_file_that_should_not_be_there_is_found_though_its_contract_was_read_before(
    project: Settings, name: str
) -> None:
    path = project.raw_dir / "INDIGO-POJ-0178" / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with pytest.raises(DataProblems, match="INDIGO-POJ-0178"):
        run_editions(project, ["open-2026"])


@pytest.mark.usefixtures("unwritten")
def test_tables_that_do_not_fit_together_are_refused(project: Settings) -> None:
    before = published(project)
    path = project.reference_dir / "metric_outcomes.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("INDIGO-POJ-0178,")), encoding="utf-8")
    with pytest.raises(DataProblems, match="metric_id: no treatment"):
        run_editions(project)
    assert published(project) == before


@pytest.mark.usefixtures("unwritten")
def test_units_that_do_not_agree_are_refused(project: Settings) -> None:
    before = published(project)
    path = project.reference_dir / "unit_costs.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table["unit"] = table["unit"].map(lambda unit: "pound" if unit == "incident" else "incident")
    table.to_csv(path, index=False)
    with pytest.raises(DataProblems, match="cannot be converted into"):
        run_editions(project)
    assert published(project) == before


@pytest.mark.parametrize("folder", ["raw", "reference/editions"])
def test_an_empty_folder_is_said(tmp_path: Path, project_root: Path, folder: str) -> None:
    settings = made_project(tmp_path, project_root)
    shutil.rmtree(tmp_path / folder)
    with pytest.raises(DataProblems, match="folder: missing"):
        run_editions(settings)


def test_a_folder_that_cannot_be_a_contract_is_said(project: Settings) -> None:
    (project.raw_dir / "old...").mkdir()
    with pytest.raises(DataProblems, match=r"raw/old\.\.\.:0: folder: not the id of a contract"):
        run_editions(project)


def test_unknown_names_are_refused_with_the_known_ones(first: Ran) -> None:
    with pytest.raises(UnknownNameError) as caught:
        run_editions(first.settings, editions=["open-2026", "open-1925"])
    known = sorted(path.stem for path in (first.settings.reference_dir / "editions").glob("*.toml"))
    assert str(caught.value) == f"no such edition: open-1925; known: {', '.join(known)}"
    with pytest.raises(UnknownNameError) as caught:
        run_editions(first.settings, contracts=["INDIGO-POJ-9999"])
    assert str(caught.value) == f"no such contract: INDIGO-POJ-9999; known: {', '.join(CONTRACTS)}"


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ("raw/INDIGO-POJ-0121/payments.csv", {"facts", "table"}),
        ("reference/corrections.csv", {"facts", "reference", "table"}),
        ("reference/unit_costs.csv", {"reference", "table"}),
        (None, set()),
    ],
)
def test_tables_made_from_other_data_than_now_are_refused(
    project: Settings, reference: Reference, changed: str | None, refused: set[str]
) -> None:
    """So that a figure is never published under the version of data from which it was not made."""
    if changed:
        path = project.raw_dir.parent / changed
        path.write_bytes(path.read_bytes() + b"\n")
    edition = reference.editions["open-2026"]
    readings: dict[str, Callable[[Inputs], object]] = {
        "facts": lambda inputs: inputs.facts,
        "reference": lambda inputs: inputs.reference,
        "table": lambda inputs: inputs.edition_table("gross_value", edition),
    }
    for name, reading in readings.items():
        inputs = Inputs(project, table_store(project))
        if name in refused:
            with pytest.raises(DataProblems, match="new or changed since the last reading"):
                reading(inputs)
        else:
            reading(inputs)


@pytest.mark.slow
@pytest.mark.usefixtures("checks_ready", "unwritten")
def test_the_whole_market_as_the_plain_functions_have_it(
    tmp_path: Path, project_root: Path, reference: Reference, tables_of: Callable[[str], dict[str, pd.DataFrame]]
) -> None:
    settings = Settings(project_root / "raw", project_root / "reference", tmp_path / "reports", tmp_path / "data")
    run_editions(settings, list(CURRENT))
    for edition in map(reference.editions.__getitem__, CURRENT):
        text = (settings.out_dir / edition.edition / "headline.json").read_text(encoding="utf-8")
        assert text == as_json(headline(tables_of(edition.edition), edition))


# --- Checks across tables ---------------------------------------------------------------------------------------


def without_contract(project: Settings, gone: str) -> None:
    """A project from which a contract, and what is said of it, has gone."""
    shutil.rmtree(project.raw_dir / gone)
    for table in ("metric_outcomes", "deadweight", "paid_per_unit"):
        keep_rows(project.reference_dir / f"{table}.csv", "contract_id", ["", *(c for c in CONTRACTS if c != gone)])


def failed_checks(project: Settings, **arguments: Any) -> set[str]:
    """The checks that stop a run, which must leave everything published as it was."""
    before = tree(project)
    with pytest.raises(DataProblems) as refused:
        run_editions(project, ["open-2026"], **arguments)
    assert tree(project) == before
    return {problem.column for problem in refused.value.problems}


def tree(project: Settings) -> Bytes:
    return {path.relative_to(project.out_dir).as_posix(): path.read_bytes() for path in editions_in(project.out_dir)}


@pytest.mark.usefixtures("unwritten")
def test_a_join_that_multiplies_lines_is_caught(project: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(*arguments: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
        counted, overlaps = without_overlaps(*arguments)
        return pd.concat([counted, counted.tail(1)], ignore_index=True), overlaps

    monkeypatch.setattr("pipeline.method.steps.value.without_overlaps", twice)
    # No version tells of a function that a test has put there, so that what is kept would be taken.
    failed = failed_checks(project, fresh=True)
    assert failed == {"every_outcome_valued_once_by_each_unit_cost", "net_value_split_without_loss"}


@pytest.mark.usefixtures("unwritten")
def test_a_contract_dropped_on_the_way_is_caught(project: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_but_one(*arguments: Any) -> pd.DataFrame:
        return contract_value(*arguments).iloc[1:]

    monkeypatch.setattr("pipeline.method.steps.sums.contract_value", all_but_one)
    assert "every_contract_there_once" in failed_checks(project, fresh=True)


@pytest.mark.usefixtures("unwritten")
def test_a_contract_whose_folder_is_gone_is_missed(project: Settings) -> None:
    without_contract(project, "INDIGO-POJ-0178")
    assert {"no_contract_dropped", "coverage_did_not_shrink"} < failed_checks(project)


@pytest.mark.usefixtures("unwritten")
def test_a_unit_cost_entered_double_is_caught(project: Settings) -> None:
    path = project.reference_dir / "unit_costs.csv"
    costs = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = (costs["unit_cost_id"] == "child_in_care") & (costs["value_set"] == "2026")
    for level in ("low_gbp", "central_gbp", "high_gbp"):
        costs.loc[row, level] = str(2 * float(costs.loc[row, level].item()))
    costs.to_csv(path, index=False)
    assert "unit_values_near_the_last" in failed_checks(project)


def test_what_is_accepted_by_name_is_published_and_said(project: Settings) -> None:
    without_contract(project, "INDIGO-POJ-0178")
    accepted = [
        *("no_contract_dropped", "coverage_did_not_shrink"),
        *("market_near_the_last", "no_contract_carries_the_move"),
    ]
    assert failed_checks(project, accepted_checks=accepted[1:]) == {"no_contract_dropped"}
    (data,) = run_editions(project, ["open-2026"], accepted_checks=accepted).values()
    assert data["contracts"] == len(CONTRACTS) - 1
    folder = project.out_dir / "open-2026"
    checks = pd.read_parquet(folder / "tables/checks.parquet")
    assert list(checks.loc[checks["outcome"] == "accepted", "check"]) == accepted
    assert "4 accepted" in (folder / "checks.html").read_text(encoding="utf-8")


def test_only_a_check_against_the_last_edition_can_be_accepted(first: Ran) -> None:
    with pytest.raises(UnknownNameError, match="no such check that may be accepted: levels_agree; known: no_contract"):
        run_editions(first.settings, accepted_checks=["levels_agree"])


def test_the_page_lists_every_suite_and_check_with_what_it_saw(first: Ran) -> None:
    for edition in EDITIONS:
        folder = first.settings.out_dir / edition
        checks = pd.read_parquet(folder / "tables/checks.parquet")
        assert list(checks["check"]) == [check.name for suite in SUITES for check in suite.checks]
        page = (folder / "checks.html").read_text(encoding="utf-8").replace("<wbr>", "")
        for row in checks.itertuples():
            for text in (row.check, row.guards, row.guards_suite, row.saw):
                assert html.escape(str(text)) in page, row.check


# How the check of all folders came out is told of the asset that has a contract in each partition, too.
FOLDERS = {"contract_folder_is_sound", "contract_folders_are_sound"}


def test_dagster_is_told_how_each_check_came_out_also_when_it_stops_the_run(second: Ran, tmp_path: Path) -> None:
    names = {check.name for suite in SUITES for check in suite.checks}
    gates = {"reference_is_sound", *FOLDERS, "facts_fit_the_reference"}
    # Of three editions two have been published.
    told = evaluations(second.settings)
    assert told == {name: [True] for name in names | gates} | {"every_edition_is_up_to_date": [False]}
    project = copied(second.settings, tmp_path)
    without_contract(project, "INDIGO-POJ-0178")
    failed = failed_checks(project)
    found = {name for name, passed in evaluations(project).items() if passed[-1:] == [False]}
    assert found - {"every_edition_is_up_to_date"} == failed


@pytest.mark.parametrize(
    ("file", "old", "new", "check"),
    [
        ("raw/INDIGO-POJ-0178/outcomes.csv", ",145852,", ',"145,852",', "contract_folders_are_sound"),
        ("reference/gdp_deflators.csv", "2020-21", "2020/21", "reference_is_sound"),
        ("reference/metric_outcomes.csv", "INDIGO-POJ-0178,", "INDIGO-POJ-0179,", "facts_fit_the_reference"),
    ],
)
def test_wrong_data_are_a_failed_check_with_its_rows(
    project: Settings, file: str, old: str, new: str, check: str
) -> None:
    dagster_home(project)
    spoil(project.raw_dir.parent / file, old, new)
    with pytest.raises(DataProblems):
        run_editions(project, ["open-2026"])
    told = FOLDERS if check in FOLDERS else {check}
    assert {name for name, passed in evaluations(project).items() if passed == [False]} == told
    with run_records(project) as instance:
        assert instance is not None
        (run,) = instance.get_runs()
        records = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records
    event = records[-1].event_log_entry.dagster_event
    assert event is not None
    assert file in str(event.asset_check_evaluation_data.metadata["problems"].value)


def evaluations(project: Settings) -> dict[str, list[bool]]:
    """How the checks came out in all runs that Dagster has recorded, the first run first."""
    with run_records(project) as instance:
        assert instance is not None
        records = instance.get_records_for_run  # of each run its events
        found: dict[str, list[bool]] = {}
        for run in reversed(instance.get_runs()):
            for record in records(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records:
                event = record.event_log_entry.dagster_event
                assert event is not None
                evaluation = event.asset_check_evaluation_data
                found.setdefault(evaluation.check_name, []).append(evaluation.passed)
    return found
