"""Running the asset graph in this process.

Belongs here: which assets and partitions a run covers, and how it ends. What the assets do stands with them.
"""

import json
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import dagster as dg

from pipeline.checks import great_expectations
from pipeline.checks.suites import MAY_BE_ACCEPTED
from pipeline.facts.load import find_problems, load
from pipeline.facts.problems import DataProblems
from pipeline.facts.raw import contract_folders
from pipeline.orchestration.definitions import build_assets, build_resources, edition_ids, table_store
from pipeline.orchestration.inputs import stale_contracts
from pipeline.orchestration.instance import run_records
from pipeline.orchestration.publication_asset import HEADLINE
from pipeline.orchestration.settings import OnStep, Settings, silent
from pipeline.report.publish import working_alone

READ = dg.AssetSelection.groups("reference", "facts")
VALUE = dg.AssetSelection.groups("valuation", "results")
FIRST, LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
# Dagster's own log goes to its records, not to the terminal.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class UnknownNameError(ValueError):
    """An edition or a contract was asked for that does not exist."""


def run_editions(
    settings: Settings,
    editions: Sequence[str] | None = None,
    contracts: Sequence[str] | None = None,
    accepted_checks: Sequence[str] = (),
    on_step: OnStep = silent,
) -> dict[str, dict[str, Any]]:
    """Materialise the asset graph in this process and publish; returns the headline data by edition, sorted.

    ``editions``: all by default. ``contracts``: those to read again, all by default; a contract that was never read
    or has changed since is always read. ``accepted_checks``: names of checks against the last edition that may fail.
    ``on_step`` hears a few words as each step begins. Raises ``UnknownNameError`` for a name that does not exist,
    ``DataProblems`` with every problem when the data are wrong; then nothing is published. A run that finds another at
    work on the same output folder says so through ``on_step`` and waits for it.
    """
    great_expectations.start()
    with working_alone(settings.out_dir, on_step):
        table_store(settings).sweep()
        return _run_editions(settings, editions, contracts, accepted_checks, on_step)


def _run_editions(
    settings: Settings,
    editions: Sequence[str] | None,
    contracts: Sequence[str] | None,
    accepted_checks: Sequence[str],
    on_step: OnStep,
) -> dict[str, dict[str, Any]]:
    all_editions, all_contracts = edition_ids(settings), contract_folders(settings.raw_dir)
    wanted_editions = _known("edition", editions, all_editions)
    wanted_contracts = _known("contract", contracts, all_contracts)
    accepted = _known("check that may be accepted", accepted_checks, MAY_BE_ACCEPTED)
    if not all_editions or not all_contracts:
        load(settings.raw_dir, settings.reference_dir)  # says what is missing
    wanted_contracts |= set(stale_contracts(settings, table_store(settings)))
    # Dagster takes some 3 s to note 100 contracts one by one, on disk 20 s: all of them are read as one.
    read_one_by_one = wanted_contracts if wanted_contracts != set(all_contracts) else None
    assets = _assets(settings, read_one_by_one, wanted_editions)
    publication = QUIET | {"ops": {HEADLINE: {"config": {"accepted_checks": sorted(accepted)}}}}
    run = partial(dg.materialize, assets, resources=build_resources(settings, on_step))
    try:
        # Only what is worked out is recorded, and only for somebody who has opened the UI, where the records are seen.
        with dg.DagsterInstance.ephemeral() as unrecorded, run_records(settings) as records:
            run(selection=READ, tags=_all_of(read_one_by_one), instance=unrecorded, run_config=QUIET)
            run(
                selection=VALUE,
                tags=_all_of(wanted_editions),
                instance=records or unrecorded,
                run_config=publication,
            )
    except dg.Failure as failure:
        raise _cause(failure, settings) from None
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    return {edition: _published_headline(settings, edition) for edition in all_editions if edition in wanted_editions}


def _known(kind: str, asked: Sequence[str] | None, known: Sequence[str]) -> set[str]:
    """The names asked for, all by default. Raises ``UnknownNameError`` for one that does not exist."""
    unknown = sorted(set(asked or ()) - set(known))
    if unknown:
        raise UnknownNameError(f"no such {kind}: {', '.join(unknown)}; known: {', '.join(known)}")
    return set(known if asked is None else asked)


def _assets(
    settings: Settings, contracts: Collection[str] | None, editions: Collection[str]
) -> list[dg.AssetsDefinition]:
    """The assets of the partitions of this run; of a folder whose name can be none the data say more than Dagster."""
    try:
        return build_assets(None if contracts is None else sorted(contracts), sorted(editions))
    except dg.DagsterInvalidDefinitionError:
        load(settings.raw_dir, settings.reference_dir)
        raise


def _all_of(partitions: Collection[str] | None) -> dict[str, str]:
    """Tags of a run over all partitions that its assets have, if they have any."""
    return {FIRST: min(partitions), LAST: max(partitions)} if partitions else {}


def _cause(failure: dg.Failure, settings: Settings) -> BaseException:
    """What made an asset fail; of wrong data every problem, also those that the run did not get to see."""
    cause = failure.__cause__ or failure
    if isinstance(cause, DataProblems):
        _, _, problems = find_problems(settings.raw_dir, settings.reference_dir)
        return DataProblems([*cause.problems, *problems])
    return cause


def _published_headline(settings: Settings, edition: str) -> dict[str, Any]:
    headline: dict[str, Any] = json.loads((settings.out_dir / edition / "headline.json").read_text(encoding="utf-8"))
    return headline
