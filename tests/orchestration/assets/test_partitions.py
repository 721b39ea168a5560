"""Each contract is a partition: it comes and goes with its folder, and has rows, sums and a version of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value

from pipeline.orchestration.assets.partitions import CONTRACTS, bring_partitions_up_to_date
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.server.instance import open_records
from pipeline.orchestration.settings import Settings
from tests.conftest import Run
from tests.orchestration.conftest import IN_BOTH_STORAGES
from tests.orchestration.made_up_contracts import add_contract, change, readings

pytestmark = pytest.mark.usefixtures("unchecked", "unwritten")
DATA_VERSION = "dagster/data_version"
# The rows of a contract as its partition shows them: the file and its row first.
RESULTS = """\
| row | what was counted | how many | when | source | where in the source |
| --- | --- | ---: | --- | --- | --- |
| outcomes.csv:2 | started a job | 60 people | 1 Apr 2018 to 31 Mar 2020 | survey-2021 | C-1 line 1 |
| outcomes.csv:3 | in the job for 13 weeks | 40 people | 1 Apr 2018 to 31 Mar 2020 | survey-2021 | C-1 line 2 |
| outcomes.csv:4 | in the job for 26 weeks | 30 people | 1 Apr 2018 to 31 Mar 2020 | survey-2021 | C-1 line 3 |
| outcomes.csv:5 | crimes avoided | 12 incidents | 1 Apr 2018 to 31 Mar 2020 | survey-2021 | C-1 line 4 |"""
PAYMENTS = """\
| row | amount (cash) | what it is | when | source | where in the source |
| --- | ---: | --- | --- | --- | --- |
| payments.csv:2 | £100,000 | paid | 1 Apr 2018 to 31 Mar 2019 | survey-2021 | C-1 payment 1 |
| payments.csv:3 | £45,000 | paid | 1 Apr 2019 to 31 Mar 2020 | survey-2021 | C-1 payment 2 |
| payments.csv:4 | £500,000 | commitment | on dates not known | survey-2021 | C-1 maximum |"""


def stale(records: dg.DagsterInstance, definitions: dg.Definitions) -> set[str]:
    """What the UI marks as not up to date: assets, and contracts by their ids."""
    graph = definitions.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(records, graph, LoadingContextForTest(records))
    contracts = records.get_dynamic_partitions(str(CONTRACTS.name))
    assets = {key.to_user_string() for key in graph.materializable_asset_keys} - {"contract_facts", "what_if"}
    found = {name for name in assets if resolver.get_status(dg.AssetKey(name)).value != "FRESH"}
    key = dg.AssetKey("contract_facts")
    return found | {contract for contract in contracts if resolver.get_status(key, contract).value != "FRESH"}


def look(records: dg.DagsterInstance, definitions: dg.Definitions) -> set[str]:
    """Let the sensor look at the folders, as the daemon does; returns the contracts that it marks as changed."""
    context = dg.build_sensor_context(records, definitions=definitions)
    result = definitions.get_repository_def().get_sensor_def("contract_folders")(context)
    assert isinstance(result, dg.SensorResult)
    for request in result.dynamic_partitions_requests or ():
        if isinstance(request, dg.AddDynamicPartitionsRequest):
            records.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
        else:
            for name in request.partition_keys:
                records.delete_dynamic_partition(request.partitions_def_name, name)
    for event in result.asset_events:
        assert isinstance(event, dg.AssetObservation | dg.AssetMaterialization)
        records.report_runless_asset_event(event)
    return {str(event.partition) for event in result.asset_events if isinstance(event, dg.AssetObservation)}


def shown(materialization: dg.AssetMaterialization) -> dict[str, Any]:
    """What is shown of a contract, but for the picture."""
    return {name: value.value for name, value in materialization.metadata.items() if name != "chart"}


@IN_BOTH_STORAGES
def test_each_contract_has_its_own_rows_sums_and_version_though_all_are_read_in_one_run(
    published: Path, settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    assert sorted(records.get_dynamic_partitions(str(CONTRACTS.name))) == ["C-1", "C-2"]
    (one,), (two,) = (readings(records)[name] for name in ("C-1", "C-2"))
    assert shown(one) == {
        "name": "Work Together",
        "in short": "Employment and training; service 1 Apr 2018 to 31 Mar 2020. 4 results reported. £145,000 paid "
        "(cash), in 2 payments. Up to £500,000 is committed.",
        "read on": "- [its page in main](/reports/main/contracts/C-1.html)\n"
        "- [the folder and its files](/assets/raw_folder?view=partitions&partition=C-1)",
        "last checks": "Passed when the folder was last read.\n\n[all checks of main](/reports/main/checks.html)",
        "results": RESULTS,
        "payments": PAYMENTS,
        "dagster/row_count": 7,
    }
    assert str(settings.raw_dir.parent) not in str(shown(one))
    assert "1 value could not be used." in shown(two)["in short"]
    assert "about half" in shown(two)["not used"]
    assert shown(two)["dagster/row_count"] == 3
    assert (settings.out_dir / "main/contracts/C-1.html").is_file()
    assert (one.tags or {})[DATA_VERSION] != (two.tags or {})[DATA_VERSION]
    assert stale(records, definitions) == set()


@pytest.mark.usefixtures("published")
def test_a_second_run_reads_no_contract_again(settings: Settings, records: dg.DagsterInstance) -> None:
    run_editions(settings)
    assert {name: len(events) for name, events in readings(records).items()} == {"C-1": 1, "C-2": 1}


@IN_BOTH_STORAGES
@pytest.mark.usefixtures("published")
def test_a_changed_contract_is_marked_and_alone_read_again(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    assert look(records, definitions) == set()
    change(settings.raw_dir / "C-1/outcomes.csv", ",40,", ",41,")
    assert look(records, definitions) == {"C-1"}
    assert look(records, definitions) == set()
    marked = stale(records, definitions)
    assert "C-1" in marked
    assert "C-2" not in marked
    run_editions(settings)
    assert {name: len(events) for name, events in readings(records).items()} == {"C-1": 2, "C-2": 1}
    assert stale(records, definitions) == set()


@pytest.mark.usefixtures("published")
def test_an_asset_is_marked_only_when_what_it_rests_on_has_changed(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    # Payments weigh nothing in the units of outcomes, nor do results in the payments.
    before = versions_of(records, "outcome_units", "payments_in_scope", "contract_value")
    change(settings.raw_dir / "C-1/outcomes.csv", ",40,", ",41,")
    run_editions(settings)
    after = versions_of(records, "outcome_units", "payments_in_scope", "contract_value")
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, False]


def versions_of(records: dg.DagsterInstance, *assets: str) -> list[str]:
    found = []
    for asset in assets:
        event = records.get_latest_materialization_event(dg.AssetKey(asset))
        assert event is not None
        assert event.asset_materialization is not None
        found.append((event.asset_materialization.tags or {})[DATA_VERSION])
    return found


@IN_BOTH_STORAGES
def test_a_folder_comes_and_goes_as_a_partition(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    look(records, definitions)
    add_contract(settings, "C-3")
    (settings.raw_dir / "old...").mkdir()  # no name for a partition; the check of the data names it
    assert look(records, definitions) == {"C-3"}
    assert sorted(records.get_dynamic_partitions(str(CONTRACTS.name))) == ["C-1", "C-2", "C-3"]
    shutil.rmtree(settings.raw_dir / "C-3")
    look(records, definitions)
    assert sorted(records.get_dynamic_partitions(str(CONTRACTS.name))) == ["C-1", "C-2"]


@pytest.mark.usefixtures("published")
def test_a_new_contract_reaches_the_headline_and_the_others_are_left_alone(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    add_contract(settings, "C-3")
    (after,) = run_editions(settings).values()
    assert after["contracts"] == 3
    assert {name: len(events) for name, events in readings(records).items()} == {"C-1": 1, "C-2": 1, "C-3": 1}


@pytest.mark.usefixtures("published")
def test_the_job_for_one_contract_reads_it_and_publishes(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    job = definitions.get_repository_def().get_job("refresh_contract")
    assert job.execute_in_process(partition_key="C-2", instance=records).success
    events = readings(records)
    assert len(events["C-1"]) == 1
    assert len(events["C-2"]) > 1
    assert (events["C-2"][0].tags or {})[DATA_VERSION] == (events["C-2"][-1].tags or {})[DATA_VERSION]
    assert stale(records, definitions) == set()


@pytest.mark.usefixtures("published")
def test_several_contracts_read_in_one_run_keep_versions_of_their_own(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    first = {name: (events[0].tags or {})[DATA_VERSION] for name, events in readings(records).items()}
    job = definitions.get_repository_def().get_implicit_global_asset_job_def()
    tags = {"dagster/asset_partition_range_start": "C-1", "dagster/asset_partition_range_end": "C-2"}
    key = dg.AssetKey("contract_facts")
    assert job.execute_in_process(instance=records, asset_selection=[key], tags=tags).success
    assert {name: (events[0].tags or {})[DATA_VERSION] for name, events in readings(records).items()} == first
    assert "£250,000 paid (cash)" in shown(readings(records)["C-2"][0])["in short"]
    bring_partitions_up_to_date(records, settings)
    assert stale(records, definitions) == set()


def test_a_folder_that_is_seen_has_a_name_and_links(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    (settings.raw_dir / "C-2/contract.toml").write_text("[[", encoding="utf-8")
    look(records, definitions)
    one, two = (shown_of_folder(records, name) for name in ("C-1", "C-2"))
    assert one["name"] == "Work Together"
    assert one["files"] == "contract.toml, outcomes.csv, payments.csv"
    assert "(/reports/main/contracts/C-1.html)" in one["read on"]
    assert "(/assets/contract_facts?view=partitions&partition=C-1)" in one["read on"]
    assert (two["name"], two["folder"]) == ("", "raw/C-2")


def shown_of_folder(records: dg.DagsterInstance, contract: str) -> dict[str, str]:
    wanted = dg.AssetRecordsFilter(dg.AssetKey("raw_folder"), asset_partitions=[contract])
    (record,) = records.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization
    return {name: str(value.value) for name, value in record.asset_materialization.metadata.items()}


# --- In whichever order the commands are given ------------------------------------------------------------------


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[dg.DagsterInstance, dg.Definitions]]:
    """The UI is opened: from now on there are records, and the sensor looks at the folders."""
    with open_records(settings) as records:
        definitions = build_definitions(settings)
        for _ in range(2):
            look(records, definitions)
        yield records, definitions


def refresh(records: dg.DagsterInstance, definitions: dg.Definitions) -> None:
    """What ``refresh_everything`` does in the UI."""
    assert definitions.get_repository_def().get_job("refresh_everything").execute_in_process(instance=records).success


def is_complete(records: dg.DagsterInstance) -> bool:
    """Whether each contract is shown with its content, and no partition is missing or failed."""
    told = readings(records)
    seen = {name: shown(events[0])["in short"] for name, events in told.items()}
    assert set(seen) == {"C-1", "C-2"}
    assert "£145,000 paid (cash)" in seen["C-1"]
    assert "£250,000 paid (cash)" in seen["C-2"]
    return statuses(records) == {"C-1": "made", "C-2": "made"}


def statuses(records: dg.DagsterInstance) -> dict[str, str]:
    """How the UI shows the partitions."""
    key = dg.AssetKey("contract_facts")
    cached = get_and_update_asset_status_cache_value(records, key, CONTRACTS, records)
    assert cached is not None
    made = cached.deserialize_materialized_partition_subsets(CONTRACTS).get_partition_keys()
    failed = cached.deserialize_failed_partition_subsets(CONTRACTS).get_partition_keys()
    contracts = records.get_dynamic_partitions(str(CONTRACTS.name))
    return {name: "failed" if name in failed else "made" if name in made else "missing" for name in contracts}


@pytest.mark.usefixtures("storage", "published_unrecorded")
def test_after_a_run_the_ui_shows_all_contracts_before_and_after_it_has_run(settings: Settings) -> None:
    with opened(settings) as (records, definitions):
        assert is_complete(records)
        assert {name: len(events) for name, events in readings(records).items()} == {"C-1": 1, "C-2": 1}
        refresh(records, definitions)
        assert is_complete(records)
        assert stale(records, definitions) == set()
        assert {name: len(events) for name, events in readings(records).items()} == {"C-1": 1, "C-2": 1}


@pytest.mark.usefixtures("storage")
def test_a_run_in_the_ui_shows_all_contracts_though_nobody_has_looked_at_the_folders(settings: Settings) -> None:
    run_editions(settings, contracts=["C-1"])
    with open_records(settings) as records:
        definitions = build_definitions(settings)
        refresh(records, definitions)
        assert is_complete(records)
        assert stale(records, definitions) == set()
        # As somebody wipes them in the UI, or removes the records but not the tables.
        records.wipe_assets([dg.AssetKey("contract_facts"), dg.AssetKey("raw_folder")])
        run_editions(settings, contracts=["C-1"])
        assert is_complete(records)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("gone", ["tables", "dagster"])
def test_whatever_is_removed_comes_back(settings: Settings, gone: str) -> None:
    shutil.rmtree(settings.data_dir / gone)
    with opened(settings) as (records, definitions):
        run_editions(settings)
        assert is_complete(records)
        assert stale(records, definitions) == set()


# --- When a folder is wrong -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("storage", "place", "old", "new", "begins"),
    [
        ("sqlite", "outcomes.csv", ",40,", ",forty,", "raw/C-1/outcomes.csv:3: quantity: not a number"),
        (
            "postgresql",
            *("payments.csv", ",54000,", ",600000,"),
            "raw/C-1/payments.csv:3: amount_gbp: more was paid than the maximum",
        ),
    ],
    indirect=["storage"],
    ids=["when it is read", "when it is held against other tables"],
)
def test_a_refresh_that_fails_leads_to_the_row(
    settings: Settings,
    records: dg.DagsterInstance,
    definitions: dg.Definitions,
    publicvalue: Run,
    place: str,
    old: str,
    new: str,
    begins: str,
) -> None:
    path = settings.raw_dir / "C-1" / place
    right = path.read_bytes()
    # What is reported of that payment is corrected, and the correction would no longer fit.
    corrections = settings.reference_dir / "corrections.csv"
    corrected = corrections.read_bytes()
    if place == "payments.csv":
        corrections.write_bytes(corrected.partition(b"\n")[0] + b"\n")
    change(path, old, new)
    _, _, said = publicvalue("check")
    line = said.splitlines()[0]
    assert line.startswith(begins)
    job = definitions.get_repository_def().get_job("refresh_everything")
    failed = job.execute_in_process(instance=records, raise_on_error=False)
    (step,) = failed.get_step_failure_events()
    assert step.step_failure_data.user_failure_data
    assert step.step_failure_data.user_failure_data.description == (
        f"1 problem in the data; nothing was written: {line}"
    )
    assert of_contract_facts(records) == ("FAILED", f"1 problem in the data; nothing was written: {line}")
    assert statuses(records) == {"C-1": "failed", "C-2": "made"}
    # Put back as it was, it is read already.
    path.write_bytes(right)
    corrections.write_bytes(corrected)
    refresh(records, definitions)
    assert of_contract_facts(records)[0] == "SUCCEEDED"
    assert is_complete(records)
    assert stale(records, definitions) == set()


def of_contract_facts(records: dg.DagsterInstance) -> tuple[str, str]:
    """How the check of the asset that has a contract in each partition came out last, and what it says."""
    key = dg.AssetCheckKey(dg.AssetKey("contract_facts"), "contract_folder_is_sound")
    (last,) = records.event_log_storage.get_asset_check_execution_history(key, limit=1)
    assert last.event
    assert last.event.dagster_event
    return last.status.value, str(last.event.dagster_event.asset_check_evaluation_data.description)
