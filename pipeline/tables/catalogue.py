"""Every table of the project, once: what it is called, what it may contain, in which layer it stands, who gets it.

Belongs here: one entry for each table. Names, models and descriptions of assets, the tables that are read, kept and
published, the pages about them and the data package all come from this list. What a table is made from stands where
it is made: the parameters of a step of the method (``method.valuation``) or of an analysis
(``method.analysis.tables``) are named like the tables that it reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pipeline.common.timing import PANDERA, timed
from pipeline.tables import analysis, claims, parameters, publication, raw, reading, reference, valuation
from pipeline.tables.base import Table, paragraphs, valid_by_edition

# ``raw``: read from a contract folder, and not kept.
Layer = Literal["raw", "facts", "reference", "valuation", "results", "analysis"]


@dataclass(frozen=True)
class Entry:
    """One table.

    ``name``: of its asset, in the store, and in the parameters of whatever reads it; ``published_as``: the file under
    which readers get it, empty for one that stays inside.
    """

    name: str
    model: type[Table]
    layer: Layer
    published_as: str = ""

    @property
    def description(self) -> str:
        """What it is, in a line: the first of its model."""
        return paragraphs(self.model)[0]


# In the order in which published tables are shown.
CATALOGUE = (
    # What was reported, as the edition counts it.
    Entry("published_contracts", publication.PublishedContracts, "analysis", "contracts"),
    Entry("reported_outcomes", publication.ReportedOutcomes, "analysis", "reported_outcomes"),
    Entry("claims", publication.Claims, "analysis", "claims"),
    Entry("double_counting", publication.DoubleCounting, "analysis", "double_counting"),
    Entry("published_payments", publication.PublishedPayments, "analysis", "payments"),
    Entry("published_restatements", publication.PublishedRestatements, "analysis", "restatements"),
    # What was reported, as it was read.
    Entry("claimed_metrics", claims.ClaimedMetrics, "raw"),
    Entry("claim_counts", claims.ClaimCounts, "facts"),
    Entry("claim_overlaps", claims.ClaimOverlaps, "facts"),
    Entry("outcomes", raw.RawOutcomes, "facts"),
    Entry("payments", raw.RawPayments, "facts"),
    Entry("organisations", raw.RawOrganisations, "facts", "organisations"),
    Entry("places", raw.RawPlaces, "facts", "places"),
    Entry("prices", raw.RawPrices, "facts", "prices"),
    Entry("targets", raw.RawTargets, "facts", "targets"),
    Entry("planned_payments", raw.RawPlannedPayments, "facts", "planned_payments"),
    Entry("service", raw.RawService, "facts", "service"),
    Entry("rejected_rows", raw.RejectedRows, "facts", "rejected_rows"),
    Entry("restatements", raw.Restatements, "facts"),
    # The contracts last: they are written last, and once they are, all facts are.
    Entry("contracts", raw.Contracts, "facts"),
    # The valuation, step by step.
    Entry("outcomes_in_scope", valuation.OutcomesInScope, "valuation"),
    Entry("payments_in_scope", valuation.PaymentsInScope, "valuation"),
    Entry("outcome_units", valuation.OutcomeUnits, "valuation"),
    Entry("unit_values", valuation.UnitValues, "valuation"),
    Entry("gross_value", valuation.GrossValue, "valuation"),
    Entry("net_value", valuation.NetValue, "valuation"),
    Entry("valued_outcomes", valuation.ValuedOutcomes, "valuation", "valued_outcomes"),
    Entry("overlaps", valuation.Overlaps, "valuation", "overlaps"),
    Entry("contract_value", valuation.ContractValue, "results", "contract_value"),
    Entry("policy_area_value", valuation.PolicyAreaValue, "results", "policy_area_value"),
    Entry("market_value", valuation.MarketValue, "results", "market_value"),
    # What is said about it.
    Entry("market_facts", analysis.MarketFacts, "analysis", "market_facts"),
    Entry("reconciliation", analysis.Reconciliation, "analysis", "reconciliation"),
    Entry("coverage", analysis.Coverage, "analysis", "coverage"),
    Entry("not_valued", analysis.NotValued, "analysis", "not_valued"),
    Entry("uncertainty", analysis.Uncertainty, "analysis", "uncertainty"),
    Entry("acceptability", analysis.Acceptability, "analysis", "acceptability"),
    Entry("sensitivity", analysis.Sensitivity, "analysis", "sensitivity"),
    Entry("contract_sensitivity", analysis.ContractSensitivity, "analysis", "contract_sensitivity"),
    Entry("switching_values", analysis.SwitchingValues, "analysis", "switching_values"),
    Entry("concentration", analysis.Concentration, "analysis", "concentration"),
    Entry("evidence_quality", analysis.EvidenceQuality, "analysis", "evidence_quality"),
    Entry("evidence_age", analysis.EvidenceAge, "analysis", "evidence_age"),
    Entry("robustness", analysis.Robustness, "analysis", "robustness"),
    Entry("payer_beneficiary", analysis.PayerBeneficiary, "analysis", "payer_beneficiary"),
    Entry("value_by_agency", analysis.ValueByAgency, "analysis", "value_by_agency"),
    Entry("value_by_time", analysis.ValueByTime, "analysis", "value_by_time"),
    Entry("value_summary", analysis.ValueSummary, "analysis", "value_summary"),
    Entry("payments_per_result", analysis.PaymentsPerResult, "analysis", "payments_per_result"),
    Entry("payments_over_time", analysis.PaymentsOverTime, "analysis", "payments_over_time"),
    Entry("bounds", analysis.Bounds, "analysis", "bounds"),
    Entry("scenarios", analysis.Scenarios, "analysis", "scenarios"),
    Entry("units_by_choice", analysis.UnitsByChoice, "analysis", "units_by_choice"),
    Entry("bridge", analysis.Bridge, "analysis", "bridge"),
    Entry("flags", analysis.Flags, "analysis", "flags"),
    Entry("price_checks", analysis.PriceChecks, "analysis", "price_checks"),
    # A reading of the study that the edition reproduces, if it does.
    Entry("reconstruction_terms", analysis.ReconstructionTerms, "analysis", "reconstruction"),
    Entry("readings", analysis.Readings, "analysis", "readings"),
    Entry("reading_combinations", analysis.ReadingCombinations, "analysis", "reading_combinations"),
    Entry("questions", analysis.Questions, "analysis", "questions"),
    # What was judged or looked up.
    Entry("choices", analysis.Choices, "analysis", "choices"),
    Entry("outcome_types", reference.OutcomeTypes, "reference", "outcome_types"),
    Entry("metric_outcomes", reference.MetricOutcomes, "reference", "metric_outcomes"),
    Entry("paid_per_unit", reference.PaidPerUnit, "reference", "paid_per_unit"),
    Entry("shared_results", reference.SharedResults, "reference", "shared_results"),
    Entry("unit_costs", parameters.UnitCosts, "reference", "unit_costs"),
    Entry("unit_cost_checks", parameters.UnitCostChecks, "reference", "unit_cost_checks"),
    Entry("wellbeing_scales", parameters.WellbeingScales, "reference", "wellbeing_scales"),
    Entry("outcome_unit_costs", parameters.OutcomeUnitCosts, "reference", "outcome_unit_costs"),
    Entry("hours_weights", parameters.HoursWeights, "reference", "hours_weights"),
    Entry("deadweight", parameters.Deadweight, "reference", "deadweight"),
    Entry("gdp_deflators", parameters.GdpDeflators, "reference", "gdp_deflators"),
    Entry("discount_rates", parameters.DiscountRates, "reference", "discount_rates"),
    Entry("published_figures", reference.PublishedFigures, "reference", "published_figures"),
    Entry("reading_values", reading.ReadingValues, "reference", "reading_values"),
    Entry("reconstruction", reading.Reconstruction, "reference", "reconstruction_steps"),
    Entry("sources", reference.Sources, "reference", "sources"),
    Entry("corrections", reference.Corrections, "reference", "corrections"),
    Entry("accepted", reference.Accepted, "reference", "accepted"),
    Entry("optimism_bias", parameters.OptimismBias, "reference", "optimism_bias"),
    Entry("gone_contracts", reference.GoneContracts, "reference", "gone_contracts"),
    Entry("earlier_publications", reference.EarlierPublications, "reference", "earlier_publications"),
    # What the checks saw of all these.
    Entry("checks", publication.Checks, "analysis", "checks"),
)
ENTRIES: Mapping[str, Entry] = {entry.name: entry for entry in CATALOGUE}


def models(*layers: Layer) -> dict[str, type[Table]]:
    """Return the models of the tables of some layers, by name."""
    return {entry.name: entry.model for entry in CATALOGUE if entry.layer in layers}


# The form of the published tables, for those who read them by program: a step up when a column goes or changes its
# type. What is added needs none. `make schema` and a test hold it to docs/published-columns.json.
SCHEMA_VERSION = 1

FACT_TABLES = models("facts")
REFERENCE_TABLES = models("reference")
# Readers know these by the names of their files.
PUBLISHED_TABLES: dict[str, type[Table]] = {e.published_as: e.model for e in CATALOGUE if e.published_as}
PUBLISHED_FROM: dict[str, str] = {e.published_as: e.name for e in CATALOGUE if e.published_as}


def columns_of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the columns of a table as its model has them, in order; it is not validated."""
    return table[list(ENTRIES[name].model.to_schema().columns)].reset_index(drop=True)


def shaped(tables: Mapping[str, pd.DataFrame], name: str) -> dict[str, pd.DataFrame]:
    """Return the columns of a table of some editions, in the order of its model, validated.

    Raises ``pandera.errors.SchemaErrors`` when a table is not what its model says.
    """
    with timed(PANDERA):
        return valid_by_edition(ENTRIES[name].model, {key: columns_of(table, name) for key, table in tables.items()})
