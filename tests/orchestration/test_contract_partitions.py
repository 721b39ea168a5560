"""Each contract is a partition: it comes and goes with its folder, and has rows, sums and a version of its own."""

import shutil
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from pipeline.orchestration.partitions import CONTRACTS, bring_partitions_up_to_date
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.settings import Settings
from tests.orchestration.conftest import IN_BOTH_STORAGES
from tests.orchestration.made_up_contracts import add_contract, change, readings

pytestmark = pytest.mark.usefixtures("unchecked")
DATA_VERSION = "dagster/data_version"


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
        assert isinstance(event, dg.AssetObservation)
        records.report_runless_asset_event(event)
    return {str(event.partition) for event in result.asset_events}


def figures(materialization: dg.AssetMaterialization) -> dict[str, Any]:
    return {name: value.value for name, value in materialization.metadata.items() if not isinstance(value.value, str)}


@IN_BOTH_STORAGES
def test_each_contract_has_its_own_rows_sums_and_version_though_all_are_read_in_one_run(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    run_editions(settings)
    assert sorted(records.get_dynamic_partitions(str(CONTRACTS.name))) == ["C-1", "C-2"]
    (one,), (two,) = (readings(records)[name] for name in ("C-1", "C-2"))
    assert figures(one) == {
        "dagster/row_count": 7,
        "results": 4,
        "payments": 3,
        "payments_gbp": 145_000.0,
        "commitments_gbp": 500_000.0,
        "rejected_rows": 0,
        "problems": 0,
    }
    assert figures(two) == {
        "dagster/row_count": 3,
        "results": 1,
        "payments": 2,
        "payments_gbp": 250_000.0,
        "commitments_gbp": 0.0,
        "rejected_rows": 1,
        "problems": 0,
    }
    assert "about half" in str(two.metadata["rejected"].value)
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
    assert figures(readings(records)["C-2"][0])["payments_gbp"] == 250_000.0
    bring_partitions_up_to_date(records, settings)
    assert stale(records, definitions) == set()
