"""What was reported, as published: each row with how the edition counts it, and counts from claims protected.

Belongs here: putting the facts beside the valuation, in the columns that readers rely on. Every reported row is there,
also those that the edition does not count; no value is worked out here.
"""

import pandas as pd

from pipeline.claims.disclosure import KEY
from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import lines_of_list, mapping_of_list
from pipeline.method.steps.outcome_units import mapped_outcomes, with_ladder
from pipeline.method.steps.protection import PAIR, policy_of, protected_claims, protected_outcomes, protected_overlaps
from pipeline.tables.base import in_natural_order
from pipeline.tables.claims import ClaimCounts, ClaimOverlaps
from pipeline.tables.parameters import OutcomeUnitCosts
from pipeline.tables.publication import Claims, DoubleCounting, PublishedContracts, PublishedPayments, ReportedOutcomes
from pipeline.tables.raw import Contracts, RawOutcomes, RawPayments
from pipeline.tables.reference import MetricOutcomes, OutcomeTypes
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, OutcomesInScope, PaymentsInScope

OUTCOME_KEY = ["contract_id", "metric_id", "result_type", "period_start", "period_end", "source_id"]


def published_contracts(
    contracts: DataFrame[Contracts], outcomes: DataFrame[RawOutcomes], contract_value: DataFrame[ContractValue]
) -> DataFrame[PublishedContracts]:
    """Return the contracts with what is known of each."""
    paid = set(contract_value.loc[contract_value["outcome_payments_gbp"] > 0, "contract_id"])
    return contracts.assign(
        has_outcomes=contracts["contract_id"].isin(outcomes["contract_id"]),
        has_payments=contracts["contract_id"].isin(paid),
    )


def reported_outcomes(
    edition: Edition,
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
    outcomes_in_scope: DataFrame[OutcomesInScope],
    metric_outcomes: DataFrame[MetricOutcomes],
    outcome_types: DataFrame[OutcomeTypes],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
) -> DataFrame[ReportedOutcomes]:
    """Return every reported result with its treatment and the share of it that the edition counts.

    Those of contracts with claims have protected counts, missing where they are withheld.
    """
    protected = protected_outcomes(outcomes, claim_counts, policy_of(edition))
    counted = outcomes_in_scope[[*OUTCOME_KEY, "share_counted", "quantity_counted", "is_estimated"]]
    mapping = mapping_of_list(metric_outcomes, outcome_unit_costs, edition.value_set)
    mapped = mapped_outcomes(protected, mapping, outcome_types)
    table = mapped.merge(counted, on=OUTCOME_KEY, how="left", validate="one_to_one")
    table = table.fillna({"share_counted": 0.0, "quantity_counted": 0.0})
    table["is_estimated"] = table["is_estimated"].eq(True)
    # Nothing of a result that is withheld is nothing; some of it is not known.
    is_unknown = table["quantity"].isna() & (table["share_counted"] > 0)
    table["quantity_counted"] = table["quantity_counted"].mask(is_unknown)
    # As the analyst has put them; those that were counted from claims have no order of their own.
    is_claimed = table["contract_id"].isin(claim_counts["contract_id"])
    order = in_natural_order(table["metric_id"]).where(is_claimed, "")
    return table.assign(order=order).sort_values(["contract_id", "order"], kind="stable").drop(columns="order")


def claims(
    edition: Edition,
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
    metric_outcomes: DataFrame[MetricOutcomes],
) -> DataFrame[Claims]:
    """Return the protected counts of claims by metric and year, up to the cut-off, with the outcome of each metric."""
    mapping = metric_outcomes[["contract_id", "metric_id", "outcome_id"]]
    table = protected_claims(outcomes, claim_counts, edition)
    table = table.merge(mapping, on=["contract_id", "metric_id"], validate="many_to_one")
    table = table.sort_values(KEY, kind="stable", key=in_natural_order, ignore_index=True)
    return table.rename(columns={"total": "total_to_year_end"})


def double_counting(
    edition: Edition,
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
    claim_overlaps: DataFrame[ClaimOverlaps],
    metric_outcomes: DataFrame[MetricOutcomes],
    outcome_types: DataFrame[OutcomeTypes],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
) -> DataFrame[DoubleCounting]:
    """Return how many people each two ladders of a contract with claims share, and whether only one of them counts."""
    mapping = mapping_of_list(metric_outcomes, outcome_unit_costs, edition.value_set)
    mapping = mapping[["contract_id", "metric_id", "outcome_id", "treatment"]]
    of_other = mapping.rename(columns=lambda name: name if name == "contract_id" else f"other_{name}")
    table = protected_overlaps(outcomes, claim_counts, claim_overlaps, edition)
    for described in (mapping, of_other):
        table = table.merge(described, on=list(described.columns[:2]), validate="many_to_one")
    table = table.sort_values(PAIR, kind="stable", key=in_natural_order, ignore_index=True)
    once = _pairs_that_count_once(outcome_types, lines_of_list(outcome_unit_costs, edition.value_set))
    pairs = zip(table["outcome_id"], table["other_outcome_id"], strict=True)
    is_overlap = (table[["treatment", "other_treatment"]] == "overlap").any(axis=1)
    return table.assign(
        is_withheld=table["people"].isna(),
        is_counted_once=is_overlap | pd.Series([pair in once for pair in pairs], dtype=bool),
    )


def published_payments(
    payments: DataFrame[RawPayments], payments_in_scope: DataFrame[PaymentsInScope]
) -> DataFrame[PublishedPayments]:
    """Return every payment and commitment with the share of it that the edition counts."""
    added = ["share_counted", "amount_counted_gbp", "amount_real_gbp", "price_year", "is_estimated"]
    key = ["contract_id", "source_id", "locator"]
    table = payments.merge(payments_in_scope[[*key, *added]], on=key, how="left", validate="one_to_one")
    table = table.fillna({"share_counted": 0.0, "amount_counted_gbp": 0.0, "price_year": ""})
    table["is_estimated"] = table["is_estimated"].eq(True)
    return table


def _pairs_that_count_once(
    outcome_types: DataFrame[OutcomeTypes], lines: DataFrame[OutcomeUnitCosts]
) -> set[tuple[str, str]]:
    """Outcomes on two ladders with unit costs of one overlap group, of which only one counts: ``without_overlaps``."""
    types = with_ladder(outcome_types)[["outcome_id", "ladder"]]
    costs = lines.merge(types, on="outcome_id", validate="many_to_one")
    costs = costs.loc[costs["overlap_group"] != "", ["outcome_id", "ladder", "overlap_group"]]
    both = costs.merge(costs, on="overlap_group", suffixes=("", "_of_other"))
    both = both[both["ladder"] != both["ladder_of_other"]]
    return set(zip(both["outcome_id"], both["outcome_id_of_other"], strict=True))
