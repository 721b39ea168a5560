"""The analyses, in one list: what is made from a valuation and published with it.

Belongs here: the list of them, what connects those that need more than one function, and all published tables of an
edition by the names of their files. Like a step of the method an analysis reads the tables that its parameters name,
and is handed no others; plain calls and the assets of a run take the analyses from here.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import pandas as pd

from pipeline.common.beside import Work, shared
from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis import reported
from pipeline.method.analysis.bounds import bounds
from pipeline.method.analysis.bridge.bridge import bridges
from pipeline.method.analysis.bridge.results import choices
from pipeline.method.analysis.coverage import coverage, flags, not_valued
from pipeline.method.analysis.draws import Draws
from pipeline.method.analysis.evidence import (
    concentration,
    evidence_age,
    evidence_quality,
    payer_beneficiary,
    robustness,
)
from pipeline.method.analysis.market_facts import market_facts
from pipeline.method.analysis.parameters import parameters
from pipeline.method.analysis.per_result import payments_per_result
from pipeline.method.analysis.price_checks import price_checks
from pipeline.method.analysis.ratios import ratios
from pipeline.method.analysis.reconciliation import published_ratios, reconciliation
from pipeline.method.analysis.reconstruction.questions import questions
from pipeline.method.analysis.reconstruction.readings import all_readings, reading_combinations, readings
from pipeline.method.analysis.reconstruction.steps import reconstruction_terms
from pipeline.method.analysis.reconstruction.valuing import Valuer
from pipeline.method.analysis.restated import restated
from pipeline.method.analysis.scenarios import scenarios
from pipeline.method.analysis.sensitivity import contract_sensitivity, sensitivity, switching_values
from pipeline.method.analysis.simulation import BY_DEFAULT, Simulation
from pipeline.method.analysis.summary import payments_over_time, value_by_agency, value_by_time, value_summary
from pipeline.method.analysis.uncertainty import acceptability, uncertainty
from pipeline.method.analysis.units_by_choice import units_by_choice
from pipeline.method.valuation import VALUATION_TABLES, Step, Tables, Valuation, tables_of, valued_tables
from pipeline.tables.analysis import (
    Acceptability,
    ContractSensitivity,
    Questions,
    ReadingCombinations,
    Readings,
    ReconstructionTerms,
    Robustness,
    Sensitivity,
    SwitchingValues,
    Uncertainty,
)
from pipeline.tables.catalogue import PUBLISHED_FROM, columns_of, shaped
from pipeline.tables.parameters import Deadweight, HoursWeights, UnitCosts
from pipeline.tables.publication import PublishedRestatements
from pipeline.tables.raw import Restatements
from pipeline.tables.reading import Reconstruction
from pipeline.tables.reference import PublishedFigures
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, ValuedOutcomes


def _simulated(
    edition: Edition,
    draws: Draws,
    valued_outcomes: DataFrame[ValuedOutcomes],
    contract_value: DataFrame[ContractValue],
    unit_costs: DataFrame[UnitCosts],
    hours_weights: DataFrame[HoursWeights],
    deadweight: DataFrame[Deadweight],
    published_figures: DataFrame[PublishedFigures],
) -> tuple[
    DataFrame[Uncertainty],
    DataFrame[Acceptability],
    DataFrame[Sensitivity],
    DataFrame[ContractSensitivity],
    DataFrame[SwitchingValues],
]:
    """What is drawn between low and high, once for all that is said of it."""
    used = parameters(valued_outcomes, unit_costs, hours_weights, deadweight)
    model = ratios(valued_outcomes, contract_value, used, deadweight)
    values = draws.values(used, edition)
    simulated = model.at(values)
    published = published_ratios(published_figures, edition)
    return (
        uncertainty(model, used, simulated, contract_value, published, draws.simulation.seed),
        acceptability(model, simulated),
        sensitivity(model, used, simulated, values),
        contract_sensitivity(model, used),
        switching_values(model, used),
    )


def _robustness(
    edition: Edition,
    editions: Mapping[str, Edition],
    valued_outcomes: DataFrame[ValuedOutcomes],
    contract_value: DataFrame[ContractValue],
    **inputs: pd.DataFrame,
) -> DataFrame[Robustness]:
    """The ratio for parts of the value, that of the contracts of the superseded edition among them."""
    other = next((other for other in editions.values() if other.superseded_by == edition.edition), None)
    if other is None:
        return robustness(valued_outcomes, contract_value, None)
    values = valued_tables(inputs, other)["contract_value"]
    return robustness(valued_outcomes, contract_value, list(values.loc[values["is_in_bcr"], "contract_id"]))


def _reading(
    edition: Edition,
    reconstruction: DataFrame[Reconstruction],
    published_figures: DataFrame[PublishedFigures],
    **inputs: pd.DataFrame,
) -> tuple[DataFrame[ReconstructionTerms], DataFrame[Readings], DataFrame[ReadingCombinations], DataFrame[Questions]]:
    """A reading of the study that the edition reproduces; each step of the method is run once for all of it."""
    valuer = Valuer(inputs)
    terms = reconstruction_terms(edition, valuer, reconstruction, published_figures)
    found = all_readings(edition, valuer, reconstruction, published_figures)
    return terms, readings(found), reading_combinations(found), questions(found)


def _published_restatements(
    edition: Edition, restatements: DataFrame[Restatements], **inputs: pd.DataFrame
) -> DataFrame[PublishedRestatements]:
    """What was restated, with its effect in the edition."""

    def value_of(tables: Tables) -> pd.Series:
        values = valued_tables(tables, edition)["contract_value"]
        return values.set_index("contract_id")["public_value_gbp"]

    return restated(restatements, inputs, value_of)


ANALYSES = (
    Step(_simulated, ("uncertainty", "acceptability", "sensitivity", "contract_sensitivity", "switching_values")),
    Step(reported.published_contracts),
    Step(reported.reported_outcomes),
    Step(reported.claims),
    Step(reported.double_counting),
    Step(reported.published_payments),
    Step(_published_restatements),
    Step(market_facts),
    Step(reconciliation),
    Step(coverage),
    Step(not_valued),
    Step(concentration),
    Step(evidence_quality),
    Step(evidence_age),
    Step(_robustness),
    Step(payer_beneficiary),
    Step(payments_over_time),
    Step(value_by_agency),
    Step(value_by_time),
    Step(value_summary),
    Step(payments_per_result),
    Step(bounds),
    Step(scenarios),
    Step(units_by_choice),
    Step(flags),
    Step(price_checks),
    Step(choices),
    Step(bridges, ("bridge",)),
    Step(_reading, ("reconstruction_terms", "readings", "reading_combinations", "questions")),
)
# Those that read nothing of a valuation, and need not wait for it; and of the others those that take longest.
OF_INPUTS = tuple(step for step in ANALYSES if not {*step.reads} & {*VALUATION_TABLES})
OF_VALUATION = tuple(step for step in ANALYSES if step not in OF_INPUTS)
DEAREST = ("scenarios", "bridge")
ANALYSED = tuple(name for analysis in ANALYSES for name in analysis.makes)


def published_tables(
    facts: RawFacts, reference: Reference, valuation: Valuation, simulation: Simulation = BY_DEFAULT
) -> dict[str, pd.DataFrame]:
    """Return all published tables of an edition by the names of their files, each validated against its model.

    Those that are published as they were read were validated then, and are not again. Raises
    ``pandera.errors.SchemaErrors`` when a table is not what it should be.
    """
    made = {**_valued(valuation), **analyses(facts, reference, valuation, Draws(simulation))}
    (valid,) = validated({valuation.edition.edition: made}).values()
    return as_published(facts, reference, valuation, valid)


def analyses(
    facts: RawFacts, reference: Reference, valuation: Valuation, draws: Draws, steps: Iterable[Step] = ANALYSES
) -> dict[str, pd.DataFrame]:
    """Return the tables that analyses make of a valuation, by default all, by name; they are not validated."""
    tables = {**tables_of(facts, reference), **_valued(valuation)}
    return _analysed(tables, reference, valuation.edition, steps, draws=draws)


def _analysed(
    tables: Tables, reference: Reference, edition: Edition, steps: Iterable[Step], **more: object
) -> dict[str, pd.DataFrame]:
    given = {"edition": edition, "editions": reference.editions, "earlier": reference.earlier, **more}
    return {name: table for analysis in steps for name, table in analysis.run(tables, **given).items()}


def begun_analyses(
    facts: RawFacts, reference: Reference, editions: Sequence[Edition]
) -> "Work[dict[str, pd.DataFrame]]":
    """Have another process begin with what analyses make of facts and reference alone, edition by edition."""
    return Work(_of_inputs, (facts, reference), [(edition.edition,) for edition in editions])


def analysed_editions(
    facts: RawFacts,
    reference: Reference,
    valuations: Sequence[Valuation],
    simulation: Simulation,
    begun: "Work[dict[str, pd.DataFrame]] | None" = None,
) -> list[dict[str, pd.DataFrame]]:
    """Return what ``analyses`` does of each of some valuations; two processes share the work.

    ``begun``: what was begun of these editions, in their order.
    """
    begun = begun or begun_analyses(facts, reference, [valuation.edition for valuation in valuations])
    parts = [[step for step in OF_VALUATION if step.name == name] for name in DEAREST]
    parts.append([step for step in OF_VALUATION if step.name not in DEAREST])
    asked = [(valuation.edition.edition, part) for valuation in valuations for part in parts]
    by_edition = {valuation.edition.edition: valuation for valuation in valuations}
    made = iter(shared(_analyses, (facts, reference, by_edition, simulation), asked))
    of_valuations = [{name: table for _ in parts for name, table in next(made).items()} for _ in valuations]
    return [of_inputs | own for of_inputs, own in zip(begun.results(), of_valuations, strict=True)]


def _of_inputs(given: tuple[RawFacts, Reference], edition_id: str) -> dict[str, pd.DataFrame]:
    facts, reference = given
    return _analysed(tables_of(facts, reference), reference, reference.editions[edition_id], OF_INPUTS)


def _analyses(
    given: tuple[RawFacts, Reference, Mapping[str, Valuation], Simulation], edition_id: str, steps: Sequence[Step]
) -> dict[str, pd.DataFrame]:
    facts, reference, valuations, simulation = given
    return analyses(facts, reference, valuations[edition_id], _draws(simulation), steps)


@lru_cache(maxsize=1)
def _draws(simulation: Simulation) -> Draws:
    """The draws of a simulation, most of which the editions of a run share."""
    return Draws(simulation)


def validated(made: Mapping[str, Tables]) -> dict[str, dict[str, pd.DataFrame]]:
    """Return tables of several editions, by name, as their models have them, each validated once for all editions.

    Raises ``pandera.errors.SchemaErrors`` when one is not what it should be.
    """
    names = dict.fromkeys(name for tables in made.values() for name in tables)
    valid = {name: shaped({key: tables[name] for key, tables in made.items()}, name) for name in names}
    return {key: {name: valid[name][key] for name in names} for key in made}


def as_published(facts: RawFacts, reference: Reference, valuation: Valuation, valid: Tables) -> dict[str, pd.DataFrame]:
    """Return all published tables of an edition by the names of their files, but for how its checks came out.

    ``valid``: tables by name that are published as they are; of all others the columns of their models.
    """
    others = {**tables_of(facts, reference), **_valued(valuation)}
    return {
        file: valid[name] if name in valid else columns_of(others[name], name)
        for file, name in PUBLISHED_FROM.items()
        if name in valid or name in others
    }


def analysed(
    table: str, facts: RawFacts, reference: Reference, valuation: Valuation, draws: Draws | None = None
) -> pd.DataFrame:
    """Return one table that an analysis makes of a valuation, by its name; it is not validated.

    ``draws``: by default those of the default simulation.
    """
    (analysis,) = (analysis for analysis in ANALYSES if table in analysis.makes)
    return analyses(facts, reference, valuation, draws or Draws(BY_DEFAULT), [analysis])[table]


def _valued(valuation: Valuation) -> dict[str, pd.DataFrame]:
    return {name: getattr(valuation, name) for name in VALUATION_TABLES}
