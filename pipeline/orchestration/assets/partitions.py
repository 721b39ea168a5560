"""The contracts as Dagster's partitions: one for each folder under ``raw/``, as the folders come and go.

Belongs here: which partitions there should be, and telling Dagster what is known of a contract: that its folder was
seen and read, from which content. Reading itself stands in ``fact_assets``.

Dagster gives all partitions that one step materialises the same version. A contract has one of its own, so that only
one that has changed counts as changed: hence the events here, with the tags by which Dagster knows a version.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import dagster as dg

from pipeline.facts.files import UnreadableFileError, read_toml
from pipeline.facts.raw import FILES, contract_folders
from pipeline.facts.versions import folder_version, joint_version
from pipeline.orchestration.assets.contract_metadata import contract_metadata, folder_metadata
from pipeline.orchestration.assets.inputs import contract_versions, loaded_code_version
from pipeline.orchestration.assets.metadata import Metadata
from pipeline.orchestration.assets.store import TableStore
from pipeline.orchestration.dagster_internals import forget_input_versions, planned
from pipeline.orchestration.settings import Settings
from pipeline.tables.catalogue import FACT_TABLES

CONTRACTS = dg.DynamicPartitionsDefinition(name="contracts")
RAW_FOLDER, CONTRACT_FACTS, CORRECTIONS = "raw_folder", "contract_facts", "corrections"

# Tags of an event by which Dagster knows the version of an asset, of its code and of what it was made from.
DATA_VERSION, CODE_VERSION = "dagster/data_version", "dagster/code_version"
USER_PROVIDED = "dagster/data_version_is_user_provided"
INPUT_VERSION, INPUT_EVENT = "dagster/input_data_version", "dagster/input_event_pointer"
OBSERVED, MADE = dg.DagsterEventType.ASSET_OBSERVATION, dg.DagsterEventType.ASSET_MATERIALIZATION
DUE = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
# Events that are asked for at once.
PAGE = 500


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


def seen(settings: Settings, contracts: Iterable[str]) -> list[dg.AssetObservation | dg.AssetMaterialization]:
    """Return, for each contract, that its folder was seen as it is now.

    Said twice: by what was observed Dagster knows whether a folder has changed, and only what was made does it show on
    the page of a partition.
    """
    events: list[dg.AssetObservation | dg.AssetMaterialization] = []
    for name in contracts:
        metadata = folder_metadata(name, _name(settings, name), settings)
        tags = {DATA_VERSION: folder_version(settings.raw_dir / name)}
        events.append(dg.AssetObservation(RAW_FOLDER, partition=name, metadata=metadata, tags=tags))
        events.append(dg.AssetMaterialization(RAW_FOLDER, partition=name, metadata=metadata, tags=tags))
    return events


def _name(settings: Settings, contract: str) -> str:
    """Name of a contract, as its folder gives it; nothing where the folder cannot be read, which a run will say."""
    try:
        return str(read_toml(settings.raw_dir / contract / FILES["contracts"], contract).get("name", ""))
    except UnreadableFileError:
        return ""


def changed_since_seen(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Return the contracts whose folders are new, or have changed since Dagster was told of them."""
    contracts = contract_keys(settings)
    known = _last(instance, RAW_FOLDER, OBSERVED, contracts)
    return [c for c in contracts if _tag(known.get(c), DATA_VERSION) != folder_version(settings.raw_dir / c)]


def untold(instance: dg.DagsterInstance, settings: Settings, store: TableStore) -> list[str]:
    """Return the contracts whose facts are in the store, and up to date, without Dagster having been told.

    So it is with all of them when the command line has read them before the UI was first opened.
    """
    contracts = contract_keys(settings)
    told, versions = _last(instance, CONTRACT_FACTS, MADE, contracts), contract_versions(settings)
    return [
        contract
        for contract in contracts
        if any(_tag(told.get(contract), name) != value for name, value in _made_from(settings, store, contract).items())
        and {store.made_from(asset, contract) for asset in FACT_TABLES} == {versions[contract]}
    ]


def not_made_when_due(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Return the contracts that a run was to make and has not made since: Dagster shows them as failed."""
    key, contracts = dg.AssetKey(CONTRACT_FACTS), set(contract_keys(settings))
    due = instance.get_latest_storage_id_by_partition(key, DUE, contracts)
    made = instance.get_latest_storage_id_by_partition(key, MADE, contracts)
    return [contract for contract, event in due.items() if event > made.get(contract, 0)]


def tell_of_failure(context: dg.AssetExecutionContext, contracts: Iterable[str]) -> None:
    """Mark contracts as failed: Dagster takes one for failed that a run was to make and has not made."""
    for contract in contracts:
        context.instance.report_dagster_event(planned(context, CONTRACT_FACTS, contract), context.run.run_id)


def described(
    settings: Settings,
    store: TableStore,
    contracts: Iterable[str],
    warned: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> dict[str, Metadata]:
    """Return what is to be seen of contracts that are in the store; ``warned``: of those just read, their warnings."""
    return {
        contract: contract_metadata(
            {asset: store.read(asset, contract) for asset in FACT_TABLES}, warned.get(contract), settings
        )
        for contract in contracts
    }


def tell_of_reading(
    context: dg.AssetExecutionContext,
    settings: Settings,
    store: TableStore,
    metadata: Mapping[str, Metadata],
) -> None:
    """Tell Dagster of contracts that were read, each with its own version and metadata (by contract)."""
    for folder in seen(settings, metadata):
        context.log_event(folder)
    for event in readings(context.instance, settings, store, metadata):
        context.log_event(event)
    # Dagster looked at what a step is made from when it began; what the step itself has just told is newer.
    forget_input_versions(context, CONTRACT_FACTS)


def readings(
    instance: dg.DagsterInstance, settings: Settings, store: TableStore, metadata: Mapping[str, Metadata]
) -> list[dg.AssetMaterialization]:
    """Return what Dagster is to be told of contracts that are in the store; one never seen is left out."""
    last_seen = _last(instance, RAW_FOLDER, OBSERVED, metadata)
    return [
        dg.AssetMaterialization(
            CONTRACT_FACTS,
            partition=contract,
            metadata=about,
            tags={
                DATA_VERSION: content_of_contract(store, contract),
                USER_PROVIDED: "true",
                **_made_from(settings, store, contract),
                f"{INPUT_EVENT}/{RAW_FOLDER}": str(last_seen[contract].storage_id),
                f"{INPUT_EVENT}/{CORRECTIONS}": "NULL",
            },
        )
        for contract, about in metadata.items()
        if contract in last_seen
    ]


def _made_from(settings: Settings, store: TableStore, contract: str) -> dict[str, str]:
    """Tags that say from which versions a contract is read."""
    return {
        CODE_VERSION: loaded_code_version(),
        f"{INPUT_VERSION}/{RAW_FOLDER}": folder_version(settings.raw_dir / contract),
        f"{INPUT_VERSION}/{CORRECTIONS}": store.content_version(CORRECTIONS) or "",
    }


def content_of_contract(store: TableStore, contract: str) -> str:
    """Return the version of what was read of a contract: of all its tables together."""
    return joint_version(f"{asset} {store.content_version(asset, contract)}" for asset in FACT_TABLES)


def _last(
    instance: dg.DagsterInstance, asset: str, kind: dg.DagsterEventType, contracts: Iterable[str]
) -> dict[str, dg.EventLogRecord]:
    """The last event of a kind that Dagster was told of each contract."""
    key = dg.AssetKey(asset)
    numbers = sorted(instance.get_latest_storage_id_by_partition(key, kind, set(contracts)).values())
    fetch = instance.fetch_observations if kind == OBSERVED else instance.fetch_materializations
    found: dict[str, dg.EventLogRecord] = {}
    for begin in range(0, len(numbers), PAGE):
        page = fetch(dg.AssetRecordsFilter(key, storage_ids=numbers[begin : begin + PAGE]), limit=PAGE)
        found |= {str(record.partition_key): record for record in page.records}
    return found


def _tag(record: dg.EventLogRecord | None, name: str) -> str | None:
    event = record and (record.asset_observation or record.asset_materialization)
    return (event.tags or {}).get(name) if event else None
