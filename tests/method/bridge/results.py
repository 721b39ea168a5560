"""Results of made-up markets, for the tests of the bridge."""

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.bridge.results import Result, result_of_valuation
from pipeline.method.valuation import tables_of, valued_tables


def valued(facts: RawFacts, reference: Reference, edition: Edition) -> Result:
    """Return the result of an edition."""
    inputs = tables_of(facts, reference)
    return result_of_valuation(edition, {**inputs, **valued_tables(inputs, edition)})
