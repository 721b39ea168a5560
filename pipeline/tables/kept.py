"""What is kept of a publication, so that later figures can be followed from it.

Belongs here: which columns of which published tables a bridge needs; nothing that reads or compares them. Remarks on a
row have no say in value, and need not be kept.
"""

from collections.abc import Mapping

KEPT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "contract_value": (
        "contract_id",
        "policy_area",
        "is_in_bcr",
        "public_value_gbp",
        "fiscal_gbp",
        "outcome_payments_real_gbp",
    ),
    "choices": ("choice", "setting"),
    "contracts": ("contract_id", "name", "policy_area"),
    "reported_outcomes": (
        *("contract_id", "metric_id", "result_type", "period_start", "period_end", "quantity", "unit"),
        *("is_net_of_deadweight", "source_id", "locator"),
    ),
    "payments": ("contract_id", "period_start", "period_end", "amount_gbp", "basis", "source_id", "locator"),
    "corrections": ("table", "contract_id", "locator", "column", "reported", "used"),
    "metric_outcomes": (
        *("contract_id", "metric_id", "outcome_id", "milestone", "milestone_unit", "quantity_per_unit"),
        *("treatment", "grade"),
    ),
    "outcome_types": ("outcome_id", "unit", "ladder", "hours_weight_id"),
    "paid_per_unit": ("contract_id", "metric_id"),
    "outcome_unit_costs": (
        *("value_set", "outcome_id", "unit_cost_id", "units_per_outcome", "horizon_years", "overlap_group"),
    ),
    "unit_costs": (
        *("value_set", "unit_cost_id", "kind", "low_gbp", "central_gbp", "high_gbp", "lowest_kind_gbp"),
        *("highest_kind_gbp", "unit", "price_year", "is_transfer", "grade"),
    ),
    "hours_weights": ("hours_weight_id", "central"),
    "gdp_deflators": ("price_year", "gdp_deflator"),
    "discount_rates": ("schedule", "year_from", "year_to", "discount_rate"),
    "deadweight": ("outcome_id", "contract_id", "layer", "central", "grade"),
    "optimism_bias": ("grade", "optimism_bias"),
}

# What the checks of a publication read of the last one; kept with it in its history.
HELD_AGAINST: Mapping[str, tuple[str, ...]] = {
    "contract_value": ("contract_id", "public_value_gbp", "outcome_payments_gbp", "outcome_payments_real_gbp"),
    "valued_outcomes": ("outcome_id", "unit_cost_id", "unit_value_gbp"),
    "reported_outcomes": ("contract_id", "metric_id", "result_type", "period_start", "period_end", "quantity"),
    "payments": ("contract_id", "payer", "basis", "metric_id", "period_start", "period_end", "amount_gbp"),
}
