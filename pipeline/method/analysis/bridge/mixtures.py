"""Mixtures of two results, valued by the thousand, contract by contract.

Belongs here: laying out every line of value that any mixture has, and adding up those that count. What a mixture is
made from stands in ``inputs``, what leads from one to the next in ``bridge``.

Mixtures differ in some factors of the same lines. Each factor is worked out once for each mixture of the causes it
depends on; a sum over lines is then a product of arrays, rounded to the penny where the steps of the method round.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.method.analysis.bridge.causes import CAUSE_OF_CHOICE, PLACES, bit, compact, mixtures_of
from pipeline.method.analysis.bridge.inputs import Inputs
from pipeline.method.analysis.bridge.terms import Floats, Pence, Sums
from pipeline.method.steps.ladders import running_years
from pipeline.method.steps.optimism_bias import corrections_of
from pipeline.method.steps.outcome_units import KEYS
from pipeline.method.steps.time_conventions import convention_of
from pipeline.method.steps.value import additional, counting_ladder

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.intp]

# What each part of a valuation depends on, beside unit values; units are there or not with their contract.
OF_UNITS = (
    *("results", "corrections", "mapping", "time_convention", "ladders_and_set_asides"),
    *("unit_costs", "payments", "cut_off"),
)
OF_PAYMENTS = ("corrections", "price_base", "payments", "cut_off")
OF_CONTRACTS = ("contracts",)
# So many numbers of a batch of mixtures are worked on at once.
AT_ONCE = 2_000_000


class Mixtures:
    """Mixtures of what two results are made from, valued together."""

    def __init__(self, inputs: Inputs, mixtures: Sequence[int]) -> None:
        """Take what mixtures are made from, and which of them will be asked for: what no other needs is not made."""
        self.inputs = inputs
        self._known = np.asarray(mixtures, dtype=np.intp)

    def sums(self, mixtures: Sequence[int], unit_costs: Bools | None = None, rates: Bools | None = None) -> list[Sums]:
        """Return what each mixture comes to, of the contracts of ``inputs``; each is one of those named before.

        ``unit_costs``: of each mixture and each of ``inputs.unit_cost_ids``, whether it is as in the second result,
        whatever the mixture says of the cause; ``rates``: likewise of ``rate_ids``.
        """
        asked = np.asarray(mixtures, dtype=np.intp)
        size = max(1, AT_ONCE // max(1, len(self._lines["row"])))
        found: list[Sums] = []
        for start in range(0, len(asked), size):
            part = slice(start, start + size)
            swapped = (None if each is None else each[part] for each in (unit_costs, rates))
            pence = self._pence(asked[part], *swapped)
            areas = self._areas[self._at(asked[part], OF_CONTRACTS)]
            found.extend(Sums(*each) for each in zip(pence, areas, strict=True))
        return found

    @property
    def rate_ids(self) -> list[tuple[str, str]]:
        """Return the rates of deadweight of both results: outcome, and the contract of one for that contract alone."""
        return sorted(set(self._rates["keys"]))

    def changed_rates(self) -> list[tuple[str, str]]:
        """Return the rates that differ between the results, of units that there are."""
        first, second = self._rates["deadweight"]
        return sorted({self._rates["keys"][row] for row in np.flatnonzero(first != second)})

    def _at(self, mixtures: Numbers, causes: Sequence[str]) -> Numbers:
        """The places of mixtures in ``_every`` of some causes."""
        active = self._of_which_differ(causes)
        return np.searchsorted(np.unique(compact(self._known, active)), compact(mixtures, active))

    def _every(self, causes: Sequence[str]) -> list[int]:
        """The mixtures of some causes that are among those named, in their order."""
        active = self._of_which_differ(causes)
        every = mixtures_of(active)
        return [every[number] for number in np.unique(compact(self._known, active))]

    def _of_which_differ(self, causes: Sequence[str]) -> list[str]:
        return [cause for cause in causes if cause in self.inputs.active]

    # --- Sums -------------------------------------------------------------------------------------------------------

    def _pence(self, mixtures: Numbers, unit_costs: Bools | None, rates: Bools | None) -> Pence:
        lines, units, values = self._lines, self._units, self._values
        row, pair, contract = lines["row"], lines["pair"], lines["contract"]
        of_units = self._at(mixtures, OF_UNITS)[:, None], row
        of_values = self._places_of_values(mixtures, unit_costs), pair
        side = self._side(mixtures, "deadweight") if rates is None else rates[:, lines["rate"]].astype(np.intp)
        is_there = self._areas[self._at(mixtures, OF_CONTRACTS)] >= 0
        counts = is_there[:, contract] & units["is_there"][of_units] & values["is_there"][of_values]
        people, horizons = units["people"][of_units], values["horizon_years"][of_values]
        amount = self._running(mixtures, units["units"][of_units], people, horizons)
        gross = (amount * values["unit_value_gbp"][of_values]).round(2)
        grades = units["grade"][of_units], values["grade"][of_values], self._rates["grade"][side, row]
        net = additional(gross, self._rates["deadweight"][side, row], self._optimism_bias(mixtures, *grades))
        counts = counts & lines["is_counted"]
        group = np.where(self._is_chosen(mixtures, "set_asides", "none"), 0, values["group"][of_values])
        counts = self._without_overlaps(counts, net, amount, units["ladder"][of_units], group)
        is_transfer = values["is_transfer"][of_values] & ~self._is_chosen(mixtures, "transfers", "both")
        counts = counts & ~(is_transfer & self._is_chosen(mixtures, "transfers", "neither"))
        pence = np.where(counts, np.rint(net * 100), 0).astype(np.int64)
        public = self._by_contract(pence * ~is_transfer)
        fiscal = self._by_contract(pence * values["is_fiscal"][of_values])
        is_valued = self._by_contract((counts & (people > 0)).astype(np.int64)) > 0
        paid = np.where(is_there[..., None], self._paid[self._at(mixtures, OF_PAYMENTS)], 0)
        whole = np.stack([public, fiscal, paid[..., 1]], axis=-1)
        # As in ``sums.contract_value``: valued, and paid for in cash and in real terms.
        is_in_bcr = is_valued & (paid > 0).all(axis=-1)
        return np.concatenate([whole, whole * is_in_bcr[..., None]], axis=-1)

    def _by_contract(self, of_lines: Any) -> Pence:
        """Add up by contract what the last axis has by line; lines stand contract by contract."""
        running = np.concatenate([np.zeros((len(of_lines), 1), dtype=np.int64), of_lines.cumsum(axis=1)], axis=1)
        number = np.arange(len(self.inputs.contract_ids))
        first, last = (np.searchsorted(self._lines["contract"], number, side=side) for side in ("left", "right"))
        summed: Pence = running[:, last] - running[:, first]
        return summed

    def _is_chosen(self, mixtures: Numbers, choice: str, option: str) -> Bools:
        """Which mixtures make a choice in one way."""
        options = np.array([getattr(side.edition, choice) == option for side in self.inputs.sides])
        chosen: Bools = options[self._side(mixtures, CAUSE_OF_CHOICE[choice])]
        return chosen

    def _side(self, mixtures: Numbers, cause: str) -> Numbers:
        return (mixtures >> PLACES[cause] & 1)[:, None]

    def _places_of_values(self, mixtures: Numbers, unit_costs: Bools | None) -> Numbers:
        if unit_costs is None:
            return self._at(mixtures, self.inputs.causes_of_values)[:, None]
        own = bit("unit_costs")
        first, second = (
            self._at(each, self.inputs.causes_of_values)[:, None] for each in (mixtures & ~own, mixtures | own)
        )
        return np.where(unit_costs[:, self._lines["unit_cost"]], second, first)

    def _running(self, mixtures: Numbers, units: Floats, people: Floats, horizons: Floats) -> Floats:
        """The units of lines, of those with an end of their own the years up to it: ``value.line_units``."""
        for number, side in enumerate(self.inputs.sides):
            if not convention_of(side.edition).runs_on:
                continue
            runs_on = (self._side(mixtures, "time_convention") == number) & ~np.isnan(horizons)
            factors, horizon = self.inputs.factors(number), side.edition.horizon_years
            for end in np.unique(horizons[runs_on]):
                years = running_years(horizon, end, factors)
                units = np.where(runs_on & (horizons == end), people * years, units)
        return units

    def _optimism_bias(self, mixtures: Numbers, *grades: Numbers) -> Any:
        """What is taken off each line by the worst of its grades: ``optimism_bias.with_optimism_bias``."""
        shares = np.zeros((2, len(self._grades)))
        for number, side in enumerate(self.inputs.sides):
            corrections = corrections_of(side.tables["optimism_bias"], side.edition)
            by_grade = dict(zip(corrections["grade"], corrections["optimism_bias"].astype(float), strict=True))
            shares[number] = [by_grade.get(grade, 0.0) for grade in self._grades]
        if not shares.any():
            return 0.0
        return np.maximum.reduce([shares[self._side(mixtures, "optimism_bias"), of] for of in grades])

    def _without_overlaps(self, counts: Bools, net: Floats, units: Floats, ladder: Numbers, group: Numbers) -> Bools:
        """Which lines count when no benefit counts twice: ``value.without_overlaps``."""
        at = np.nonzero(counts & (group > 0))
        mixture, line = at
        if not len(line):
            return counts
        apart = pd.DataFrame(
            {
                # Each mixture has contracts of its own.
                "contract_id": mixture * len(self.inputs.contract_ids) + self._lines["contract"][line],
                "overlap_group": group[at],
                "ladder": ladder[at],
                "net_gbp": net[at],
                "units": units[at],
            }
        )
        is_kept = (apart["ladder"] == counting_ladder(apart)).to_numpy(dtype=bool)
        counts = counts.copy()
        counts[mixture[~is_kept], line[~is_kept]] = False
        return counts

    # --- Side by side -----------------------------------------------------------------------------------------------

    @cached_property
    def _areas(self) -> npt.NDArray[np.int64]:
        return np.array([self.inputs.areas(mixture) for mixture in self._every(OF_CONTRACTS)])

    @cached_property
    def _paid(self) -> Pence:
        return np.array([self.inputs.paid(mixture) for mixture in self._every(OF_PAYMENTS)], dtype=np.int64)

    @cached_property
    def _unit_tables(self) -> list[pd.DataFrame]:
        """The units of each mixture of ``OF_UNITS``.

        A contract that some causes do not concern has the units of the mixture in which these are as in the first
        result: only what differs is worked out anew.
        """
        mixtures = self._every(OF_UNITS)
        # The contracts that the same causes concern.
        alike: dict[int, set[str]] = {}
        for contract, mask in self.inputs.concerned.items():
            alike.setdefault(mask, set()).add(contract)
        if not alike:
            return [self.inputs.units(mixture, set()) for mixture in mixtures]
        wanted: dict[int, set[str]] = {}
        for mixture in mixtures:
            for mask, contracts in alike.items():
                wanted.setdefault(mixture & mask, set()).update(contracts)
        made = {of: self.inputs.units(of, contracts) for of, contracts in wanted.items()}
        parts = {
            (of, mask): table[table["contract_id"].isin(contracts)]
            for of, table in made.items()
            for mask, contracts in alike.items()
            if of == of & mask
        }
        return [pd.concat([parts[mixture & mask, mask] for mask in alike], ignore_index=True) for mixture in mixtures]

    @cached_property
    def _rows(self) -> pd.DataFrame:
        """Every row of units that any mixture has: ``KEYS``, contract by contract."""
        rows = pd.concat([table[KEYS] for table in self._unit_tables], ignore_index=True).drop_duplicates()
        return rows.sort_values(KEYS, ignore_index=True)

    @cached_property
    def _units(self) -> Mapping[str, Any]:
        """Units, people, ladders and grades: mixtures of ``OF_UNITS`` × rows."""
        rows, tables = pd.MultiIndex.from_frame(self._rows), self._unit_tables
        shape = len(tables), len(rows)
        ladders = sorted({ladder for table in tables for ladder in table["ladder"]})
        found: dict[str, Any] = {name: np.zeros(shape) for name in ("units", "people")}
        found |= {name: np.zeros(shape, dtype=np.intp) for name in ("ladder", "grade")}
        found["is_there"] = np.zeros(shape, dtype=bool)
        for number, table in enumerate(tables):
            at = number, rows.get_indexer(pd.MultiIndex.from_frame(table[KEYS]))
            found["is_there"][at] = True
            for name in ("units", "people"):
                found[name][at] = table[name].to_numpy(dtype=np.float64)
            found["ladder"][at] = _numbers(table["ladder"], ladders)
            found["grade"][at] = _numbers(table["mapping_grade"], self._grades)
        return found

    @cached_property
    def _value_tables(self) -> list[pd.DataFrame]:
        return [self.inputs.values(mixture) for mixture in self._every(self.inputs.causes_of_values)]

    @cached_property
    def _pairs(self) -> pd.MultiIndex:
        """Every outcome with each unit cost that any mixture has of it."""
        index: Any = self._value_tables[0].index
        for table in self._value_tables[1:]:
            index = index.union(table.index)
        return index.sortlevel()[0]

    @cached_property
    def _values(self) -> Mapping[str, Any]:
        """What a unit is worth, by outcome and unit cost: mixtures of their causes × ``_pairs``."""
        tables = [table.reindex(self._pairs) for table in self._value_tables]
        # The empty one first: lines of it count whatever others do.
        groups = sorted({"", *(group for table in self._value_tables for group in table["overlap_group"])})
        return {
            "is_there": np.array([table["unit_value_gbp"].notna() for table in tables]),
            "unit_value_gbp": np.array([table["unit_value_gbp"].fillna(0.0) for table in tables], dtype=np.float64),
            "horizon_years": np.array([table["horizon_years"].astype(float) for table in tables]),
            "is_transfer": np.array([table["is_transfer"].eq(True) for table in tables]),
            "is_fiscal": np.array([table["kind"].isin(["fiscal"]) for table in tables]),
            "group": np.array([_numbers(table["overlap_group"].fillna(""), groups) for table in tables]),
            "grade": np.array([_numbers(table["unit_cost_grade"].fillna(""), self._grades) for table in tables]),
        }

    @cached_property
    def _rates(self) -> Mapping[str, Any]:
        """Rates of deadweight and their grades, results × rows, and the key of the rate of each row."""
        tables = [table.fillna({"deadweight": 0.0, "deadweight_grade": ""}) for table in self.inputs.rates(self._rows)]
        return {
            "deadweight": np.array([table["deadweight"] for table in tables], dtype=np.float64),
            "grade": np.array([_numbers(table["deadweight_grade"], self._grades) for table in tables]),
            "keys": self.inputs.rate_keys(self._rows),
        }

    @cached_property
    def _lines(self) -> Mapping[str, Any]:
        """Every line of value that any mixture has, contract by contract: places of all that it is made of."""
        rows = self._rows.assign(rate=_numbers(self._rates["keys"], self.rate_ids)).reset_index(names="row")
        pairs = self._pairs.to_frame(index=False).reset_index(names="pair")
        lines = rows.merge(pairs, on="outcome_id").sort_values(["row", "pair"], ignore_index=True)
        return {
            **{name: lines[name].to_numpy(dtype=np.intp) for name in ("row", "pair", "rate")},
            "contract": pd.Index(self.inputs.contract_ids).get_indexer(lines["contract_id"]),
            "unit_cost": pd.Index(self.inputs.unit_cost_ids).get_indexer(lines["unit_cost_id"]),
            "is_counted": lines["is_counted"].to_numpy(dtype=bool),
        }

    @cached_property
    def _grades(self) -> list[str]:
        """The words for grades, the empty one first."""
        return sorted({"", *(grade for side in self.inputs.sides for grade in side.tables["optimism_bias"]["grade"])})


def _numbers(words: Any, known: Sequence[Any]) -> Numbers:
    """The place of each word among those known; of one that is not, that of the first."""
    place = {word: number for number, word in enumerate(known)}
    return np.array([place.get(word, 0) for word in words], dtype=np.intp)
