"""From which columns each column of the tables of value comes, for reviewers and for the UI.

Belongs here: the lineage of the steps from scope to market and of what is said about them, as data, one step back at a
time; what the columns mean stands with the models, how they are worked out in ``pipeline.method``. A law tries it all.
This is data, hence the length.

A column names each column of the tables just before it, and each choice of the edition, that can change its values:

- Ids by which rows are joined, grouped or kept apart are named by themselves only, not by every column of their rows.
- What decides which rows there are (a cut-off, an overlap) is named by the ids of the rows.
- What decides which rows a value adds up (a treatment, a kind, a basis) is named by that value.
- A text that the step writes itself, always the same, names the edition for which it stands there.
"""

from collections.abc import Mapping

# Columns that come into one column, each as "asset.column".
Origins = tuple[str, ...]


def _of(asset: str, *columns: str) -> Origins:
    return tuple(f"{asset}.{column}" for column in columns)


def _carried(asset: str, *columns: str) -> dict[str, Origins]:
    """Columns that come unchanged, under the same name, from a table just before."""
    return {column: _of(asset, column) for column in columns}


def _each(columns: Origins, origins: Origins) -> dict[str, Origins]:
    return dict.fromkeys(columns, origins)


# --- Scope ----------------------------------------------------------------------------------------------------

# Which rows value an outcome: those of the edition's price list, or of an older one where it has none.
_LISTED = ("outcome_unit_costs.value_set", "editions.value_set")

# What is paid by the unit is dated by the payments of its contract.
_PAID_BY_THEN = _of("payments", "amount_gbp", "basis", "period_start", "period_end")
_RESULT_SHARE = (*_of("outcomes", "period_start", "period_end"), *_PAID_BY_THEN, "editions.cut_off")
# Which of several reports of a metric counts; the source decides only between reports that are otherwise alike.
_RESULT_CHOSEN = (*_RESULT_SHARE, *_of("outcomes", "result_type", "source_id"))
_PAYMENT_SHARE = (*_of("payments", "period_start", "period_end", "basis"), "editions.cut_off")
_PAYMENT_COUNTED = ("payments.amount_gbp", *_PAYMENT_SHARE)

# Of a contract with claims: its total up to the year of the report, if it may be shown, as exactly as it may be.
_PROTECTED = (
    *_of("claim_counts", "contract_id", "metric_id", "financial_year", "unit", "quantity", "people"),
    *("editions.disclosure_threshold", "editions.disclosure_rounding"),
)

OUTCOMES_IN_SCOPE: Mapping[str, Origins] = {
    "contract_id": ("outcomes.contract_id", *_RESULT_CHOSEN),
    "metric_id": ("outcomes.metric_id", *_RESULT_CHOSEN),
    **_carried("outcomes", "label", "result_type", "period_start", "period_end", "unit"),
    **_carried("outcomes", "is_net_of_deadweight", "source_id", "locator", "row"),
    "quantity": (*_of("outcomes", "quantity", "period_end"), *_PROTECTED),
    "share_counted": _RESULT_SHARE,
    "quantity_counted": ("outcomes.quantity", *_RESULT_SHARE, *_PROTECTED),
    "is_estimated": _RESULT_SHARE,
    **_carried("metric_outcomes", "outcome_id", "milestone", "milestone_unit", "quantity_per_unit"),
    "treatment": ("metric_outcomes.treatment", *_LISTED),
    "reason": _of("metric_outcomes", "reason", "treatment") + _LISTED,
    "mapping_grade": _of("metric_outcomes", "grade", "treatment") + _LISTED,
    "outcome_unit": ("outcome_types.unit",),
    # An outcome without a ladder is its own.
    "ladder": ("outcome_types.ladder", "metric_outcomes.outcome_id"),
}

PAYMENTS_IN_SCOPE: Mapping[str, Origins] = {
    "contract_id": ("payments.contract_id", *_PAYMENT_SHARE),
    **_carried("payments", "payer", "payer_kind", "period_start", "period_end", "amount_gbp", "basis", "metric_id"),
    **_carried("payments", "source_id", "locator", "note", "row"),
    "share_counted": _PAYMENT_SHARE,
    "amount_counted_gbp": _PAYMENT_COUNTED,
    "amount_real_gbp": (*_PAYMENT_COUNTED, "gdp_deflators.gdp_deflator", "editions.price_year"),
    "price_year": _of("payments", "period_start", "period_end"),
    "is_estimated": _PAYMENT_SHARE,
}

# --- Units and unit values ------------------------------------------------------------------------------------

_DISCOUNTING = _of("discount_rates", "schedule", "year_from", "year_to", "discount_rate")
_HORIZON = ("editions.time_convention", "editions.horizon_years", "editions.discounting", *_DISCOUNTING)
# What is withheld has no quantity, and makes no line by itself.
_COUNTS = (
    *_of("outcomes_in_scope", "quantity_counted", "quantity", "unit", "quantity_per_unit", "outcome_unit"),
    *_of("outcomes_in_scope", "milestone", "milestone_unit", "treatment"),
)
# Under the annual convention each ladder counts once, on whichever branch the rung stands.
_UNITS = (*_COUNTS, "outcomes_in_scope.ladder", "editions.annual_rung", *_HORIZON)

OUTCOME_UNITS: Mapping[str, Origins] = {
    "contract_id": _of("outcomes_in_scope", "contract_id", "treatment", "quantity"),
    "outcome_id": _of("outcomes_in_scope", "outcome_id", "treatment", "quantity"),
    "is_counted": ("outcomes_in_scope.treatment",),
    **_carried("outcomes_in_scope", "is_net_of_deadweight", "ladder"),
    "unit": ("outcomes_in_scope.outcome_unit",),
    "people": _COUNTS,
    "units": _UNITS,
    "units_low": _COUNTS,
    "units_high": (*_COUNTS, "editions.horizon_years"),
    "is_estimated": _of("outcomes_in_scope", "is_estimated", "treatment", "quantity"),
    "metric_ids": _of("outcomes_in_scope", "metric_id", "treatment", "quantity"),
    "mapping_grade": _of("outcomes_in_scope", "mapping_grade", "treatment", "quantity"),
    "sum": _UNITS,
}

# Which row of a unit cost, likewise.
_COST_LIST = ("unit_costs.value_set", "editions.value_set")
_UNIT_COST = (
    *_of("unit_costs", "low_gbp", "central_gbp", "high_gbp", "lowest_kind_gbp", "highest_kind_gbp"),
    *("editions.unit_value_level", *_COST_LIST),
)
_PRICE_YEAR = ("unit_costs.price_year", *_COST_LIST)
_PRICE_FACTOR = (*_PRICE_YEAR, "gdp_deflators.gdp_deflator", "editions.price_year")
_COST_UNIT = ("unit_costs.unit", *_COST_LIST)
_CONVERSION = (*_COST_UNIT, "outcome_types.unit")
_HOURS = ("outcome_types.hours_weight_id", "hours_weights.central")

# A line that is listed without its cost is none.
_LINE_LISTED = (*_LISTED, "unit_costs.value_set")


def _of_the_list(asset: str, which: Origins, *columns: str) -> dict[str, Origins]:
    """Columns that come unchanged from the row of a price list; ``which``: what decides which row that is."""
    return {column: (f"{asset}.{column}", *which) for column in columns}


UNIT_VALUES: Mapping[str, Origins] = {
    **_of_the_list("outcome_unit_costs", _LINE_LISTED, "outcome_id", "unit_cost_id"),
    "value_set": _COST_LIST,
    "unit_value_level": ("editions.unit_value_level",),
    **_of_the_list("unit_costs", _COST_LIST, "data_year", "name", "kind", "agency", "is_transfer"),
    "unit": ("outcome_types.unit",),
    "unit_cost_gbp": _UNIT_COST,
    "unit_cost_unit": _COST_UNIT,
    "unit_cost_price_year": _PRICE_YEAR,
    "unit_cost_grade": ("unit_costs.grade", *_COST_LIST),
    "price_factor": _PRICE_FACTOR,
    "cost_units_per_unit": _CONVERSION,
    "unit_value_gbp": tuple(
        dict.fromkeys(
            (*_UNIT_COST, *_PRICE_FACTOR, *_CONVERSION, *_HOURS, "outcome_unit_costs.units_per_outcome", *_LISTED)
        )
    ),
    "hours_weight_id": ("outcome_types.hours_weight_id",),
    "hours_weight": _HOURS,
    **_of_the_list("outcome_unit_costs", _LISTED, "units_per_outcome", "horizon_years", "overlap_group"),
    **_of_the_list("unit_costs", _COST_LIST, "source_id", "locator"),
}

# --- Lines of value -------------------------------------------------------------------------------------------

# A line that runs on counts its years for each person, under the horizon convention.
_LINE_UNITS = (*_of("outcome_units", "units", "people"), "unit_values.horizon_years", *_HORIZON)

# Which values a reading of another study adds, to which counts; no edition of ours takes any.
_ADDED_TO = (
    *("editions.added_values", *_of("reading_values", "added_value", "outcome_id", "contract_id", "metric_id")),
    *_of("outcomes_in_scope", "quantity_counted", "quantity_per_unit", "treatment"),
)
_ADDED = (*_ADDED_TO, *_of("reading_values", "is_instead", "counts_by"))
_ADDED_LEVEL = ("editions.added_values", "reading_values.added_value", "reading_values.valued_in")
_ADDED_GBP = (
    *(*_ADDED_LEVEL, *_of("reading_values", "low_gbp", "central_gbp", "high_gbp")),
    *_of("wellbeing_scales", "scale_id", "low_gbp", "central_gbp", "high_gbp"),
)
_ADDED_UNITS = (*_ADDED_LEVEL, *_of("reading_values", "low_units", "central_units", "high_units"))
_ADDED_YEAR = (*_ADDED_LEVEL, "reading_values.price_year", "wellbeing_scales.price_year")
_ADDED_FACTOR = (*_ADDED_YEAR, "gdp_deflators.gdp_deflator", "editions.price_year")
_ADDED_VALUE = (*_ADDED_GBP, *_ADDED_UNITS, *_ADDED_FACTOR)


def _or_added(carried: Mapping[str, Origins], added: Mapping[str, Origins]) -> dict[str, Origins]:
    """Columns that come from the lines of a price list or, of a line that a reading adds, from elsewhere."""
    return {name: tuple(dict.fromkeys((*origins, *added.get(name, ())))) for name, origins in carried.items()}


GROSS_VALUE: Mapping[str, Origins] = _or_added(
    {
        **_carried(
            "outcome_units", "contract_id", "outcome_id", "is_counted", "is_net_of_deadweight", "ladder", "unit"
        ),
        **_carried("outcome_units", "people", "units_low", "units_high", "is_estimated", "metric_ids", "sum"),
        **_carried("outcome_units", "mapping_grade"),
        **_carried("unit_values", "unit_cost_id", "name", "kind", "agency", "is_transfer", "unit_cost_gbp"),
        **_carried("unit_values", "value_set", "data_year", "unit_value_level"),
        **_carried("unit_values", "unit_cost_unit", "unit_cost_price_year", "unit_cost_grade", "price_factor"),
        **_carried("unit_values", "cost_units_per_unit", "units_per_outcome", "unit_value_gbp", "horizon_years"),
        **_carried("unit_values", "hours_weight_id", "hours_weight", "overlap_group", "source_id", "locator"),
        "units": _LINE_UNITS,
        "gross_gbp": ("unit_values.unit_value_gbp", *_LINE_UNITS),
    },
    {
        **_each(("contract_id", "outcome_id", "unit_cost_id"), _ADDED),
        **_each(("is_counted", "cost_units_per_unit", "horizon_years", "hours_weight_id"), ("editions.added_values",)),
        **_each(("hours_weight", "overlap_group"), ("editions.added_values",)),
        **_each(("people", "units", "units_low", "units_high", "unit", "unit_cost_unit", "sum"), _ADDED),
        **_each(("metric_ids", "mapping_grade", "is_estimated"), _ADDED_TO),
        **{name: (f"outcomes_in_scope.{name}", *_ADDED_TO) for name in ("is_net_of_deadweight", "ladder")},
        **{name: (f"reading_values.{name}",) for name in ("name", "kind", "agency", "is_transfer")},
        **{name: (f"reading_values.{name}",) for name in ("source_id", "locator")},
        "unit_cost_grade": ("reading_values.grade",),
        "unit_cost_gbp": _ADDED_GBP,
        **_each(("unit_cost_price_year", "data_year"), _ADDED_YEAR),
        "unit_value_level": _ADDED_LEVEL,
        "value_set": ("editions.value_set",),
        "price_factor": _ADDED_FACTOR,
        "units_per_outcome": _ADDED_UNITS,
        "unit_value_gbp": _ADDED_VALUE,
        "gross_gbp": (*_ADDED_VALUE, *_ADDED),
    },
)

# Which rate applies: counts that are net already take none, and a studied rate comes before an assumed one.
_RATE_CHOSEN = (
    *("gross_value.is_net_of_deadweight", "deadweight.layer", "editions.deadweight_layer"),
    *("editions.flat_deadweight", "editions.added_values", *_of("reading_values", "outcome_id", "deadweight", "grade")),
    "reading_values.source_id",
)

_CORRECTION = (
    *_of("optimism_bias", "grade", "optimism_bias"),
    *("gross_value.unit_cost_grade", "gross_value.mapping_grade", "deadweight.grade", "editions.optimism_bias"),
)

NET_VALUE: Mapping[str, Origins] = {
    **_carried("gross_value", *GROSS_VALUE),
    "deadweight": ("deadweight.central", *_RATE_CHOSEN),
    "deadweight_layer": _RATE_CHOSEN,
    "deadweight_grade": ("deadweight.grade", *_RATE_CHOSEN),
    "deadweight_source_id": ("deadweight.source_id", *_RATE_CHOSEN),
    "optimism_bias": (*_CORRECTION, *_RATE_CHOSEN),
    "net_gbp": ("gross_value.gross_gbp", "deadweight.central", *_RATE_CHOSEN, *_CORRECTION),
}

# Of the lines that save the same money the largest ladder counts.
_OVERLAP = (
    *_of("net_value", "is_counted", "overlap_group", "ladder", "net_gbp", "units"),
    "editions.set_asides",
)
# Where transfers count nowhere, they are left out too.
_LEFT_OUT = (*_OVERLAP, "net_value.is_transfer", "editions.transfers")
_LINE_IDS: Mapping[str, Origins] = {
    column: (f"net_value.{column}", *_LEFT_OUT) for column in ("contract_id", "outcome_id", "unit_cost_id")
}

OVERLAPS: Mapping[str, Origins] = {
    **_LINE_IDS,
    **_carried("net_value", "metric_ids", "kind", "is_transfer", "units", "unit", "unit_value_gbp"),
    **_carried("net_value", "gross_gbp", "deadweight", "net_gbp", "source_id"),
    "overlap_reason": _LEFT_OUT,
}

VALUED_OUTCOMES: Mapping[str, Origins] = {
    **_LINE_IDS,
    **_carried("net_value", "metric_ids", "kind", "agency", "sum", "units", "unit", "units_low"),
    "is_transfer": ("net_value.is_transfer", "editions.transfers"),
    **_carried("net_value", "units_high", "unit_cost_gbp", "unit_cost_unit", "unit_cost_price_year", "price_factor"),
    **_carried("net_value", "cost_units_per_unit", "units_per_outcome", "unit_value_gbp", "gross_gbp", "deadweight"),
    **_carried("net_value", "deadweight_layer", "net_gbp", "is_estimated", "unit_cost_grade", "deadweight_grade"),
    **_carried("net_value", "mapping_grade", "source_id", "locator", "deadweight_source_id"),
    **_carried("net_value", "hours_weight", "optimism_bias", "value_set", "data_year"),
    # Stored with the table though not published: a contract is valued if somebody reached an outcome.
    **_carried("net_value", "people"),
}

# --- Sums -----------------------------------------------------------------------------------------------------

_BASES = ("payments_in_scope.basis", "editions.payment_bases")
_PAID_REAL = ("payments_in_scope.amount_real_gbp", *_BASES)
# Of a contract of which nobody reached an outcome no value is known.
_ACHIEVED = _of("valued_outcomes", "people", "gross_gbp")
_BY_KIND = (*_of("valued_outcomes", "net_gbp", "kind"), *_ACHIEVED)
_PUBLIC = (*_of("valued_outcomes", "net_gbp", "is_transfer"), *_ACHIEVED)
_MATCHED = ("valued_outcomes.people", "payments_in_scope.amount_counted_gbp", *_PAID_REAL)

CONTRACT_VALUE: Mapping[str, Origins] = {
    **_carried("contracts", "contract_id", "name", "policy_area"),
    "outcome_payments_gbp": ("payments_in_scope.amount_counted_gbp", *_BASES),
    "outcome_payments_real_gbp": _PAID_REAL,
    **_each(("fiscal_gbp", "economic_gbp", "social_gbp"), _BY_KIND),
    **_each(("transfers_gbp", "public_value_gbp"), _PUBLIC),
    "gross_public_value_gbp": _of("valued_outcomes", "gross_gbp", "is_transfer", "people"),
    "is_valued": ("valued_outcomes.people",),
    "is_in_bcr": _MATCHED,
    "is_estimated": ("valued_outcomes.is_estimated", "payments_in_scope.is_estimated", *_BASES),
    "bcr": tuple(dict.fromkeys((*_PUBLIC, *_MATCHED))),
    "fiscal_bcr": tuple(dict.fromkeys((*_BY_KIND, *_MATCHED))),
}

# Over several contracts, whichever they are: all of them, and those of them that enter the ratio.
_SUMS: Mapping[str, Origins] = {
    **_carried("contract_value", "outcome_payments_gbp", "outcome_payments_real_gbp", "fiscal_gbp", "economic_gbp"),
    **_carried("contract_value", "social_gbp", "transfers_gbp", "public_value_gbp", "gross_public_value_gbp"),
    "contracts": ("contract_value.contract_id",),
    "contracts_valued": ("contract_value.is_valued",),
    "contracts_with_payments": ("contract_value.outcome_payments_gbp",),
    "contracts_in_bcr": ("contract_value.is_in_bcr",),
    "public_value_in_bcr_gbp": _of("contract_value", "public_value_gbp", "is_in_bcr"),
    "fiscal_in_bcr_gbp": _of("contract_value", "fiscal_gbp", "is_in_bcr"),
    "gross_public_value_in_bcr_gbp": _of("contract_value", "gross_public_value_gbp", "is_in_bcr"),
    "outcome_payments_in_bcr_gbp": _of("contract_value", "outcome_payments_gbp", "is_in_bcr"),
    "outcome_payments_in_bcr_real_gbp": _of("contract_value", "outcome_payments_real_gbp", "is_in_bcr"),
    "bcr": _of("contract_value", "public_value_gbp", "outcome_payments_real_gbp", "is_in_bcr"),
    "fiscal_bcr": _of("contract_value", "fiscal_gbp", "outcome_payments_real_gbp", "is_in_bcr"),
    "bcr_cash": _of("contract_value", "public_value_gbp", "outcome_payments_gbp", "is_in_bcr"),
    "fiscal_bcr_cash": _of("contract_value", "fiscal_gbp", "outcome_payments_gbp", "is_in_bcr"),
}

# --- What is said about the valuation -------------------------------------------------------------------------

# Which organisations count, and which amount of two of the same money.
_ORGANISATIONS = (
    *_of("organisations", "contract_id", "role", "organisation_id", "is_group"),
    *_of("organisations", "investment_committed_gbp", "is_low_end"),
)
# Each measure has a figure of its own among these; which contracts it is about says the scope.
_ASKED = (
    *_of("published_figures", "scope", "measure", "metrics", "engaged_metric"),
    *_of("published_figures", "published_edition", "value", "method", "depends_on"),
)
_KNOWN = (
    *_of("contracts", "contract_id", "policy_area", "outcomes_fund", "service_start", "service_end"),
    *_of("contracts", "people_engaged", "people_targeted", "delivery_places"),
    *_of("outcomes_in_scope", "metric_id", "label", "outcome_id", "milestone", "quantity", "quantity_counted"),
    *_of("outcomes_in_scope", "period_end"),
    "outcome_types.is_job",
    *_of("payments_in_scope", "amount_counted_gbp", "payer_kind", "basis", "period_end"),
    *_of("contract_value", "is_valued", "is_in_bcr", "outcome_payments_gbp", "outcome_payments_real_gbp"),
    *_of("contract_value", "public_value_gbp", "gross_public_value_gbp", "fiscal_gbp", "economic_gbp", "social_gbp"),
    *_ORGANISATIONS,
    "organisations.name",
    *_of("editions", "cut_off", "payment_bases", "published_edition"),
)
_OUR_FIGURE = (*_ASKED, *_KNOWN)
_NEAREST = (*_OUR_FIGURE, "published_figures.nearest")
_LIKE_FOR_LIKE = (
    *_of("published_figures", "published_edition", "depends_on"),
    "editions.published_edition",
)
_JUDGED = (
    *_OUR_FIGURE,
    *_of("published_figures", "value_high", "value_qualifier", "unit", "tolerance_share", "comparison", "as_of"),
)

RECONCILIATION: Mapping[str, Origins] = {
    **_carried("published_figures", "figure_id", "published_edition", "scope", "measure", "value_qualifier", "unit"),
    **_carried("published_figures", "source_id", "comparison", "would_settle"),
    "published": ("published_figures.value",),
    "published_high": ("published_figures.value_high",),
    **dict.fromkeys(("ours", "ours_low", "ours_high"), _OUR_FIGURE),
    "difference": _OUR_FIGURE,
    "data_share": _OUR_FIGURE,
    "nearest_measure": ("published_figures.nearest",),
    **dict.fromkeys(("nearest", "nearest_low", "nearest_high"), _NEAREST),
    "nearest_unit": ("published_figures.nearest",),
    "is_like_for_like": _LIKE_FOR_LIKE,
    "status": _JUDGED,
    "reason": (*_JUDGED, "published_figures.nearest"),
}

# Some of our figures have a published one to stand beside; the rest are ours alone.
_BESIDE_PUBLISHED = (
    *_of("contracts", "contract_id", "people_engaged"),
    *_of("market_value", "contracts_valued", "contracts_in_bcr"),
    *_of("market_value", "outcome_payments_gbp", "outcome_payments_in_bcr_gbp"),
)
_PUBLISHED = (*_of("published_figures", "value", "published_edition", "scope", "measure"), "editions.published_edition")
_PUBLISHED_WORDS = _of("published_figures", "value_qualifier", "source_id")

_FACTS = (
    *_of("contracts", "contract_id", "policy_area", "service_start", "people_engaged"),
    *_ORGANISATIONS,
    *_of("contract_value", "is_in_bcr", "outcome_payments_gbp"),
    *_of("payments_in_scope", "amount_counted_gbp", "payer_kind", "basis"),
    *("editions.payment_bases", "editions.cut_off"),
)

MARKET_FACTS: Mapping[str, Origins] = {
    "scope": ("contracts.policy_area",),
    **_each(("measure", "unit"), ("editions.edition",)),
    **_each(("ours", "note"), _FACTS),
    **_each(("published", "value_qualifier", "published_edition", "source_id"), (*_PUBLISHED, *_PUBLISHED_WORDS)),
}

COVERAGE: Mapping[str, Origins] = {
    "measure": ("editions.edition",),
    "ours": (
        *_BESIDE_PUBLISHED,
        "market_value.contracts_with_payments",
        *_of("outcomes_in_scope", "contract_id", "treatment", "quantity"),
        *_of("payments_in_scope", "amount_counted_gbp", "basis"),
    ),
    "published": _PUBLISHED,
    "share": (*_BESIDE_PUBLISHED, *_PUBLISHED),
}

_YEARS_IN_SCOPE = ("outcomes.period_end", "editions.cut_off")

CLAIMS: Mapping[str, Origins] = {
    **{c: (f"claim_counts.{c}", *_YEARS_IN_SCOPE) for c in ("contract_id", "metric_id", "financial_year")},
    "outcome_id": ("metric_outcomes.outcome_id",),
    "unit": ("claim_counts.unit",),
    **_each(("quantity", "is_withheld", "total_to_year_end", "is_total_withheld"), _PROTECTED),
}

_OVERLAP_PROTECTED = (
    *_of("claim_overlaps", "contract_id", "metric_id", "other_metric_id", "financial_year", "people"),
    *("claim_counts.contract_id", "editions.disclosure_threshold", "editions.disclosure_rounding", *_YEARS_IN_SCOPE),
)

DOUBLE_COUNTING: Mapping[str, Origins] = {
    **{c: (f"claim_overlaps.{c}", *_YEARS_IN_SCOPE) for c in ("contract_id", "metric_id", "other_metric_id")},
    **_each(("outcome_id", "other_outcome_id"), ("metric_outcomes.outcome_id",)),
    **_each(("people", "is_withheld"), _OVERLAP_PROTECTED),
    "is_counted_once": (
        *_of("metric_outcomes", "outcome_id", "treatment"),
        *("outcome_types.ladder", "outcome_unit_costs.overlap_group", *_LISTED),
    ),
}

NOT_VALUED: Mapping[str, Origins] = {
    "outcome_id": _of("outcomes_in_scope", "outcome_id", "treatment"),
    "name": ("outcome_types.name",),
    "metrics": _of("outcomes_in_scope", "metric_id", "treatment"),
    "contracts": _of("outcomes_in_scope", "contract_id", "treatment"),
    "quantity": _of("outcomes_in_scope", "quantity_counted", "quantity", "treatment"),
    "reason": _of("outcomes_in_scope", "reason", "treatment"),
}

# Which contracts have payments and value decides what is counted, and what is valued by the market's own ratio.
_BOUND_PAYMENTS = (
    *_of("contract_value", "outcome_payments_real_gbp", "is_in_bcr"),
    *_of("payments_in_scope", "amount_real_gbp", "amount_counted_gbp", "basis", "period_start"),
    *("contracts.service_start", "gdp_deflators.gdp_deflator", "editions.price_year"),
)
_BOUND_HAS_VALUE = ("contract_value.is_valued", *_BOUND_PAYMENTS)
_BOUND_PUBLIC = ("contract_value.public_value_gbp", *_BOUND_HAS_VALUE)
_BOUND_FISCAL = ("contract_value.fiscal_gbp", *_BOUND_HAS_VALUE)

BOUNDS: Mapping[str, Origins] = {
    **_each(("scope_kind", "scope"), _of("contract_value", "contract_id", "policy_area", "is_in_bcr")),
    "bound": ("editions.edition",),
    "contracts": ("contract_value.contract_id",),
    **_each(("contracts_with_payments", "outcome_payments_real_gbp"), _BOUND_PAYMENTS),
    **_each(("contracts_with_value", "contracts_covered", "coverage_share"), _BOUND_HAS_VALUE),
    **_each(("public_value_gbp", "public_value_with_payments_gbp", "bcr"), _BOUND_PUBLIC),
    **_each(("fiscal_gbp", "fiscal_with_payments_gbp", "fiscal_bcr"), _BOUND_FISCAL),
}

# --- By asset -------------------------------------------------------------------------------------------------

LINEAGE: Mapping[str, Mapping[str, Origins]] = {
    "outcomes_in_scope": OUTCOMES_IN_SCOPE,
    "payments_in_scope": PAYMENTS_IN_SCOPE,
    "outcome_units": OUTCOME_UNITS,
    "unit_values": UNIT_VALUES,
    "gross_value": GROSS_VALUE,
    "net_value": NET_VALUE,
    "overlaps": OVERLAPS,
    "valued_outcomes": VALUED_OUTCOMES,
    "contract_value": CONTRACT_VALUE,
    "policy_area_value": {**_carried("contract_value", "policy_area"), **_SUMS},
    "market_value": {"scope": ("editions.edition",), **_SUMS},
    "reconciliation": RECONCILIATION,
    "market_facts": MARKET_FACTS,
    "claims": CLAIMS,
    "double_counting": DOUBLE_COUNTING,
    "coverage": COVERAGE,
    "not_valued": NOT_VALUED,
    "bounds": BOUNDS,
}
