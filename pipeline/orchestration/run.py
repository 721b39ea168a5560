"""Running the asset graph in this process.

Belongs here: which assets a run covers, and how it ends. What the assets do stands with them.
"""

import json
import os
import socket
from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg

from pipeline.checks.suites import MAY_BE_ACCEPTED
from pipeline.facts.problems import DataProblems
from pipeline.facts.raw import contract_folders
from pipeline.load import load
from pipeline.method.analysis.simulation import BY_DEFAULT, Simulation
from pipeline.orchestration.assets.inputs import Inputs, current_editions
from pipeline.orchestration.assets.partitions import bring_partitions_up_to_date
from pipeline.orchestration.assets.publication import stands_as_made
from pipeline.orchestration.assets.store import table_store
from pipeline.orchestration.definitions import build_assets, build_resources
from pipeline.orchestration.jobs import publishing
from pipeline.orchestration.server.instance import PROCESS_TAG, run_records
from pipeline.orchestration.settings import OnStep, Settings, edition_ids, silent
from pipeline.report.output_folder import working_alone

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
    simulation: Simulation = BY_DEFAULT,
    fresh: bool = False,
) -> dict[str, dict[str, Any]]:
    """Materialise the asset graph in this process and publish; returns the headline data by edition, sorted.

    ``editions``: by default all that none has superseded. ``contracts``: those to read again though they have not
    changed; one that was never read or has changed since is always read. ``accepted_checks``: names of checks against
    the last edition that may fail. ``simulation``: draws and seed behind the ranges. ``on_step`` hears a few words as
    each step begins. ``fresh``: make everything anew, whatever is kept of earlier runs. Raises ``UnknownNameError`` for
    a name that does not exist, ``DataProblems`` with every problem when the data are wrong; then nothing is published.
    A run that finds another at work on the same output folder says so through ``on_step`` and waits for it.
    """
    with working_alone(settings.out_dir, on_step):
        store = table_store(settings)
        if fresh:
            store.clear()  # with no table stored, no edition stands as it would be made
        store.sweep()
        return _run_editions(settings, editions, contracts, accepted_checks, on_step, simulation)


def is_settled(
    settings: Settings,
    editions: Iterable[str],
    accepted_checks: Sequence[str] = (),
    simulation: Simulation = BY_DEFAULT,
) -> bool:
    """Tell, at the end of a run, whether the same run again would leave all as it is and say the same."""
    inputs = Inputs(settings, table_store(settings), simulation)
    try:
        return all(stands_as_made(inputs, inputs.editions[edition], accepted_checks) for edition in editions)
    except DataProblems:  # the reference tables have changed meanwhile
        return False


def _run_editions(
    settings: Settings,
    editions: Sequence[str] | None,
    contracts: Sequence[str] | None,
    accepted_checks: Sequence[str],
    on_step: OnStep,
    simulation: Simulation,
) -> dict[str, dict[str, Any]]:
    all_editions, all_contracts = edition_ids(settings), contract_folders(settings.raw_dir)
    wanted = _known("edition", editions or current_editions(settings), all_editions)
    read_again = _known("contract", contracts or (), all_contracts)
    accepted = _known("check that may be accepted", accepted_checks, MAY_BE_ACCEPTED)
    if not all_editions or not all_contracts:
        load(settings.raw_dir, settings.reference_dir)  # says what is missing
    try:
        # Recorded only for somebody who has opened the UI, where the records are seen.
        with run_records(settings) as records:
            if records:
                bring_partitions_up_to_date(records, settings)
            dg.materialize(
                build_assets(),
                resources=build_resources(settings, on_step),
                instance=records,
                run_config=QUIET | publishing(sorted(wanted), sorted(read_again), sorted(accepted), simulation),
                tags={PROCESS_TAG: f"{socket.gethostname()}:{os.getpid()}"},
            )
    except dg.Failure as failure:
        raise failure.__cause__ or failure from None
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    return {edition: _published_headline(settings, edition) for edition in all_editions if edition in wanted}


def _known(kind: str, asked: Sequence[str] | None, known: Sequence[str]) -> set[str]:
    """The names asked for, all by default. Raises ``UnknownNameError`` for one that does not exist."""
    unknown = sorted(set(asked or ()) - set(known))
    if unknown:
        raise UnknownNameError(f"no such {kind}: {', '.join(unknown)}; known: {', '.join(known)}")
    return set(known if asked is None else asked)


def _published_headline(settings: Settings, edition: str) -> dict[str, Any]:
    headline: dict[str, Any] = json.loads((settings.out_dir / edition / "headline.json").read_text(encoding="utf-8"))
    return headline
