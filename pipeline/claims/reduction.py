"""The reduction of claims to counts: one Ibis expression, the same on every engine.

Belongs here: the expression, the ladders it counts along, and the counts as a table. It knows no engine and no file;
what a claim must look like is in ``pipeline.claims.row_rules``.

    claims                  a row per participant, metric and day
      -> people             a row per person and ladder: the first day at each of its rungs
      -> patterns           a row per ladder and years of its rungs: how many people share them
      -> cells              a row per ladder, rung, rung claimed before, and year: how many people

Only the first step sees people. A person is known by the hash of a salt and the participant id; the salt is made for
each reading and kept nowhere, so that nothing that is stored leads back to anyone.
"""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from pipeline.tables.claims import ClaimCounts
from pipeline.tables.units import conversion
from pipeline.tables.vocabulary import TIME_UNITS

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Units of which one person may have many; each counts by its day, those of the second kind by their evidence too.
BY_DAY = ("day", "week", "month", "quarter", "incident", "pound")
BY_EVIDENCE = ("incident", "pound")
NO_RUNG_BEFORE = -1


def new_salt() -> str:
    """Return a salt for one reading, never to be stored."""
    return secrets.token_hex(16)


def ladders_of(metrics: pd.DataFrame, metric_outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return where each metric of a contract stands: ``metric_id, unit, ladder, rung, years``.

    ``metrics``: ``ClaimedMetrics`` of one contract; ``metric_outcomes``: the rows that map them. Rungs of one outcome
    that count people make a ladder, numbered from 0 by their milestones; every other metric is one of its own.
    ``years``: the milestone, 0 where it has none or is one of pounds.
    """
    mapped = metrics[["metric_id", "unit"]].merge(
        metric_outcomes[["metric_id", "outcome_id", "treatment", "milestone", "milestone_unit"]],
        on="metric_id",
        how="left",
        validate="one_to_one",
    )
    is_rung = (mapped["treatment"] == "rung") & (mapped["unit"] == "person")
    key = mapped["outcome_id"].where(is_rung, "metric " + mapped["metric_id"])
    in_time = mapped["milestone_unit"].isin(list(TIME_UNITS))
    years = [
        milestone * conversion(unit, "year") if placed else 0.0
        for milestone, unit, placed in zip(mapped["milestone"], mapped["milestone_unit"], in_time, strict=True)
    ]
    placed = mapped.assign(ladder=key.factorize()[0], years=years, place=mapped["milestone"].where(~in_time, years))
    placed = placed.sort_values(["ladder", "place"], kind="stable")
    placed["rung"] = placed.groupby("ladder").cumcount()
    return placed[["metric_id", "unit", "ladder", "rung", "years"]].reset_index(drop=True)


def financial_year(day: "ir.DateValue") -> "ir.IntegerValue":
    """Return the calendar year in which the financial year of a day begins."""
    import ibis

    return day.year() - ibis.ifelse(day.month() < 4, 1, 0)


def claim_cells(claims: "ir.Table", ladders: pd.DataFrame, salt: str) -> "ir.Table":
    """Return the reduction of the claims of a contract.

    ``claims``: ``participant_id, metric_id, achieved_on, amount_gbp, evidence_id``, each of its type; ``ladders``:
    ``ladders_of``; claims of other metrics are left out. One row per ``ladder``, ``rung``, ``before`` (the rung of the
    same ladder claimed just before, -1 for none) and ``year`` (in which the financial year begins), with ``people``
    and ``units``: how many people were first there in that year; of what is counted by the day or the event, how many
    days or events (or pounds), and the people behind them.
    """
    import ibis

    places = pa.Table.from_pandas(ladders[["metric_id", "unit", "ladder", "rung"]], preserve_index=False)
    placed = claims.inner_join(ibis.memtable(places), "metric_id")
    rungs = range(int(ladders["rung"].max()) + 1)
    units = set(ladders["unit"])
    # Kept for each person only where it counts: with it, what is held of millions of people is a third larger.
    amount = placed.amount_gbp.max() if "pound" in units else ibis.null(placed.amount_gbp.type())
    persons = placed.group_by(ladder=placed.ladder, person=_person(placed, salt), **_occasion(placed, units)).agg(
        amount=amount,
        **{f"first_{rung}": placed.achieved_on.min(where=placed.rung == rung) for rung in rungs},
    )
    years = {f"year_{rung}": financial_year(persons[f"first_{rung}"]) for rung in rungs}
    counted = {"units": persons.count(), "people": persons.count(), "amount": persons.amount.sum()}
    if units.intersection(BY_DAY):
        # Of ladders that count people each row is a person already.
        people = persons.person.nunique(where=persons.occasion.notnull())
        counted["people"] = ibis.ifelse(people == 0, persons.count(), people)
    patterns = persons.group_by("ladder", **years).agg(**counted)
    long = patterns.select("ladder", "units", "people", "amount", cell=_cells(patterns, rungs).unnest())
    cells = long.select(
        "ladder", "units", "people", "amount", **{name: long.cell[name] for name in ("rung", "before", "year")}
    )
    return (
        cells.filter(cells.year.notnull())
        .group_by("ladder", "rung", "before", "year")
        .agg(units=cells.units.sum(), people=cells.people.sum(), amount=cells.amount.sum())
    )


def _person(claims: "ir.Table", salt: str) -> "ir.IntegerValue":
    """A person, as 63 bits out of two hashes: on some engines one alone is too short to tell millions apart.

    Of 20 million people two are taken for one once in forty thousand readings.
    """
    import ibis

    one = (ibis.literal(salt) + claims.participant_id).hash()
    other = (ibis.literal(salt[::-1]) + claims.participant_id).hash()
    return (one & 0x7FFFFFFF) * 0x100000000 + (other & 0xFFFFFFFF)


def _occasion(claims: "ir.Table", units: set[str]) -> "dict[str, ir.Value]":
    """What tells one unit of a person from another: nothing for people, the day, or the day and the evidence."""
    import ibis

    keys: dict[str, ir.Value] = {}
    if units.intersection(BY_DAY):
        keys["occasion"] = ibis.ifelse(claims.unit.isin(BY_DAY), claims.achieved_on, ibis.null("date"))
    if units.intersection(BY_EVIDENCE):
        keys["evidence"] = ibis.ifelse(claims.unit.isin(BY_EVIDENCE), claims.evidence_id, ibis.null("string"))
    return keys


def _cells(patterns: "ir.Table", rungs: Sequence[int]) -> "ir.ArrayValue":
    """The rungs of a pattern as one array, each with its year and the rung claimed before it."""
    import ibis

    return ibis.array(
        [
            ibis.struct(
                {
                    "rung": ibis.literal(rung, "int64"),
                    "before": _before(patterns, rung).cast("int64"),
                    "year": patterns[f"year_{rung}"].cast("int64"),
                }
            )
            for rung in rungs
        ]
    )


def _before(patterns: "ir.Table", rung: int) -> "ir.Value":
    import ibis

    nothing = ibis.null("int64")
    earlier = [
        ibis.ifelse(patterns[f"year_{lower}"].notnull(), ibis.literal(lower, "int64"), nothing)
        for lower in reversed(range(rung))
    ]
    return ibis.coalesce(*earlier, ibis.literal(NO_RUNG_BEFORE, "int64"))


def claim_tallies(claims: "ir.Table") -> "ir.Table":
    """Return how many claims there are, repeated ones among them, and what was claimed: by metric and year."""
    return claims.group_by("metric_id", year=financial_year(claims.achieved_on)).agg(
        claims=claims.count(), amount_gbp=claims.amount_gbp.sum(), last_day=claims.achieved_on.max()
    )


def claim_counts(contract_id: str, cells: pd.DataFrame, tallies: pd.DataFrame, ladders: pd.DataFrame) -> pd.DataFrame:
    """Return the ``ClaimCounts`` of a contract from what the engine gave back.

    ``cells``, ``tallies``: the rows of ``claim_cells`` and ``claim_tallies``; ``ladders``: ``ladders_of``.
    """
    rungs = ladders.set_index(["ladder", "rung"])
    at = cells.join(rungs, on=["ladder", "rung"])
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
        contract_id=contract_id, financial_year=[f"{y}-{(y + 1) % 100:02d}" for y in counts["year"].astype(int)]
    )
    columns = list(ClaimCounts.to_schema().columns)
    ordered = counts.sort_values(["metric_id", "financial_year"], kind="stable")[columns]
    return ClaimCounts.validate(ordered.reset_index(drop=True), lazy=True)


def _years_at(rungs: pd.DataFrame, ladder: "pd.Series[int]", rung: "pd.Series[int]") -> "pd.Series[float]":
    """Years at which the rungs of ladders stand; 0 before the first."""
    years = rungs["years"].reindex(pd.MultiIndex.from_arrays([ladder, rung])).fillna(0.0)
    return pd.Series(years.to_numpy(), index=ladder.index)
