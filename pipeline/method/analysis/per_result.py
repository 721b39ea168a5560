"""What was paid for one result, where a contract has one clear result.

Belongs here: which contracts have one, and their payments divided by it. Where payments were for several outcomes no
division says what one of them cost, so that such a contract has no row.
"""

import pandas as pd

from pipeline.tables.analysis import PaymentsPerResult
from pipeline.tables.reference import SharedResults
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, OutcomesInScope

CONTRACT = "contract_id"


def payments_per_result(
    outcomes_in_scope: DataFrame[OutcomesInScope],
    contract_value: DataFrame[ContractValue],
    shared_results: DataFrame[SharedResults],
) -> DataFrame[PaymentsPerResult]:
    """Return payments for each result of contracts with payments whose results are all of one outcome.

    Columns: ``contract_id, metric_id, outcome_id, milestone, milestone_unit, is_first_milestone, quantity_counted,
    unit, outcome_payments_real_gbp, payments_per_result_gbp`` (real pounds). Steps on the way are no results. A ladder
    of milestones counts by its first, which everybody passed who went further. A contract has no row if another outcome
    was reached too, or if a count is withheld, net of what would have happened anyway, counted in part because it runs
    past the cut-off, or a total with other contracts.
    """
    results = outcomes_in_scope[outcomes_in_scope["treatment"].ne("process") & outcomes_in_scope["quantity"].ne(0)]
    by_contract = results.groupby(CONTRACT)
    is_alone = by_contract["metric_id"].transform("size") == 1
    is_rung = results["treatment"] == "rung"
    is_one = pd.concat(
        [by_contract[column].transform("nunique") == 1 for column in ("ladder", "unit", "milestone_unit")], axis=1
    ).all(axis=1)
    is_clear = (is_rung | results["treatment"].eq("valued") & is_alone) & is_one
    # A share of a count by months, beside payments by their days, would be no price.
    is_clear &= results["quantity"].notna() & results["share_counted"].eq(1)
    is_clear &= ~results["is_net_of_deadweight"].astype(bool)
    # The highest place of those at one milestone is 1 only for a milestone by itself.
    place = by_contract["milestone"].rank(method="max")
    is_first = is_clear.groupby(results[CONTRACT]).transform("all") & (is_alone | (place == 1))
    is_first &= ~results[CONTRACT].isin(shared_results[CONTRACT])
    paid = contract_value.loc[contract_value["outcome_payments_real_gbp"] > 0, [CONTRACT, "outcome_payments_real_gbp"]]
    found = results.assign(is_first_milestone=~is_alone)[is_first].merge(paid, on=CONTRACT)
    per_result = found["outcome_payments_real_gbp"] / found["quantity_counted"]
    return found.assign(payments_per_result_gbp=per_result.round(2)).sort_values(CONTRACT, ignore_index=True)
