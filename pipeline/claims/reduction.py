"""The reduction of claims to counts: one Ibis expression, the same on every engine.

Belongs here: the expression, the ladders it counts along, and the counts as a table. It knows no engine and no file;
what a claim must look like is in ``pipeline.claims.row_rules``.

    claims                  a row per participant, metric and day
      -> people             a row per person: one bit for each metric and year in which the person has a claim
      -> patterns           a row per set of bits: how many people share it
      -> cells              a row per ladder, rung, rung claimed before, and year: how many people
                            a row per two ladders and year: how many people are on both

Only the first step sees people, and knows them by a pseudonym that nothing leads back from (``engines.pseudonyms``).
Metrics of which one person may have many (days, events, pounds) have no patterns: their days and records are told
apart, then counted.
"""

import functools
import math
import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from pipeline.tables.claims import ClaimCounts, ClaimOverlaps
from pipeline.tables.dates import financial_year_from
from pipeline.tables.ladders import is_rung, places
from pipeline.tables.reference import MetricOutcomes, is_priced
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.vocabulary import TIME_UNITS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from pipeline.claims.engines import Pseudonym

# Units of which one person may have many; each counts by its day, those of the second kind by their evidence too.
BY_DAY = (*TIME_UNITS, "incident", "pound")
BY_EVIDENCE = ("incident", "pound")
NO_RUNG_BEFORE = -1
# In a cell that counts people of one ladder by rung, and not those who are on two.
NO_OTHER = -1
CELL = ("ladder", "rung", "before", "other", "year")
# Those of a whole number that are neither its sign nor next to it.
BITS_OF_A_WORD = 62


def ladders_of(metrics: pd.DataFrame, metric_outcomes: DataFrame[MetricOutcomes]) -> pd.DataFrame:
    """Return where each metric of a contract stands: ``metric_id, unit, ladder, rung, years, is_priced``.

    ``metrics``: those of one contract, with their ``unit``; ``metric_outcomes``: the rows that map them. Rungs of one
    outcome that count people make a ladder, numbered from 0 by their milestones; every other metric is one of its own.
    ``years``: the milestone, 0 where it has none or is one of pounds. ``is_priced``: it is worked out in pounds.
    """
    mapped = metrics[["metric_id", "unit"]].merge(
        metric_outcomes[["metric_id", "outcome_id", "treatment", "milestone", "milestone_unit"]],
        on="metric_id",
        how="left",
        validate="one_to_one",
    )
    on_a_ladder = is_rung(mapped["treatment"], mapped["unit"])
    key = mapped["outcome_id"].where(on_a_ladder, "metric " + mapped["metric_id"])
    place = places(mapped)
    placed = mapped.assign(
        ladder=key.factorize()[0],
        place=place,
        years=place.where(mapped["milestone_unit"].isin(list(TIME_UNITS)), 0.0),
        is_priced=is_priced(mapped["treatment"]),
    ).sort_values(["ladder", "place"], kind="stable")
    placed["rung"] = placed.groupby("ladder").cumcount()
    return placed[["metric_id", "unit", "ladder", "rung", "years", "is_priced"]].reset_index(drop=True)


def financial_year(day: "ir.DateValue") -> "ir.IntegerValue":
    """Return the calendar year in which the financial year of a day begins."""
    import ibis

    return day.year() - ibis.ifelse(day.month() < 4, 1, 0)


def claim_cells(claims: "ir.Table", ladders: pd.DataFrame, tallies: pd.DataFrame, pseudonym: "Pseudonym") -> "ir.Table":
    """Return the reduction of the claims of a contract.

    ``claims``: ``participant_id, metric_id, achieved_on, amount_gbp, evidence_id``, each of its type; ``ladders``:
    ``ladders_of``; claims of other metrics are left out. ``tallies``: the rows of ``claim_tallies``. ``pseudonym``:
    from ids to numbers. One row per ``ladder``, ``rung``, ``before`` (the rung of the same ladder claimed just before,
    -1 for none) and ``year`` (in which the financial year begins), with ``people`` and ``units``: how many people were
    first there in that year; of what is counted by the day or the event, how many days or events, the people behind
    them, and their ``amount``. In these rows ``other`` is -1; else it is a ladder, and ``people`` are those who had
    claims on both by the end of the year: ``overlaps_of``.
    """
    import ibis

    claimed = ladders[ladders["metric_id"].isin(tallies["metric_id"])]
    people, occasions = (claimed[claimed["unit"].isin(BY_DAY) == by_day] for by_day in (False, True))
    parts = []
    if len(people):
        parts.append(_cells_of_people(claims, spots_of(people, tallies), pseudonym))
    if len(occasions):
        parts.append(_cells_of_occasions(claims, occasions, pseudonym))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def spots_of(ladders: pd.DataFrame, tallies: pd.DataFrame) -> pd.DataFrame:
    """Return the place of each metric and year with claims among the bits of a person.

    ``ladders``: of metrics that count people; ``tallies``: the rows of ``claim_tallies``. ``metric_id, ladder, rung,
    year, place, is_priced``, in the order of ladders, rungs and years.
    """
    spots = ladders.merge(tallies[["metric_id", "year"]], on="metric_id").sort_values(["ladder", "rung", "year"])
    return spots.assign(place=range(len(spots)))[["metric_id", "ladder", "rung", "year", "place", "is_priced"]]


def words_of(places: Iterable[int], count: int) -> list[int]:
    """Return whole numbers in which the bits at some places are set: so many bits in each number."""
    words = [0] * count
    for place in places:
        words[place // BITS_OF_A_WORD] |= 1 << place % BITS_OF_A_WORD
    return words


def cells_of(spots: pd.DataFrame, words: int) -> pd.DataFrame:
    """Return how each cell is told from the bits of a person: a row per ``ladder, rung, before, year``.

    Of the bits ``here_0`` and on one must be set, of ``after_0`` and on (the rung before) one too, and none of
    ``never_0`` and on (earlier years, and the rungs between). ``spots``: ``spots_of``.
    """
    rows = []
    for ladder, of_ladder in spots.groupby("ladder", sort=False):
        places = {rung: dict(zip(at["year"], at["place"], strict=True)) for rung, at in of_ladder.groupby("rung")}
        for rung, years in places.items():
            for before in (NO_RUNG_BEFORE, *(lower for lower in places if lower < rung)):
                between = [place for other in places if before < other < rung for place in places[other].values()]
                for year, place in years.items():
                    earlier = [other for of_year, other in years.items() if of_year < year]
                    after = places[before].values() if before != NO_RUNG_BEFORE else [place]
                    cell = {"ladder": ladder, "rung": rung, "before": before, "other": NO_OTHER, "year": year}
                    rows.append(cell | _masks(words, here=[place], after=after, never=[*between, *earlier]))
    return pd.DataFrame(rows, dtype="int64")


def overlaps_of(spots: pd.DataFrame, words: int) -> pd.DataFrame:
    """Return how people on two ladders are told, by the end of each year: ``cells_of`` with a ladder as ``other``.

    Of ladders that are worked out in pounds only, each with itself (all people on it) and with those after it. Two in
    one ladder are no overlap: there each person counts once.
    """
    rows = []
    ladders = list(spots[spots["is_priced"]].groupby("ladder", sort=True))
    for number, (ladder, one) in enumerate(ladders):
        for other, two in ladders[number:]:
            years = set(one["year"]) | set(two["year"])
            for year in sorted(year for year in years if year >= max(one["year"].min(), two["year"].min())):
                here, after = (each.loc[each["year"] <= year, "place"] for each in (one, two))
                cell = {"ladder": ladder, "rung": 0, "before": NO_RUNG_BEFORE, "other": other, "year": year}
                rows.append(cell | _masks(words, here=here, after=after, never=[]))
    return pd.DataFrame(rows, dtype="int64")


def _masks(words: int, **places: Iterable[int]) -> dict[str, int]:
    """The bits at the places of each kind, by kind and number of the word."""
    return {f"{kind}_{n}": word for kind, of_kind in places.items() for n, word in enumerate(words_of(of_kind, words))}


def _cells_of_people(claims: "ir.Table", spots: pd.DataFrame, pseudonym: "Pseudonym") -> "ir.Table":
    """Cells of metrics that count people: each once at each rung, in the first year there; and those on two ladders."""
    import ibis

    words = [f"word_{n}" for n in range(math.ceil(len(spots) / BITS_OF_A_WORD))]
    bits = pd.DataFrame([words_of([place], len(words)) for place in spots["place"]], columns=words, index=spots.index)
    dated = claims.select("participant_id", "metric_id", year=financial_year(claims.achieved_on).cast("int64"))
    placed = dated.inner_join(_memtable(spots[["metric_id", "year"]].join(bits)), ["metric_id", "year"])
    of_person = {word: _bit_or(placed[word]) for word in words}
    persons = placed.group_by(person=pseudonym(placed.participant_id)).agg(**of_person)
    patterns = persons.group_by(words).agg(people=persons.count())
    told_by = pd.concat([cells_of(spots, len(words)), overlaps_of(spots, len(words))], ignore_index=True)
    pairs = patterns.cross_join(_memtable(told_by))

    def any_of(kind: str) -> "ir.BooleanValue":
        common = (pairs[word] & pairs[f"{kind}_{n}"] for n, word in enumerate(words))
        return functools.reduce(operator.or_, common) != 0

    there = pairs.filter(any_of("here") & any_of("after") & ~any_of("never"))
    cells = there.group_by(*CELL).agg(people=there.people.sum())
    return cells.select(*CELL, "people", units=cells.people, amount=ibis.null("float64"))


def _cells_of_occasions(claims: "ir.Table", ladders: pd.DataFrame, pseudonym: "Pseudonym") -> "ir.Table":
    """Cells of metrics of which one person may have many: each day once, or each record of a day."""
    import ibis

    placed = claims.inner_join(_memtable(ladders[["metric_id", "unit", "ladder"]]), "metric_id")
    evidence = ibis.ifelse(placed.unit.isin(BY_EVIDENCE), pseudonym(placed.evidence_id), ibis.null())
    occasions = placed.group_by(
        ladder=placed.ladder, person=pseudonym(placed.participant_id), day=placed.achieved_on, evidence=evidence
    ).agg(amount=placed.amount_gbp.max())
    cells = occasions.group_by(ladder=occasions.ladder, year=financial_year(occasions.day).cast("int64")).agg(
        units=occasions.count(), people=occasions.person.nunique(), amount=occasions.amount.sum().cast("float64")
    )
    same = {"rung": 0, "before": NO_RUNG_BEFORE, "other": NO_OTHER}
    of_all = {name: ibis.literal(number, "int64") for name, number in same.items()}
    return cells.mutate(**of_all).select(*CELL, "people", "units", "amount")


def _bit_or(column: "ir.IntegerColumn") -> "ir.IntegerScalar":
    """All bits that are set in some row: a function of both engines, which Ibis knows of DuckDB only."""
    import ibis

    def bit_or(column: int) -> int:
        raise NotImplementedError

    return ibis.udf.agg.builtin(bit_or, signature=(("int64",), "int64"))(column)


def _memtable(rows: pd.DataFrame) -> "ir.Table":
    import ibis

    return ibis.memtable(pa.Table.from_pandas(rows, preserve_index=False))


def claim_tallies(claims: "ir.Table") -> "ir.Table":
    """Return how many claims there are, repeated ones among them, and what was claimed: by metric and year."""
    return claims.group_by("metric_id", year=financial_year(claims.achieved_on)).agg(
        claims=claims.count(), amount_gbp=claims.amount_gbp.sum(), last_day=claims.achieved_on.max()
    )


def claim_counts(
    contract_id: str, cells: pd.DataFrame, tallies: pd.DataFrame, ladders: pd.DataFrame
) -> DataFrame[ClaimCounts]:
    """Return the counts of a contract from what the engine gave back.

    ``cells``, ``tallies``: the rows of ``claim_cells`` and ``claim_tallies``; ``ladders``: ``ladders_of``.
    """
    rungs = ladders.set_index(["ladder", "rung"])
    at = cells[cells["other"] == NO_OTHER].join(rungs, on=["ladder", "rung"])
    # Where the counts of a ladder take a person to have begun: at its rung just below, claimed or not.
    below = _years_at(rungs, at["ladder"], at["rung"] - 1)
    is_gap = (at["rung"] > 0) & (at["before"] != at["rung"] - 1)
    left_out = (below - _years_at(rungs, at["ladder"], at["before"])).where(is_gap, 0.0)
    at = at.assign(
        quantity=at["amount"].where(at["unit"] == "pound", at["units"]).astype("float64"),
        quantity_after_gap=at["units"].where(is_gap, 0).astype("float64"),
        years_after_gap=at["units"] * left_out,
    )
    summed = ["quantity", "people", "quantity_after_gap", "years_after_gap"]
    counts = at.groupby(["metric_id", "unit", "year"], as_index=False)[summed].sum()
    counts = counts.merge(tallies, on=["metric_id", "year"], how="left", validate="one_to_one")
    counts = counts.assign(
        contract_id=contract_id, financial_year=[financial_year_from(year) for year in counts["year"].astype(int)]
    )
    ordered = counts.sort_values(["metric_id", "financial_year"], kind="stable", ignore_index=True)
    return typed(ClaimCounts, ClaimCounts.validate(ordered[list(ClaimCounts.to_schema().columns)], lazy=True))


def claim_overlaps(contract_id: str, cells: pd.DataFrame, ladders: pd.DataFrame) -> DataFrame[ClaimOverlaps]:
    """Return the people on two ladders of a contract from what the engine gave back: as ``claim_counts``."""
    first_rungs = ladders[ladders["rung"] == 0].set_index("ladder")["metric_id"]
    by_year = cells[cells["other"] != NO_OTHER].sort_values(["ladder", "other", "year"])
    so_far = by_year.groupby(["ladder", "other"])["people"]
    people = by_year["people"] - so_far.shift().fillna(0)
    pairs = [
        sorted(pair) for pair in zip(by_year["ladder"].map(first_rungs), by_year["other"].map(first_rungs), strict=True)
    ]
    overlaps = pd.DataFrame(
        {
            "contract_id": contract_id,
            "metric_id": [one for one, _ in pairs],
            "other_metric_id": [other for _, other in pairs],
            "financial_year": [financial_year_from(year) for year in by_year["year"].astype(int)],
            "people": people.astype("Int64"),
        }
    )
    overlaps = overlaps[overlaps["people"] > 0].sort_values(["metric_id", "other_metric_id", "financial_year"])
    return typed(ClaimOverlaps, ClaimOverlaps.validate(overlaps.reset_index(drop=True), lazy=True))


def _years_at(rungs: pd.DataFrame, ladder: "pd.Series[int]", rung: "pd.Series[int]") -> "pd.Series[float]":
    """Years at which the rungs of ladders stand; 0 before the first."""
    years = rungs["years"].reindex(pd.MultiIndex.from_arrays([ladder, rung])).fillna(0.0)
    return pd.Series(years.to_numpy(), index=ladder.index)
