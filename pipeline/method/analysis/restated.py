"""What a source said before and says differently now, and the value of the difference in an edition.

Belongs here: putting each row back as it was said and valuing its contract again. Which values were restated is a fact
(``restatements``), told by whoever imports.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from pipeline.tables.publication import PublishedRestatements
from pipeline.tables.raw import Restatements
from pipeline.tables.typed import DataFrame, typed

# By the number of which a row of each table tells, which stands for the whole row.
NUMBER = {"outcomes": "quantity", "payments": "amount_gbp"}
ROW = ["table", "contract_id", "source_id", "locator"]
Tables = Mapping[str, pd.DataFrame]


def restated(
    restatements: DataFrame[Restatements], inputs: Tables, value_of: Callable[[Tables], pd.Series]
) -> DataFrame[PublishedRestatements]:
    """Return the values that were restated, with what the difference of each row makes of its contract.

    ``inputs``: the tables with which the steps begin; ``value_of``: public value of each contract (GBP, prices of the
    edition), by ``contract_id``, of such tables. A row of the source may say several values differently, so that their
    effect is that of all together and stands beside its number, else beside the first. Of a result that is gone nothing
    but the number is on record, and its effect is not known.
    """
    rows = restatements.drop(columns="row").reset_index(drop=True)
    is_number = rows["column"] == rows["table"].map(NUMBER)
    speaks = is_number | ~is_number.groupby([rows[name] for name in ROW]).transform("any")
    speaks &= ~rows[speaks].duplicated(ROW).reindex(rows.index, fill_value=True)
    paid = speaks & (rows["table"] == "payments") & (rows["column"] == "amount_gbp")
    amounts = rows.loc[paid, ["value_before", "value_after"]].replace("", "0").astype(float)
    effects = pd.Series(np.nan, rows.index)
    if is_result := list(rows.index[speaks & (rows["table"] == "outcomes") & (rows["value_after"] != "")]):
        effects[is_result] = _effects(rows, is_result, inputs, value_of)
    table = rows.assign(
        public_value_effect_gbp=effects,
        outcome_payments_effect_gbp=(amounts["value_after"] - amounts["value_before"]).reindex(rows.index),
    )
    return typed(PublishedRestatements, table)


def _effects(
    rows: pd.DataFrame, asked: list[int], inputs: Tables, value_of: Callable[[Tables], pd.Series]
) -> list[float]:
    """Public value of today less that with one row as it was said, for the row of each restatement asked for.

    One row of every contract is put back at a time: contracts are valued apart, so that all are asked in one go.
    """
    contracts = rows.loc[asked, "contract_id"]
    of_these = {
        name: table[table["contract_id"].isin(contracts)] if name in ("contracts", "outcomes", "payments") else table
        for name, table in inputs.items()
    }
    now, found = value_of(of_these), pd.Series(dtype=float)
    for _, turn in contracts.groupby(contracts.groupby(contracts).cumcount()):
        outcomes = of_these["outcomes"]
        for n in turn.index:
            same = (rows[ROW] == rows.loc[n, ROW]).all(axis=1)
            outcomes = _as_it_was_said(outcomes, rows[same])
        then = value_of({**of_these, "outcomes": outcomes})
        found = pd.concat([found, (now - then)[turn].set_axis(turn.index)])
    return found[asked].tolist()


def _as_it_was_said(outcomes: pd.DataFrame, restated_row: pd.DataFrame) -> pd.DataFrame:
    """The results with one row as it was; where a correction has taken its place, it is put back all the same."""
    first = restated_row.iloc[0]
    is_it = (outcomes["contract_id"] == first["contract_id"]) & (outcomes["locator"] == first["locator"])
    is_it &= outcomes["source_id"] == first["source_id"]
    before = outcomes.copy()
    for column, value in zip(restated_row["column"], restated_row["value_before"], strict=True):
        kind = outcomes[column].dtype
        said = pd.Series([value if value or kind == "str" else None]).astype(kind)
        before[column] = before[column].mask(is_it, said.iloc[0])
    return before
