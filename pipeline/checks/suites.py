"""The suites of checks, one for each published layer.

Belongs here: which checks there are, what each guards against, and what it asks of its view, as data. A new check is
a view in ``views`` and an entry here.
"""

from dataclasses import dataclass
from typing import Literal

from pipeline.checks import views
from pipeline.checks.views import View

# What a check asks of each row of its view: that found is expected, or that it lies between lowest and highest.
Asks = Literal["equal", "within"]


@dataclass(frozen=True)
class Check:
    """One check: its name, what it guards against, what it compares.

    ``of``: what the rows of the view are, in the plural; ``when_none``: why there may be none. ``total_of``: what the
    rows add up to, where a total says something. ``is_against_last``: it holds an edition against its last publication;
    whoever starts a run can then accept by name what does not hold, because data do change.
    """

    name: str
    guards: str
    of: str
    view: View
    asks: Asks = "equal"
    severity: Literal["error", "warning"] = "error"
    total_of: Literal["", "rows", "GBP"] = ""
    when_none: str = ""
    is_against_last: bool = False


NOT_PUBLISHED = "the edition was not published in this folder before"
NO_TABLES = "only the headline of the last edition is there, or nothing"


@dataclass(frozen=True)
class Suite:
    """The checks of one layer, run before the tables of ``asset`` are stored."""

    name: str
    guards: str
    asset: str
    checks: tuple[Check, ...]


SUITES = (
    Suite(
        "results counted",
        "Every reported result reaches the valuation once, as it was reported and as it was mapped, or lies after the "
        "cut-off.",
        "outcomes_in_scope",
        (
            Check(
                "every_metric_counted_once",
                "a join that multiplies or loses results",
                "metrics",
                views.metrics_counted,
                total_of="rows",
            ),
            Check(
                "quantities_as_reported",
                "a quantity that changes on its way",
                "results that are no counts of claims",
                views.quantities_counted,
            ),
            Check(
                "counts_of_claims_protected",
                "a count of claims that is not protected, or of fewer people than may be shown",
                "results",
                views.counts_protected,
            ),
            Check(
                "treatments_as_mapped",
                "a result that is counted as another outcome than a reviewer finds in the mapping",
                "results",
                views.treatments_applied,
            ),
            Check(
                "ladders_fall",
                "more people at a later milestone than at an earlier one: left as reported, and flagged",
                "rungs above the first",
                views.rungs_of_ladders,
                asks="within",
                severity="warning",
            ),
        ),
    ),
    Suite(
        "payments counted",
        "Every recorded payment reaches the ratios once, in the amount recorded, or lies after the cut-off.",
        "payments_in_scope",
        (
            Check(
                "every_payment_counted_once",
                "a join that multiplies or loses payments",
                "payments",
                views.payments_counted,
                total_of="rows",
            ),
            Check(
                "payments_as_recorded",
                "more cash counted than was recorded by the cut-off, or less",
                "contracts and bases",
                views.payments_as_recorded,
                asks="within",
            ),
        ),
    ),
    Suite(
        "lines of value",
        "Every outcome is valued once by each of its unit costs, as the registers have them, and no benefit twice.",
        "valued_outcomes",
        (
            Check(
                "every_outcome_valued_once_by_each_unit_cost",
                "a join that multiplies or loses lines of value",
                "outcomes of contracts",
                views.lines_of_outcomes,
                total_of="rows",
            ),
            Check(
                "net_value_split_without_loss",
                "value that is neither counted nor shown as an overlap, or is both",
                "contracts",
                views.net_value_split,
                total_of="GBP",
            ),
            Check(
                "unit_costs_as_registered",
                "a unit cost that is not the one of the register, such as one counted double",
                "lines of value",
                views.unit_costs_used,
            ),
            Check(
                "unit_costs_within_their_unit",
                "a unit cost per week used per year",
                "lines of value",
                views.units_of_unit_costs,
            ),
            Check(
                "unit_values_from_the_registers",
                "a wrong price year, conversion or weight",
                "lines of value",
                views.values_of_units,
            ),
            Check(
                "deadweight_from_the_register",
                "a rate of deadweight that no study, contract or convention gives for that outcome",
                "lines of value",
                views.deadweight_taken,
                asks="within",
            ),
            Check(
                "each_overlap_group_counted_once",
                "the same money saved twice in one contract",
                "overlap groups of contracts",
                views.ladders_of_overlap_groups,
            ),
            Check(
                "metrics_left_out_stay_out",
                "a metric treated as process, overlap or without unit cost that is counted all the same",
                "contracts",
                views.ladders_left_out,
            ),
        ),
    ),
    Suite(
        "contracts",
        "Every contract is there once, with all of its value and all of its payments.",
        "contract_value",
        (
            Check(
                "every_contract_there_once",
                "a contract dropped or doubled",
                "contracts",
                views.contracts_kept,
                total_of="rows",
            ),
            Check(
                "value_is_the_sum_of_its_lines",
                "value of a contract without lines that show where it is from",
                "sums of contracts",
                views.value_of_contracts,
            ),
            Check(
                "payments_are_the_sum_of_their_rows",
                "payments of a contract that no row shows",
                "sums of contracts",
                views.payments_of_contracts,
            ),
        ),
    ),
    Suite(
        "policy areas",
        "The areas add up to their contracts.",
        "policy_area_value",
        (
            Check(
                "areas_are_the_sum_of_their_contracts",
                "a contract in no area or in two",
                "sums of areas",
                views.policy_areas_summed,
            ),
        ),
    ),
    Suite(
        "market",
        "The market adds up to its contracts.",
        "market_value",
        (
            Check(
                "market_is_the_sum_of_contracts",
                "a headline that is not the sum of its parts",
                "sums of the market",
                views.market_summed,
            ),
        ),
    ),
    Suite(
        "publication",
        "What is published is all that was read and all that was valued, and agrees with itself.",
        "reconciliation",
        (
            Check(
                "levels_agree",
                "a headline that differs from the sum of the published areas",
                "sums",
                views.levels_published,
            ),
            Check(
                "every_row_read_is_published",
                "a reported row that vanishes between reading and publishing",
                "contracts and tables",
                views.rows_published,
                total_of="rows",
            ),
            Check(
                "every_year_of_claims_is_published",
                "a count of claims that is neither shown nor said to be withheld",
                "metrics",
                views.claims_published,
                total_of="rows",
            ),
            Check(
                "no_small_count_is_published",
                "a count of claims of fewer people than may be shown, of a year or in total",
                "contracts",
                views.small_counts_published,
            ),
            Check(
                "no_small_overlap_is_published",
                "a number of people on two ladders that are too few, or that tells of the few on one of them only",
                "contracts",
                views.small_overlaps_published,
            ),
            Check(
                "published_lines_add_up",
                "a published contract whose lines give another sum",
                "contracts",
                views.lines_published,
                total_of="GBP",
            ),
            Check(
                "every_published_figure_beside_ours",
                "a published figure that is left out of the reconciliation",
                "published figures",
                views.figures_held_beside_ours,
                total_of="rows",
            ),
        ),
    ),
    Suite(
        "beside the last edition",
        "Nothing is lost, and nothing moves far or without a cause, since the edition was last published.",
        "headline",
        (
            Check(
                "no_contract_dropped",
                "a contract of the last edition that is gone",
                "contracts of the last edition",
                views.contracts_of_last,
                when_none=NO_TABLES,
                is_against_last=True,
            ),
            Check(
                "coverage_did_not_shrink",
                "fewer contracts, fewer of them valued, or less payments known than in the last edition",
                "measures of coverage",
                views.coverage_of_last,
                when_none=NOT_PUBLISHED,
                asks="within",
                is_against_last=True,
            ),
            Check(
                "unit_values_near_the_last",
                "the value of an outcome that moves by more than half, such as one entered double",
                "values of outcomes",
                views.unit_costs_beside_last,
                when_none=NO_TABLES,
                asks="within",
                is_against_last=True,
            ),
            Check(
                "contracts_near_the_last",
                "value or payments of a contract that move by more than half and £100,000",
                "sums of contracts",
                views.contracts_beside_last,
                when_none=NO_TABLES,
                asks="within",
                is_against_last=True,
            ),
            Check(
                "past_periods_as_last_reported",
                "a result or a payment that is restated: another figure for the same period, by more than a tenth, and "
                "by more than 10 or £10,000",
                "results and payments of the last edition",
                views.past_periods,
                when_none=NO_TABLES,
                asks="within",
                is_against_last=True,
            ),
            Check(
                "new_contracts_like_others",
                "a contract that is new, or first published, and is worth many times what any is: more than "
                "£20 for each £1, or £350,000 for each person",
                "figures of new contracts",
                views.new_contracts,
                when_none="every contract was in the last edition",
                asks="within",
                is_against_last=True,
            ),
            Check(
                "market_near_the_last",
                "a figure of the market that moves by more than a quarter",
                "figures of the market",
                views.market_beside_last,
                when_none=NOT_PUBLISHED,
                asks="within",
                is_against_last=True,
            ),
            Check(
                "nothing_moved_without_a_cause",
                "a published figure that moves though data, reference and code are the same",
                "figures of the headline",
                views.figures_without_cause,
                when_none="data, reference or code have changed since, or nothing was published before",
                is_against_last=True,
            ),
        ),
    ),
)
SUITE_OF = {suite.asset: suite for suite in SUITES}
MAY_BE_ACCEPTED = [check.name for suite in SUITES for check in suite.checks if check.is_against_last]
