"""What the rules between tables see.

Belongs here: all tables together, how their files are called, what was not read; no rule of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from pipeline.facts.files import meant
from pipeline.facts.problems import Problem
from pipeline.facts.raw import FILES, RawFacts
from pipeline.facts.reference import Reference
from pipeline.tables.raw import RawPayments
from pipeline.tables.typed import DataFrame
from pipeline.tables.vocabulary import MOVED, UNITS

METRIC = ["contract_id", "metric_id"]
# So many unknown ids of a table are answered with what was probably meant: finding it takes time.
HINTED = 20


@dataclass(frozen=True)
class Tables:
    """What the rules see: the tables, how their files are called, and of which of them not everything was read.

    ``contracts``: ids of all contract folders, also of those that are not read now; ``unread``: reference tables,
    ``unread_facts``: tables and contracts; ``spoilt``: paths of all files with a problem; ``today``: the day after
    which nothing can have happened yet.
    """

    facts: RawFacts
    reference: Reference
    folder: str
    raw_folder: str
    contracts: frozenset[str]
    unread: frozenset[str]
    unread_facts: frozenset[tuple[str, str]]
    spoilt: frozenset[str]
    today: date

    def path(self, table: str) -> str:
        """Return the file of a reference table, as it is shown."""
        return f"{self.folder}/{table}.csv"

    def raw_path(self, contract_id: str, table: str) -> str:
        """Return the file of a table of a contract, as it is shown; of counts from claims, that of the claims."""
        file = self._claims_file.get(contract_id, FILES[table]) if table == "outcomes" else FILES[table]
        return f"{self.raw_folder}/{contract_id}/{file}"

    @cached_property
    def _claims_file(self) -> dict[str, str]:
        """File of the claims of each contract whose results were counted from claims: the locator begins with it."""
        outcomes = self.facts.outcomes
        counted = outcomes[outcomes["contract_id"].isin(self.facts.claim_counts["contract_id"])]
        return dict(zip(counted["contract_id"], counted["locator"].str.split().str[0], strict=True))

    @cached_property
    def moved(self) -> DataFrame[RawPayments]:
        """Return the payments that were made, or went back; commitments are none."""
        return self.facts.payments[self.facts.payments["basis"].isin(MOVED)]

    @cached_property
    def contracts_by_id(self) -> pd.DataFrame:
        """Return the contracts, each once, by ``contract_id``."""
        return self.facts.contracts.drop_duplicates("contract_id").set_index("contract_id")

    @cached_property
    def reported(self) -> pd.DataFrame:
        """Return each result with its mapping and the unit of its outcome; those without are left out.

        Columns of ``metric_outcomes`` with its row as ``mapping_row``; of the result ``unit``, ``is_net_of_deadweight``
        and its row as ``row``; ``outcome_unit``. In the order of ``metric_outcomes``.
        """
        types = self.reference.outcome_types.drop_duplicates("outcome_id")
        units = types[["outcome_id", "unit"]].rename(columns={"unit": "outcome_unit"})
        mapping = self.reference.metric_outcomes.rename_axis("mapping_row").reset_index()
        results = self.facts.outcomes[[*METRIC, "unit", "is_net_of_deadweight", "row"]]
        joined = mapping.merge(units, on="outcome_id").merge(results, on=METRIC)
        return joined[joined["unit"].isin(list(UNITS)) & joined["outcome_unit"].isin(list(UNITS))]


def rows_not_in(
    table: pd.DataFrame, column: str, allowed: Iterable[object], path: str, what: str, expected: str = ""
) -> Iterator[Problem]:
    """Yield a problem for each row of ``table`` whose ``column`` is none of the values allowed.

    ``allowed``: of ids with what each is called, those that were probably meant are named.
    """
    names = allowed if isinstance(allowed, Mapping) else {}
    wrong = table[column][~table[column].isin(list(allowed))]
    hints = {value: hint for value in wrong.unique()[:HINTED] if (hint := meant(str(value), names))}
    for position, value in wrong.items():
        said = f"{expected}, such as {hints[value]}" if value in hints else expected
        yield Problem(path, int(str(position)), column, what, str(value), said)
