"""Assets of the valuation of an edition: from results in scope to the market.

Belongs here: how the steps of the method become assets. Which step follows which, what it reads and makes stands in
``pipeline.method.valuation``; what is published of it is put together in ``publication``.
"""

from collections.abc import Iterable, Iterator, Mapping

import dagster as dg
import pandas as pd

from pipeline.checks.suites import SUITE_OF
from pipeline.facts.editions import Edition
from pipeline.facts.versions import joint_version
from pipeline.method.valuation import STEPS, Step
from pipeline.orchestration.assets.begun import begin
from pipeline.orchestration.assets.checks import check_specs, checked_across, outcomes_stored_as
from pipeline.orchestration.assets.facts import tell_of_contracts
from pipeline.orchestration.assets.failures import gate, gate_spec, shown_as_failures
from pipeline.orchestration.assets.inputs import EDITIONS, EditionTables, Inputs
from pipeline.orchestration.assets.metadata import edition_metadata
from pipeline.orchestration.assets.specs import CheckedAndMaterialized, checked, table_spec
from pipeline.orchestration.assets.store import TableStore
from pipeline.orchestration.run_config import EditionChoice
from pipeline.orchestration.server.instance import POOL
from pipeline.orchestration.server.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings

Tables = Mapping[str, pd.DataFrame]

# The first step finds out whether facts and registers fit together.
GATES = {
    "outcomes_in_scope": gate_spec(
        "facts_fit_the_reference",
        "outcomes_in_scope",
        "results and registers that name what the other does not have",
    )
}
# --- From steps to assets -------------------------------------------------------------------------------------


def step_assets() -> list[dg.AssetsDefinition]:
    """Return the assets of the valuation, in order; each works on all editions of a run."""
    return [_asset_of(step) for step in STEPS]


def _asset_of(step: Step) -> dg.AssetsDefinition:
    found_out = GATES.get(step.name)

    @dg.multi_asset(
        name=step.name,
        specs=[table_spec(table, deps_of(_read_for(table, step)), code=(step.function,)) for table in step.makes],
        check_specs=[*([found_out] if found_out else []), *check_specs(step.makes)],
        pool=POOL,
    )
    def compute(
        context: dg.AssetExecutionContext,
        choice: EditionChoice,
        settings: dg.ResourceParam[Settings],
        store: dg.ResourceParam[TableStore],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        on_step(step.name.replace("_", " "))
        with shown_as_failures(settings.reference_dir.name):
            inputs = Inputs(settings, store)
            editions = [inputs.editions[key] for key in choice.among(inputs.editions)]
            if found_out:
                try:
                    yield from gate(found_out, inputs.problems_between, settings)
                except dg.Failure as failure:
                    tell_of_contracts(context, failure, settings, found_out)
                    raise
            kept = (*step.makes, *outcomes_stored_as(step.makes))
            due = [edition for edition in editions if not inputs.is_edition_stored(kept, edition)]
            if due and step is STEPS[0]:
                begin(inputs, due)
            made = {e.edition: step.run(EditionTables({}, inputs, e), edition=e) for e in due}
            # All tables of all editions are checked before the first is written.
            valid = {name: checked({key: tables[name] for key, tables in made.items()}, name) for name in step.makes}
            made = {key: {name: tables[key] for name, tables in valid.items()} for key in made}
            yield from checked_across(step.makes, editions, made, inputs)
        yield from stored(context, inputs, step.makes, editions, made)

    return compute


def _read_for(table: str, step: Step) -> list[str]:
    """The tables that a table is made from, and those beside which its checks hold it."""
    compared = SUITE_OF[table].reads if table in SUITE_OF else ()
    return list(dict.fromkeys(name for name in (*step.reads, *compared) if name not in step.makes))


def stored(
    context: dg.AssetExecutionContext,
    inputs: Inputs,
    assets: Iterable[str],
    editions: Iterable[Edition],
    made: Mapping[str, Tables],
) -> Iterator[dg.MaterializeResult[None]]:
    """Store the tables just made, by edition, and say of each asset what is to be seen of it in all these editions."""
    go_on(context)
    for edition_id, tables in made.items():
        for asset, table in tables.items():
            inputs.store.write(asset, table, inputs.version_of(asset), edition_id)
    for asset in assets:
        tables_of_asset = {
            edition.edition: made[edition.edition][asset]
            if edition.edition in made
            else inputs.edition_table(asset, edition)
            for edition in editions
        }
        yield dg.MaterializeResult(
            asset_key=asset,
            metadata=edition_metadata(context, asset, tables_of_asset, inputs),
            data_version=content_of_editions(inputs.store, asset),
        )


def content_of_editions(store: TableStore, asset: str) -> dg.DataVersion:
    """Return the version of the tables of all editions together, also those that this run has left as they were."""
    parts = (f"{edition} {store.content_version(asset, edition)}" for edition in store.partitions(asset))
    return dg.DataVersion(joint_version(parts))


def deps_of(assets: Iterable[str]) -> list[dg.AssetDep]:
    """Return on what the assets of an edition rest: the tables it is made from, and its choices."""
    return [dg.AssetDep(asset) for asset in (*assets, EDITIONS)]
