"""What a mixture of two results is made from, and what the steps of the method make from it.

Belongs here: mixing facts, mapping, ladders, unit costs, prices and choices of two results, cause by cause. The steps
value a mixture as they value an edition. Valuing very many mixtures at once is the matter of ``mixtures``.

What only one of the two results has (the mapping of a new metric, the rate of an outcome that had no value before) is
taken from that one, whatever the mixture: so every mixture can be valued, and a consequence belongs to the cause that
made it. A contract that only one of them has is as it is there.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import mapping_of_list, price_list
from pipeline.method.analysis.bridge.causes import CAUSE_OF_CHOICE, CAUSES, TABLES_OF_CAUSE, bit, side_of
from pipeline.method.analysis.bridge.results import MADE_FROM, Result, changed
from pipeline.method.steps import scope
from pipeline.method.steps.additionality import RATES_TRIED, with_deadweight
from pipeline.method.steps.outcome_units import mapped_outcomes, outcome_units, with_ladder
from pipeline.method.steps.time_conventions import convention_of
from pipeline.method.steps.unit_values import at_level, unit_values
from pipeline.method.valuation import edition_factors
from pipeline.tables.reference import STANDS_FOR
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import OutcomeUnits
from pipeline.tables.vocabulary import POLICY_AREAS

Pair = tuple[pd.DataFrame, pd.DataFrame]

FACT_OF_CAUSE = {"results": "outcomes", "payments": "payments"}
METRIC = ["contract_id", "metric_id"]
LINE = ["outcome_id", "unit_cost_id"]
# Where nothing else of a metric differs, it has moved along its ladder or is set aside by another rule.
RUNG = ("milestone", "milestone_unit", "treatment")
# What has no say in value.
REMARKS = ("grade", "reason", "source_id")
# What is reported, and how it is read: a contract of which these cannot be mixed takes them together.
READING = ("results", "corrections", "mapping", "ladders_and_set_asides")
# On which causes depends what is worked out once for all mixtures that are alike in them.
DEPENDS_ON = {
    "outcomes": ("results", "corrections"),
    "payments": ("payments", "corrections"),
    "in scope": ("results", "corrections", "payments", "cut_off"),
    "mapping": ("mapping", "ladders_and_set_asides", "unit_costs"),
    "types": ("mapping", "ladders_and_set_asides"),
}
# Choices that are the same for every contract.
EVERYWHERE = ("time_convention", "cut_off")


class Inputs:
    """What two results are made from, and what comes of every mixture of them.

    ``sides``: the two, each completed from the other where it lacks a table; ``contract_ids``: those of both.
    """

    def __init__(self, first: Result, second: Result) -> None:
        """Take the two results. What one of them does not record is taken to be as in the other."""
        self.not_recorded = _not_recorded(first, second)
        self.sides: tuple[Any, Any] = _completed(first, second), _completed(second, first)
        tables = (side.tables["contracts"] for side in self.sides if "contracts" in side.tables)
        self.contract_ids = sorted({contract for table in tables for contract in table["contract_id"]})
        self._made: dict[tuple[str, int], Any] = {}

    @property
    def can_be_valued(self) -> bool:
        """Tell whether enough was published with the results to value mixtures of them.

        What a reading of another study adds to the price list is no part of a publication.
        """
        needed = set(MADE_FROM) - {"choices"}
        if not all(side.edition is not None and set(side.tables) >= needed for side in self.sides):
            return False
        years = {year for side in self.sides for year in side.tables["gdp_deflators"]["price_year"]}
        return all(not side.edition.added_values and side.edition.price_year in years for side in self.sides)

    def edition(self, mixture: int) -> Edition:
        """Return the choices of a mixture."""
        taken = {
            choice: getattr(self._side(mixture, cause).edition, choice) for choice, cause in CAUSE_OF_CHOICE.items()
        }
        return replace(self.sides[0].edition, **taken)

    def _side(self, mixture: int, cause: str) -> Any:
        return self.sides[side_of(mixture, cause)]

    # --- Which causes there are -------------------------------------------------------------------------------------

    @cached_property
    def active(self) -> tuple[str, ...]:
        """Return the causes of which anything differs between the results, in their order."""
        return tuple(cause for cause in CAUSES if self._is_chosen_otherwise(cause) or self._differs(cause))

    def _is_chosen_otherwise(self, cause: str) -> bool:
        first, second = (side.edition for side in self.sides)
        choices = (choice for choice, of in CAUSE_OF_CHOICE.items() if of == cause)
        return any(getattr(first, choice) != getattr(second, choice) for choice in choices)

    def _differs(self, cause: str) -> bool:
        differs: dict[str, Callable[[], bool]] = {
            "contracts": self._contracts_differ,
            "corrections": self._corrections_differ,
            "mapping": self._mapping_differs,
            "time_convention": self._factors_differ,
            "ladders_and_set_asides": self._ladders_differ,
            "unit_costs": self._unit_costs_differ,
            "transfers": partial(self._line_differs, "is_transfer"),
            "cut_off": self._clocks_differ,
        }
        if cause in differs:
            return differs[cause]()
        if cause in FACT_OF_CAUSE:
            return not _same(*(side.as_reported(FACT_OF_CAUSE[cause]) for side in self.sides))
        if cause == "deadweight" and all(side.edition.deadweight_layer == "none" for side in self.sides):
            return False
        names = (name for name in TABLES_OF_CAUSE[cause] if name != "choices")
        return any(not _same(*(side.tables[name] for side in self.sides)) for name in names)

    def _contracts_differ(self) -> bool:
        values = (side.contract_value for side in self.sides)
        only_sums = [of[of["contract_id"].str.startswith(STANDS_FOR)] for of in values]
        return not _same(*only_sums) or not _same(
            *(side.tables["contracts"][["contract_id", "policy_area"]] for side in self.sides)
        )

    def _corrections_differ(self) -> bool:
        return any(not _same(*(self._corrections(n, fact) for n in range(2))) for fact in FACT_OF_CAUSE.values())

    def _factors_differ(self) -> bool:
        runs_on = any(convention_of(side.edition).runs_on for side in self.sides)
        return runs_on and not np.array_equal(self.factors(0), self.factors(1))

    def _clocks_differ(self) -> bool:
        """Whether other results are dated by payments; without a cut-off nothing is."""
        has_cut_off = any(side.edition.cut_off is not None for side in self.sides)
        return has_cut_off and not _same(*(side.tables["paid_per_unit"] for side in self.sides))

    def _mapping_differs(self) -> bool:
        otherwise = self._is_mapped_otherwise & ~self._moves_along_its_ladder
        return bool(otherwise.any()) or self._types_differ()

    def _types_differ(self) -> bool:
        return not _equal(*(types[["unit", "hours_weight_id"]] for types in self._types)).all()

    def _ladders_differ(self) -> bool:
        otherwise = self._is_mapped_otherwise & self._moves_along_its_ladder
        is_same = self._types[0]["ladder"] == self._types[1]["ladder"]
        return bool(otherwise.any()) or not is_same.all() or self._line_differs("overlap_group")

    def _unit_costs_differ(self) -> bool:
        # Of a list only what is used of it: another list, or another level, has no say.
        columns = ["unit_cost_id", "kind", "central_gbp", "unit", "price_year", "grade"]
        of_lines = ["outcome_id", "unit_cost_id", "units_per_outcome", "horizon_years"]
        lines = [of[of_lines] for of in self._lists[0]]
        costs = [of.loc[of["unit_cost_id"].isin(self.unit_cost_ids), columns] for of in self._lists[1]]
        weights = [side.tables["hours_weights"] for side in self.sides]
        return not (_same(*lines) and _same(*costs) and _same(*weights))

    def _line_differs(self, column: str) -> bool:
        """Whether a column of the lines that both results have differs."""
        first, second = (of[column] for of in self._of_lines)
        shared = first.index.intersection(second.index)
        return bool((first.loc[shared] != second.loc[shared]).any())

    # --- Contracts and payments -------------------------------------------------------------------------------------

    def areas(self, mixture: int) -> npt.NDArray[np.int64]:
        """Return the place of the policy area of each contract; -1 for one that is not there."""
        areas = self._side(mixture, "contracts").tables["contracts"].set_index("contract_id")["policy_area"]
        return pd.Categorical(areas.reindex(self.contract_ids), categories=POLICY_AREAS).codes.astype(np.int64)

    def paid(self, mixture: int) -> npt.NDArray[np.int64]:
        """Return what counts as paid for each contract in pence, in cash and in the prices of the mixture."""
        edition = self.edition(mixture)
        table = scope.payments_in_scope(self._fact("payments", mixture), edition, self._deflators(mixture))
        table = table[table["basis"].isin(scope.counted_bases(edition.payment_bases))]
        paid = table.groupby("contract_id")[["amount_counted_gbp", "amount_real_gbp"]].sum()
        return np.rint(paid.reindex(self.contract_ids).fillna(0.0).to_numpy(dtype=np.float64) * 100).astype(np.int64)

    # --- What is reported -------------------------------------------------------------------------------------------

    @cached_property
    def _only_in(self) -> tuple[set[str], set[str]]:
        """The contracts that only one of the results has."""
        first, second = (set(side.tables["contracts"]["contract_id"]) for side in self.sides)
        return first - second, second - first

    @cached_property
    def _reported(self) -> Mapping[str, Pair]:
        """The rows of each fact before corrections, of both results; a row that one left out stands in both."""
        found = {}
        for fact in FACT_OF_CAUSE.values():
            rows = [side.as_reported(fact) for side in self.sides]
            of = (_with_left_out(rows[n], rows[1 - n], self._corrections(n, fact)) for n in range(2))
            found[fact] = (next(of), next(of))
        return found

    def _corrections(self, side: int, fact: str) -> Any:
        corrections = self.sides[side].corrections
        return corrections[corrections["table"] == fact]

    def _fact(self, fact: str, mixture: int) -> Any:
        """The rows of a fact in a mixture, corrected, contract by contract."""
        return self._once(fact, mixture, partial(self._corrected, fact))

    def _corrected(self, fact: str, mixture: int) -> Any:
        (cause,) = (cause for cause, of in FACT_OF_CAUSE.items() if of == fact)
        reported = self._reported[fact]
        alone = [rows[rows["contract_id"].isin(only)] for rows, only in zip(reported, self._only_in, strict=True)]
        parts = [changed(rows, self._corrections(n, fact), frm="reported", to="used") for n, rows in enumerate(alone)]
        chosen = side_of(mixture, cause)
        rows = reported[chosen]
        both = rows[~rows["contract_id"].isin(self._only_in[chosen])]
        corrections = self._corrections(side_of(mixture, "corrections"), fact)
        parts.append(changed(both, corrections, frm="reported", to="used"))
        whole = pd.concat(parts, ignore_index=True)
        return whole.sort_values("contract_id", kind="stable", ignore_index=True)

    # --- How it is read ---------------------------------------------------------------------------------------------

    @cached_property
    def _mappings(self) -> Pair:
        """The mapping of each metric in both results; where one has none, that of the other."""
        return _filled_in(*(side.tables["metric_outcomes"].set_index(METRIC) for side in self.sides))

    @cached_property
    def _is_mapped_otherwise(self) -> "pd.Series[bool]":
        """Of which metrics the mapping differs in what has a say in value."""
        columns = [name for name in self._mappings[0] if name not in ("reason", "source_id")]
        return ~_equal(*(table[columns] for table in self._mappings))

    @cached_property
    def _moves_along_its_ladder(self) -> "pd.Series[bool]":
        """Of which metrics at most the rung differs, or whether they overlap with others."""
        first, second = self._mappings
        others = [name for name in first if name not in (*RUNG, *REMARKS)]
        overlaps = (first["treatment"] == "overlap") | (second["treatment"] == "overlap")
        return _equal(first[others], second[others]) & ((first["treatment"] == second["treatment"]) | overlaps)

    def _mapping(self, mixture: int) -> Any:
        along = self._moves_along_its_ladder
        parts = {
            "mapping": self._mappings[side_of(mixture, "mapping")][~along],
            "ladders_and_set_asides": self._mappings[side_of(mixture, "ladders_and_set_asides")][along],
        }
        return pd.concat(parts.values()).sort_index().reset_index()

    @cached_property
    def _types(self) -> Pair:
        """The types of outcomes in both results, each with a ladder; where one has none, that of the other."""
        return _filled_in(*(with_ladder(side.tables["outcome_types"]).set_index("outcome_id") for side in self.sides))

    def _types_in(self, mixture: int) -> Any:
        table = self._types[side_of(mixture, "mapping")]
        return table.assign(ladder=self._types[side_of(mixture, "ladders_and_set_asides")]["ladder"]).reset_index()

    @cached_property
    def _in_other_units(self) -> set[str]:
        """Outcomes counted in another unit in the second result: their unit costs go with that."""
        first, second = self._types
        return set(first.index[first["unit"] != second["unit"]])

    # --- Units ------------------------------------------------------------------------------------------------------

    @cached_property
    def concerned(self) -> dict[str, int]:
        """Return of each contract the causes by which its units may differ, as a mixture."""
        masks = dict.fromkeys(self.contract_ids, sum(bit(cause) for cause in EVERYWHERE if cause in self.active))
        for cause, contracts in self._contracts_of_causes().items():
            for contract in contracts & set(masks) if cause in self.active else ():
                masks[contract] |= bit(cause)
        return masks

    def _contracts_of_causes(self) -> dict[str, set[str]]:
        both = set(self.contract_ids) - self._only_in[0] - self._only_in[1]
        along, otherwise, types = self._moves_along_its_ladder, self._is_mapped_otherwise, self._types
        valued = [set(lines["outcome_id"]) for lines in self._lists[0]]
        paid = {contract for side in self.sides for contract in side.tables["paid_per_unit"]["contract_id"]}
        corrected = (self._corrections(n, fact)["contract_id"] for n in range(2) for fact in FACT_OF_CAUSE.values())
        ladders = types[0]["ladder"] != types[1]["ladder"]
        return {
            "results": _contracts_that_differ(*self._reported["outcomes"]) & both,
            "corrections": {contract for contracts in corrected for contract in contracts} & both,
            "mapping": _contracts_of(otherwise & ~along) | self._with_outcomes(self._in_other_units),
            "ladders_and_set_asides": _contracts_of(otherwise & along)
            | self._with_outcomes(set(types[0].index[ladders])),
            "unit_costs": self._with_outcomes(valued[0] ^ valued[1]),
            "payments": paid & both,
        }

    def _with_outcomes(self, outcomes: set[str]) -> set[str]:
        """The contracts some metric of which counts one of these outcomes in one of the results."""
        rows = (table.index[table["outcome_id"].isin(outcomes)] for table in self._mappings)
        return {contract for index in rows for contract in index.get_level_values("contract_id")}

    def units(self, mixture: int, contracts: set[str]) -> DataFrame[OutcomeUnits]:
        """Return the units of some contracts in a mixture.

        Where what a contract reported cannot be read as the mixture has it, all of its reading goes with the first
        cause of it: rungs and units of two results need not go together.
        """
        try:
            return self._units(mixture, contracts)
        except ValueError:  # rungs or units that do not go together
            found = [self._units_of_one(mixture, contract) for contract in sorted(contracts)]
            return pd.concat(found, ignore_index=True)

    def _units_of_one(self, mixture: int, contract: str) -> DataFrame[OutcomeUnits]:
        try:
            return self._units(mixture, {contract})
        except ValueError:  # rungs or units that do not go together
            concerned = [cause for cause in READING if self.concerned[contract] & bit(cause)]
            if not concerned:
                raise
            together = sum(bit(cause) for cause in concerned)
            return self._units(
                mixture | together if mixture & bit(concerned[0]) else mixture & ~together,
                {contract},
            )

    def _units(self, mixture: int, contracts: set[str]) -> DataFrame[OutcomeUnits]:
        counted = self._once("in scope", mixture, self._in_scope)
        counted = counted[counted["contract_id"].isin(contracts)].reset_index(drop=True)
        mapping = self._once("mapping", mixture, self._priced_mapping)
        types = self._once("types", mixture, self._types_in)
        mapped: Any = mapped_outcomes(counted, mapping, types)
        return outcome_units(mapped, self.edition(mixture), self.factors(side_of(mixture, "time_convention")))

    def _in_scope(self, mixture: int) -> Any:
        """What counts of the results of a mixture: rows that are paid for in part are counted in part."""
        edition, outcomes = self.edition(mixture), self._fact("outcomes", mixture)
        paid_per_unit = self._side(mixture, "cut_off").tables["paid_per_unit"]
        paid = scope.paid_shares(self._fact("payments", mixture), paid_per_unit, edition.cut_off)
        return scope.outcomes_in_scope(outcomes, edition, paid)

    def _priced_mapping(self, mixture: int) -> Any:
        """How a mixture reads each metric, with those that its unit costs do not value."""
        value_set = self.edition(mixture).value_set
        # The lists are narrowed already: each of their lines is one of the mixture.
        lines = pd.concat([self._lines_in(mixture, n) for n in range(2)]).assign(value_set=value_set)
        return mapping_of_list(self._mapping(mixture), lines, value_set)

    def _once(self, what: str, mixture: int, make: Callable[[int], Any]) -> Any:
        """Return what is made of a mixture, once for all that are alike in the causes on which it depends."""
        key = what, mixture & sum(bit(cause) for cause in DEPENDS_ON[what])
        if key not in self._made:
            self._made[key] = make(mixture)
        return self._made[key]

    def factors(self, side: int) -> npt.NDArray[np.float64]:
        """Return the discount factors of one of the results."""
        return edition_factors(self.sides[side].tables["discount_rates"], self.sides[side].edition)

    # --- What a unit is worth ---------------------------------------------------------------------------------------

    @cached_property
    def _lists(self) -> tuple[Pair, Pair]:
        """The price lists of both results: their lines, and their costs with the level chosen as the central one."""
        lines, costs = [], []
        for side in self.sides:
            edition = side.edition
            of, to = price_list(side.tables["unit_costs"], side.tables["outcome_unit_costs"], edition.value_set)
            costs.append(of.assign(central_gbp=at_level(of, edition.unit_value_level)))
            lines.append(to)
        return (lines[0], lines[1]), (costs[0], costs[1])

    @cached_property
    def _of_lines(self) -> Pair:
        """What of a line of the lists is a cause of its own, by ``LINE``."""
        found = []
        for lines, costs in zip(*self._lists, strict=True):
            flags = costs[["unit_cost_id", "is_transfer"]]
            of = lines[[*LINE, "overlap_group"]].merge(flags, on="unit_cost_id", validate="many_to_one")
            found.append(of.set_index(LINE))
        return found[0], found[1]

    @cached_property
    def unit_cost_ids(self) -> list[str]:
        """Return the unit costs by which either result values anything, sorted."""
        return sorted({cost for lines in self._lists[0] for cost in lines["unit_cost_id"]})

    @cached_property
    def causes_of_values(self) -> tuple[str, ...]:
        """Return the causes by which anything of ``values`` differs, in their order."""
        has_a_say: dict[str, Callable[[], bool]] = {
            "mapping": self._types_differ,
            "ladders_and_set_asides": partial(self._line_differs, "overlap_group"),
            "unit_costs": lambda: True,
            "price_base": lambda: True,
            "transfers": lambda: True,
        }
        return tuple(cause for cause, asks in has_a_say.items() if cause in self.active and asks())

    def changed_unit_costs(self) -> list[str]:
        """Return the unit costs by which a unit of an outcome is worth something else in the second result."""
        columns = ["unit_value_gbp", "kind", "horizon_years"]
        first, second = (self.values(mixture)[columns] for mixture in (0, bit("unit_costs")))
        every = first.index.union(second.index)
        is_same = _equal(first.reindex(every), second.reindex(every)).to_numpy()
        return sorted(set(every[~is_same].get_level_values("unit_cost_id")))

    def _lines_in(self, mixture: int, side: int) -> Any:
        """The lines that a mixture takes from one of the results."""
        lines = self._lists[0][side]
        with_units = lines["outcome_id"].isin(self._in_other_units)
        by_units, by_costs = (side_of(mixture, cause) == side for cause in ("mapping", "unit_costs"))
        return lines[(with_units & by_units) | (~with_units & by_costs)]

    def _deflators(self, mixture: int) -> Any:
        """The deflators of a mixture; years that only the other result has are scaled to them."""
        chosen = side_of(mixture, "price_base")
        own, other = (self.sides[n].tables["gdp_deflators"].set_index("price_year") for n in (chosen, 1 - chosen))
        shared, added = own.index.intersection(other.index), other.loc[other.index.difference(own.index)]
        if len(added) and len(shared):
            scale = own.loc[shared[-1], "gdp_deflator"] / other.loc[shared[-1], "gdp_deflator"]
            own = pd.concat([own, added.assign(gdp_deflator=added["gdp_deflator"] * scale)])
        return own.reset_index()

    def values(self, mixture: int) -> pd.DataFrame:
        """Return what one unit of each outcome is worth by each of its unit costs in a mixture, by ``LINE``."""
        chosen = side_of(mixture, "unit_costs")
        weights = [self.sides[n].tables["hours_weights"] for n in (chosen, 1 - chosen)]
        hours: Any = pd.concat(weights).drop_duplicates("hours_weight_id")
        types, deflators = self._types_in(mixture), self._deflators(mixture)
        price_year = self.edition(mixture).price_year
        both = ((self._lines_in(mixture, n), costs) for n, costs in enumerate(self._lists[1]))
        found = [
            unit_values(lines, costs, types, hours, deflators, level="central", price_year=price_year)
            for lines, costs in both
            if len(lines)
        ]
        table = pd.concat(found, ignore_index=True).set_index(LINE)
        for column, cause in (("overlap_group", "ladders_and_set_asides"), ("is_transfer", "transfers")):
            # A line that both results have is by this cause what it is; one that is new brings it along.
            of = self._of_lines[side_of(mixture, cause)][column].reindex(table.index)
            table[column] = of.where(of.notna(), table[column]).astype(table[column].dtype)
        return table

    # --- Deadweight -------------------------------------------------------------------------------------------------

    def rates(self, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rates of deadweight of rows of units in both results; where one has none, that of the other.

        Columns: ``deadweight, deadweight_grade``.
        """
        first, second = (self._rates(side, rows) for side in self.sides)
        return first.fillna(second), second.fillna(first)

    @staticmethod
    def _rates(side: Any, rows: Any) -> pd.DataFrame:
        rates, layer, flat = side.tables["deadweight"], side.edition.deadweight_layer, side.edition.flat_deadweight
        known = rates[rates["layer"].isin(RATES_TRIED[layer])]
        keys = set(zip(known["outcome_id"], known["contract_id"], strict=True))
        pairs = zip(rows["outcome_id"], rows["contract_id"], strict=True)
        has_rate = np.array([(outcome, c) in keys or (outcome, "") in keys for outcome, c in pairs], dtype=bool)
        has_rate |= rows["is_net_of_deadweight"].to_numpy(dtype=bool) | (layer == "none") | (flat is not None)
        taken = with_deadweight(rows[has_rate], rates, layer, flat)
        return taken[["deadweight", "deadweight_grade"]].reindex(rows.index)

    def rate_keys(self, rows: pd.DataFrame) -> list[tuple[str, str]]:
        """Return the rate of each row by its outcome, and its contract where a rate is for that one alone."""
        columns = ["outcome_id", "contract_id"]
        own = {
            key for side in self.sides for key in side.tables["deadweight"][columns].itertuples(index=False, name=None)
        }
        pairs = zip(rows["outcome_id"], rows["contract_id"], strict=True)
        return [(outcome, contract if (outcome, contract) in own else "") for outcome, contract in pairs]


# --- Small things ---------------------------------------------------------------------------------------------------


def _completed(side: Result, other: Result) -> Result:
    """A result in which what was not published with it stands as in the other."""
    tables = {**other.tables, **side.tables}
    return replace(side, edition=side.edition or other.edition, tables=tables)


def _not_recorded(first: Result, second: Result) -> tuple[str, ...]:
    """The causes that cannot be told, because one of the results was published without a table they need."""

    def is_missing(table: str) -> bool:
        return any(side.edition is None if table == "choices" else table not in side.tables for side in (first, second))

    return tuple(cause for cause, tables in TABLES_OF_CAUSE.items() if any(is_missing(table) for table in tables))


def _filled_in(first: pd.DataFrame, second: pd.DataFrame) -> Pair:
    """Two tables with the same keys: where one lacks a row, that of the other."""
    every = first.index.union(second.index, sort=True)
    both = (first, second), (second, first)
    one, two = (pd.concat([own, other.loc[other.index.difference(own.index)]]).loc[every] for own, other in both)
    return one, two


def _equal(first: pd.DataFrame, second: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows of two tables of one shape are the same, nothing being the same as nothing."""
    same = (first == second) | (first.isna() & second.isna())
    return same.all(axis=1)


def _same(first: pd.DataFrame, second: pd.DataFrame) -> bool:
    return first.reset_index(drop=True).equals(second.reset_index(drop=True))


def _contracts_that_differ(first: pd.DataFrame, second: pd.DataFrame) -> set[str]:
    """The contracts of which two tables have other rows."""
    both = [table.sort_values("contract_id", kind="stable", ignore_index=True) for table in (first, second)]
    one, two = (Counter(table["contract_id"]) for table in both)
    other_number = {contract for contract in one.keys() | two.keys() if one[contract] != two[contract]}
    # Of the others there are as many rows in both, which stand beside each other.
    rows, beside = (table[~table["contract_id"].isin(other_number)].reset_index(drop=True) for table in both)
    return other_number | set(rows.loc[~_equal(rows, beside), "contract_id"])


def _contracts_of(is_meant: "pd.Series[bool]") -> set[str]:
    """The contracts of the metrics that are meant."""
    return set(is_meant.index[is_meant].get_level_values("contract_id"))


def _with_left_out(rows: pd.DataFrame, other: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """Rows of one result with those of the other that it left out by a correction."""
    dropped = corrections[corrections["used"] == ""]
    keys, at = (pd.MultiIndex.from_frame(table[["contract_id", "locator"]]) for table in (dropped, other))
    added = other[at.isin(keys)]
    return pd.concat([rows, added], ignore_index=True) if len(added) else rows
