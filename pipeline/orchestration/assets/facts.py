"""Assets of the facts: the folder of each contract, what was read from it, and the facts of all contracts.

Belongs here: bringing what lies in ``raw/`` into the store, all of it sound or none of it; nothing is valued.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence

import dagster as dg

from pipeline.claims.reading import read_facts
from pipeline.facts.problems import DataProblems, Problem
from pipeline.facts.raw import RawFacts, contract_folders
from pipeline.orchestration.assets.begun import start_beside
from pipeline.orchestration.assets.failures import FOUND_BY, gate, gate_spec, shown_as_failures
from pipeline.orchestration.assets.inputs import (
    CLAIMS_REFERENCE,
    Inputs,
    contract_versions,
    facts_version,
    stale_contracts,
)
from pipeline.orchestration.assets.metadata import BY_NAME, begin, contracts_by_name, is_seen, table_metadata
from pipeline.orchestration.assets.partitions import (
    CONTRACT_FACTS,
    CONTRACTS,
    CORRECTIONS,
    RAW_FOLDER,
    bring_partitions_up_to_date,
    contract_keys,
    described,
    not_made_when_due,
    tell_of_failure,
    tell_of_reading,
    untold,
)
from pipeline.orchestration.assets.specs import GROUP_OF, CheckedAndMaterialized, asset_spec, table_spec
from pipeline.orchestration.assets.store import TableStore
from pipeline.orchestration.run_config import Reading
from pipeline.orchestration.server.instance import POOL
from pipeline.orchestration.server.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.report.previews import link
from pipeline.tables.catalogue import FACT_TABLES

# Assets whose rows are exact counts of claims, of contracts that have any.
OF_CLAIMS = ("outcomes", "claim_counts", "claim_overlaps")
# What some of them are made from beside the folders.
ALSO_FROM = {
    "claim_counts": CLAIMS_REFERENCE,
    "claim_overlaps": CLAIMS_REFERENCE,
    "outcomes": ("claim_counts",),
}
# What reading gives: the facts, and what was warned of.
Read = tuple[RawFacts, list[Problem]]
FOLDER_GATE = gate_spec(
    "contract_folder_is_sound", CONTRACT_FACTS, "a contract folder with a file, a row or a value that cannot be right"
)
FOLDERS_GATE = gate_spec(
    "contract_folders_are_sound", "contracts", "contract folders with a file, a row or a value that cannot be right"
)


def raw_folder() -> dg.AssetSpec:
    """Return what the facts are made from: the folder of each contract, as it lies there."""
    return dg.AssetSpec(
        RAW_FOLDER,
        partitions_def=CONTRACTS,
        description="The folder of each contract under raw/, as it lies there. Open Partitions to see its files.",
        group_name=GROUP_OF[RAW_FOLDER],
        owners=["team:publicvalue"],
        kinds={"csv", "toml"},
    )


def contract_facts() -> dg.AssetsDefinition:
    """Return the asset that reads one contract, or several, again; one run reads, checks, and only then writes."""

    @dg.multi_asset(
        name=CONTRACT_FACTS,
        specs=[
            asset_spec(
                CONTRACT_FACTS,
                "What was read from each contract's folder. Open Partitions to see one contract.",
                [dg.AssetDep(RAW_FOLDER), dg.AssetDep(CORRECTIONS)],
                code=(read_facts,),
                metadata={BY_NAME: dg.MetadataValue.md(link("All contracts by name", "/assets/contracts"))},
            )
        ],
        check_specs=[FOLDER_GATE],
        partitions_def=CONTRACTS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    def read_again(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        contracts = context.partition_keys
        begin(context, settings)
        read = yield from _read(settings, store, on_step, contracts, FOLDER_GATE)
        go_on(context)
        _store(settings, store, read, contracts)
        metadata = described(settings, store, contracts, _warned(read, contracts))
        for contract, about in metadata.items():
            context.add_asset_metadata(about, asset_key=CONTRACT_FACTS, partition_key=contract)
        yield dg.MaterializeResult(asset_key=CONTRACT_FACTS)
        # Said last, it is what counts: each contract with a version of its own.
        tell_of_reading(context, settings, store, metadata)

    return read_again


def all_facts() -> dg.AssetsDefinition:
    """Return the assets of the facts of all contracts; what is new or has changed is read on the way."""
    deps = [dg.AssetDep(CONTRACT_FACTS), dg.AssetDep(CORRECTIONS)]

    @dg.multi_asset(
        name="facts",
        specs=[
            table_spec(table, [*deps, *map(dg.AssetDep, ALSO_FROM.get(table, ()))], code=(read_facts,))
            for table in FACT_TABLES
        ],
        check_specs=[FOLDERS_GATE],
        pool=POOL,
    )
    def facts(
        context: dg.AssetExecutionContext,
        config: Reading,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        contracts = sorted({*stale_contracts(settings, store), *config.read_again})
        if contracts:
            start_beside()
        reading = _read(settings, store, on_step, contracts, FOLDERS_GATE)
        read = yield from _told_of_contracts(context, reading, settings)
        go_on(context)
        _store(settings, store, read, contracts)
        if is_seen(context):
            _tell(context, settings, store, _warned(read, contracts))
        made_from, folders = facts_version(settings), contract_folders(settings.raw_dir)
        if contracts or not Inputs(settings, store).is_stored(FACT_TABLES, made_from):
            for asset in FACT_TABLES:
                store.write(asset, store.read_all(asset, folders), made_from)
        claimed = set(store.read("claim_counts")["contract_id"])
        for asset in FACT_TABLES:
            shown = table_metadata(context, store.read(asset), claimed if asset in OF_CLAIMS else ())
            if asset == "contracts" and is_seen(context):
                shown = {BY_NAME: contracts_by_name(store.read(asset), store.read("organisations")), **shown}
            yield dg.MaterializeResult(
                asset_key=asset,
                metadata=shown,
                data_version=dg.DataVersion(store.content_version(asset) or ""),
            )

    return facts


def _read(
    settings: Settings, store: TableStore, on_step: OnStep, contracts: Sequence[str], spec: dg.AssetCheckSpec
) -> Generator[dg.AssetCheckResult, None, Read]:
    """Read contracts; returns their facts and what was warned of, and yields how the check came out.

    Raises ``dg.Failure`` if it failed.
    """
    on_step(f"reading {len(contracts)} {'contract' if len(contracts) == 1 else 'contracts'}")
    with shown_as_failures(settings.reference_dir.name):
        reference = Inputs(settings, store).reference
        facts, problems = read_facts(settings.raw_dir, reference, only=contracts, on_step=on_step)
    yield from gate(spec, problems, settings)
    return facts, problems


def _told_of_contracts(
    context: dg.AssetExecutionContext, reading: Generator[dg.AssetCheckResult, None, Read], settings: Settings
) -> Generator[dg.AssetCheckResult, None, Read]:
    """Say of the folders of contracts too, which are what somebody looks at, how the check of all of them came out."""
    try:
        while True:
            result = next(reading)
            if is_seen(context):
                context.log_event(of_contract_facts(result))
            yield result
    except StopIteration as done:
        read: Read = done.value
        return read
    except dg.Failure as failure:
        if is_seen(context) and isinstance(failure.__cause__, DataProblems):
            tell_of_failure(context, _by_contract(failure.__cause__.problems, settings))
        raise


def tell_of_contracts(
    context: dg.AssetExecutionContext, failure: dg.Failure, settings: Settings, spec: dg.AssetCheckSpec
) -> None:
    """Say of contracts whose folders do not fit the rest, too, that they are what is wrong; ``spec``: who found it."""
    problems = failure.__cause__.problems if isinstance(failure.__cause__, DataProblems) else []
    contracts = _by_contract(problems, settings)
    if contracts and is_seen(context):
        result = dg.AssetCheckResult(passed=False, description=failure.description, metadata=failure.metadata)
        context.log_event(of_contract_facts(result, str(spec.name)))
        tell_of_failure(context, contracts)


def of_contract_facts(result: dg.AssetCheckResult, found_by: str = str(FOLDERS_GATE.name)) -> dg.AssetCheckEvaluation:
    """Return how the check of all folders came out, as the check of the asset that has a contract in each partition."""
    return dg.AssetCheckEvaluation(
        dg.AssetKey(CONTRACT_FACTS),
        str(FOLDER_GATE.name),
        passed=result.passed,
        metadata={**(result.metadata or {}), FOUND_BY: found_by},
        description=result.description,
        blocking=True,
    )


def _by_contract(problems: Iterable[Problem], settings: Settings) -> dict[str, list[Problem]]:
    """The problems that lie in the folders of contracts, of those that are partitions."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        folder, _, path = problem.path.partition("/")
        if folder == settings.raw_dir.name and not problem.is_warning:
            found.setdefault(path.partition("/")[0], []).append(problem)
    return {contract: found[contract] for contract in contract_keys(settings) if contract in found}


def _tell(
    context: dg.AssetExecutionContext, settings: Settings, store: TableStore, read: Mapping[str, Sequence[str]]
) -> None:
    """Tell Dagster of the contracts just read, and of others in the store that it shows as missing or as failed.

    ``read``: the warnings of each that was read.
    """
    bring_partitions_up_to_date(context.instance, settings)
    others = {*untold(context.instance, settings, store), *not_made_when_due(context.instance, settings)}
    contracts = [*read, *sorted(others - set(read))]
    tell_of_reading(context, settings, store, described(settings, store, contracts, read))


def _store(settings: Settings, store: TableStore, read: Read, contracts: Sequence[str]) -> None:
    """Store what was read, contract by contract."""
    facts, _ = read
    versions = contract_versions(settings)
    made_from = {contract: versions[contract] for contract in contracts}
    for name in FACT_TABLES:
        store.write_partitions(name, getattr(facts, name), "contract_id", made_from)


def _warned(read: Read, contracts: Iterable[str]) -> dict[str, list[str]]:
    """The warnings of each contract that was read."""
    warned: dict[str, list[str]] = {contract: [] for contract in contracts}
    for problem in read[1]:
        for contract in set(problem.path.split("/")[1:2]) & set(warned):
            warned[contract].append(str(problem))
    return warned
