"""What if: an edition valued once more with some of its choices changed, stored apart from what is published.

Belongs here: which choices can be changed, and how the result is shown beside the edition. Valuing is the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import dagster as dg
from pydantic import ValidationError

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.facts.versions import versions
from pipeline.load import load
from pipeline.method.analysis.simulation import Simulation
from pipeline.method.analysis.tables import published_tables
from pipeline.method.valuation import value_edition
from pipeline.orchestration.assets.failures import shown_as_failures
from pipeline.orchestration.assets.inputs import EDITIONS
from pipeline.orchestration.assets.metadata import what_if_metadata
from pipeline.orchestration.assets.specs import CheckedAndMaterialized, asset_spec
from pipeline.orchestration.run_config import SIMULATION, enumeration, simulation_of
from pipeline.orchestration.server.runs import go_on
from pipeline.orchestration.settings import OnStep, Settings
from pipeline.report.publish import publish_edition
from pipeline.report.text.headline import as_json, headline
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.tables.catalogue import FACT_TABLES, REFERENCE_TABLES
from pipeline.tables.vocabulary import (
    ANNUAL_RUNGS,
    DEADWEIGHT_LAYERS,
    SET_ASIDES,
    TIME_CONVENTIONS,
    TRANSFERS,
    UNIT_VALUE_LEVELS,
    VALUE_SETS,
)

WHAT_IF = "what_if"
DESCRIPTION = (
    "An edition with some choices changed, compared with the edition as it is. Nothing that is published changes."
)
# Choices that can be changed: what they mean, and the words they take where these are a list.
CHOICES: Mapping[str, tuple[str, Iterable[str]]] = {
    "price_year": ("Financial year of all pounds, such as 2024-25.", ()),
    "deadweight_layer": ("Which evidence is used for what would have happened anyway.", DEADWEIGHT_LAYERS),
    "value_set": ("Price list of the unit costs.", VALUE_SETS),
    "unit_value_level": (
        "Which value of each unit cost is used: central, lowest or highest.",
        UNIT_VALUE_LEVELS,
    ),
    "time_convention": ("How long an outcome is counted.", TIME_CONVENTIONS),
    "annual_rung": ("Which milestone the annual time convention counts.", ANNUAL_RUNGS),
    "horizon_years": ("How far the horizon time convention looks.", ()),
    "transfers": ("Where benefits that somebody else loses are counted.", TRANSFERS),
    "set_asides": ("Whether two ladders of a contract may bring the same benefit.", SET_ASIDES),
    "flat_deadweight": ("One rate of deadweight in place of those of the layer, from 0 to 1.", ()),
}
# Of those, the numbers.
NUMBERS = ("horizon_years", "flat_deadweight")
Headline = dict[str, Any]


def what_if_fields(editions: Sequence[str], default: str) -> dict[str, dg.Field]:
    """Return the fields of the launchpad; a choice that is not named stays as it is in the edition."""
    fields = {"edition": edition_field(editions, default, "The edition to start from.")}
    for name, (description, words) in CHOICES.items():
        kind: Any = enumeration(name, tuple(words)) if words else (float if name in NUMBERS else str)
        fields[name] = dg.Field(
            kind, is_required=False, description=f"{description} If it is left out, the edition's own choice stays."
        )
    return fields | SIMULATION


def edition_field(editions: Sequence[str], default: str, description: str) -> dg.Field:
    """Return the field that names an edition; without one to name, any word: the run says what is missing."""
    kind: Any = enumeration("edition", editions) if editions else str
    return dg.Field(kind, default_value=default, description=description)


def what_if_asset(editions: Sequence[str], default: str) -> dg.AssetsDefinition:
    """Return the asset; its configuration says which edition and which choices."""
    deps = [dg.AssetDep(asset) for asset in (*FACT_TABLES, *REFERENCE_TABLES, EDITIONS)]

    @dg.multi_asset(
        name="value_what_if",
        specs=[asset_spec(WHAT_IF, DESCRIPTION, deps, ("markdown", "parquet"), code=(changed_edition, value_edition))],
        config_schema=what_if_fields(editions, default),
    )
    def what_if(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        on_step: dg.ResourceParam[OnStep],
    ) -> CheckedAndMaterialized:
        choices = dict(context.op_execution_context.op_config)
        edition_id = choices.pop("edition")
        simulation = simulation_of({name: choices.pop(name) for name in SIMULATION})
        on_step(f"{edition_id} with other choices")
        with shown_as_failures(settings.reference_dir.name):
            facts, reference = load(settings.raw_dir, settings.reference_dir)
            base = reference.editions[edition_id]
            changed = changed_edition(base, choices)
            content = versions(settings.raw_dir, settings.reference_dir)
            as_it_is, _ = _valued(facts, reference, base, simulation)
            result, files = _valued(facts, reference, changed, simulation)
        folder = settings.data_dir / "what-if"
        name = (
            "-".join([edition_id, *(f"{key}-{value}" for key, value in choices.items())])
            .replace("_", "-")
            .replace(" ", "-")
        )
        tables = files.pop("tables")
        publish_edition(folder, name, tables, files, content, partial(go_on, context))
        yield dg.MaterializeResult(
            asset_key=WHAT_IF,
            metadata=what_if_metadata(as_it_is, result, choices, files["headline.md"], folder / name, settings),
        )

    return what_if


def changed_edition(edition: Edition, choices: Mapping[str, Any]) -> Edition:
    """Return the edition with choices changed, under a name and a title that say so.

    Raises ``dg.Failure`` for a value that an edition cannot have.
    """
    said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in choices.items()) or "no choice changed"
    try:
        return replace(
            edition, edition=f"{edition.edition}-what-if", title=f"{edition.title}; what if: {said}", **choices
        )
    except ValidationError as error:
        text = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']} (found {e['input']!r})" for e in error.errors())
        raise dg.Failure(f"An edition cannot be changed like that: {text}", allow_retries=False) from error


def _valued(
    facts: RawFacts, reference: Reference, edition: Edition, simulation: Simulation
) -> tuple[Headline, dict[str, Any]]:
    """The headline of an edition, and what is stored of it: its tables, the headline for people and for machines."""
    tables = published_tables(facts, reference, value_edition(facts, reference, edition), simulation)
    data = headline(tables, edition)
    return data, {"tables": tables, "headline.json": as_json(data), "headline.md": as_markdown(tables, edition, data)}
