"""The contracts as Dagster's partitions: one for each folder under ``raw/``, as the folders come and go.

Belongs here: which partitions there should be, and telling Dagster what is known of a contract: that its folder was
seen and read, from which content. Reading itself stands in ``fact_assets``.

Dagster gives all partitions that one step materialises the same version. A contract has one of its own, so that only
one that has changed counts as changed: hence the events here, with the tags by which Dagster knows a version.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import dagster as dg

from pipeline.facts.raw import contract_folders
from pipeline.facts.versions import folder_version, joint_version
from pipeline.orchestration.inputs import FACT_ASSETS, loaded_code_version
from pipeline.orchestration.settings import Settings
from pipeline.orchestration.storage import TableStore

CONTRACTS = dg.DynamicPartitionsDefinition(name="contracts")
RAW_FOLDER, CONTRACT_FACTS, CORRECTIONS = "raw_folder", "contract_facts", "corrections"

# Tags of an event by which Dagster knows the version of an asset, of its code and of what it was made from.
DATA_VERSION, CODE_VERSION = "dagster/data_version", "dagster/code_version"
USER_PROVIDED = "dagster/data_version_is_user_provided"
INPUT_VERSION, INPUT_EVENT = "dagster/input_data_version", "dagster/input_event_pointer"


def contract_keys(settings: Settings) -> list[str]:
    """Return the contract folders whose names Dagster takes for a partition; of another the data say more."""
    return [name for name in contract_folders(settings.raw_dir) if "..." not in name and name.isprintable()]


def partition_changes(
    instance: dg.DagsterInstance, settings: Settings
) -> list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest]:
    """Return what has to be done so that each contract folder is a partition, and nothing else is."""
    known, present = set(instance.get_dynamic_partitions(str(CONTRACTS.name))), contract_keys(settings)
    added = [name for name in present if name not in known]
    retired = sorted(known - set(present))
    return [
        *([CONTRACTS.build_add_request(added)] if added else []),
        *([CONTRACTS.build_delete_request(retired)] if retired else []),
    ]


def bring_partitions_up_to_date(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Make each contract folder a partition, and retire those whose folder is gone."""
    for change in partition_changes(instance, settings):
        if isinstance(change, dg.AddDynamicPartitionsRequest):
            instance.add_dynamic_partitions(change.partitions_def_name, list(change.partition_keys))
        else:
            for name in change.partition_keys:
                instance.delete_dynamic_partition(change.partitions_def_name, name)


def seen(settings: Settings, contracts: Iterable[str]) -> list[dg.AssetObservation]:
    """Return, for each contract, that its folder was seen as it is now."""
    return [
        dg.AssetObservation(RAW_FOLDER, partition=name, tags={DATA_VERSION: folder_version(settings.raw_dir / name)})
        for name in contracts
    ]


def changed_since_seen(instance: dg.DagsterInstance, settings: Settings) -> list[dg.AssetObservation]:
    """Return what a look at the folders shows that Dagster has not been told: those new or changed."""
    known = {name: version for name, (version, _) in _last_seen(instance, contract_keys(settings)).items()}
    return [o for o in seen(settings, contract_keys(settings)) if known.get(str(o.partition)) != o.tags[DATA_VERSION]]


def tell_of_reading(
    context: dg.AssetExecutionContext,
    settings: Settings,
    store: TableStore,
    metadata: Mapping[str, Mapping[str, Any]],
) -> None:
    """Tell Dagster of contracts just read, each with its own version and metadata (by contract)."""
    instance = context.instance
    for observation in seen(settings, metadata):
        context.log_event(observation)
    last_seen = _last_seen(instance, metadata)
    corrections = store.content_version(CORRECTIONS) or ""
    for contract, described in metadata.items():
        folder, event = last_seen[contract]
        tags = {
            DATA_VERSION: content_of_contract(store, contract),
            USER_PROVIDED: "true",
            CODE_VERSION: loaded_code_version(),
            f"{INPUT_VERSION}/{RAW_FOLDER}": folder,
            f"{INPUT_EVENT}/{RAW_FOLDER}": str(event),
            f"{INPUT_VERSION}/{CORRECTIONS}": corrections,
            f"{INPUT_EVENT}/{CORRECTIONS}": "NULL",
        }
        context.log_event(dg.AssetMaterialization(CONTRACT_FACTS, partition=contract, metadata=described, tags=tags))
    # Dagster looked at what a step is made from when it began; what the step itself has just told is newer.
    context.get_step_execution_context().wipe_input_asset_version_info(dg.AssetKey(CONTRACT_FACTS))


def content_of_contract(store: TableStore, contract: str) -> str:
    """Return the version of what was read of a contract: of all its tables together."""
    return joint_version(f"{asset} {store.content_version(asset, contract)}" for asset in FACT_ASSETS.values())


def _last_seen(instance: dg.DagsterInstance, contracts: Collection[str]) -> dict[str, tuple[str, int]]:
    """Version and number of the last event by which each folder was seen."""
    found: dict[str, tuple[str, int]] = {}
    if not contracts:
        return found
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(RAW_FOLDER), asset_partitions=list(contracts))
    cursor = None
    while len(found) < len(contracts):
        page = instance.fetch_observations(wanted, limit=500, cursor=cursor)
        for record in page.records:
            observation = record.asset_observation
            if observation is not None and observation.partition not in found:
                found[str(observation.partition)] = (observation.tags[DATA_VERSION], record.storage_id)
        if not page.has_more:
            break
        cursor = page.cursor
    return found
