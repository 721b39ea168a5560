"""Synthetic claims: participants who do not exist, in numbers that were published.

Belongs here: claims made of the reported counts of a contract, exactly (``expanded``) or at its rates for any number of
people (``write_claims``), marked as ``pipeline.claims.marks`` says. The project that holds them is written by
``pipeline.synthetic.project``. Reading claims and reducing them to counts stay out.

Chance decides who reached what and when, from a seed, and no count of ``expanded``.
"""

import math
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.claims.marks import EVIDENCE_PREFIX, PARQUET_METADATA
from pipeline.common.files import written_whole
from pipeline.tables.ladders import is_rung, milestone_years
from pipeline.tables.units import is_time
from pipeline.tables.vocabulary import DAYS_PER_YEAR, YEARS_PER_UNIT

Days = npt.NDArray[np.int64]

CLAIMS = pa.schema(
    {
        "participant_id": pa.string(),
        "metric_id": pa.string(),
        "milestone": pa.float64(),
        "achieved_on": pa.date32(),
        "amount_gbp": pa.float64(),
        "evidence_id": pa.string(),
    },
    metadata=PARQUET_METADATA,
)
METRIC = ["contract_id", "metric_id"]
MAPPED = ["outcome_id", "milestone", "milestone_unit", "treatment"]

# Of a metric in time there is a claim for each of these.
STEPS = {
    "day": pd.DateOffset(days=1),
    "week": pd.DateOffset(weeks=1),
    "month": pd.DateOffset(months=1),
    "quarter": pd.DateOffset(months=3),
    "year": pd.DateOffset(years=1),
}
# What low-paid work earns in a year, about: when somebody reaches a milestone in pounds.
POUNDS_EARNED_A_YEAR = 15_000
# So many pounds make a claim, about.
POUNDS_A_CLAIM = 1_000

# Of all claims of ``write_claims``, about: those that are missing although a later milestone is claimed, and those that
# are claimed again some time later.
MISSING, REPEATED = 0.01, 0.02
REPEATED_AFTER_DAYS = 30
# The ladders of a contract begin within so many days after somebody has joined.
BEGIN_WITHIN_DAYS = 180
ROWS_AT_ONCE = 1_000_000

PARTICIPANT_PREFIX = "P"
# A number times the one, modulo the other: since they share no factor, each number has an id of its own. Up to three
# thousand million, beyond which the product would not fit into 64 bits.
SCRAMBLE, IDS = 6_180_339_887, 9_000_000_000
# Added to an id so that all have as many digits.
TEN_DIGITS = 1_000_000_000


# --- The claims of one contract, exactly ----------------------------------------------------------------------


def expanded(
    outcomes: pd.DataFrame, mapping: pd.DataFrame, seed: int, people_engaged: int | None = None
) -> pd.DataFrame:
    """Return claims of one contract that come to its latest reported counts again, in order of date.

    ``outcomes``: rows of ``RawOutcomes``; ``mapping``: ``metric_outcomes``; ``people_engaged``: over how many people to
    spread what was not counted in people. Columns: ``participant_id, metric_id, milestone`` (as in ``mapping``),
    ``achieved_on`` (within the period reported on), ``amount_gbp`` (GBP, cash; missing unless the unit is a pound) and
    ``evidence_id`` (of each claim its own); ids mean something within the contract only.

    Of a metric in people there are that many, the rungs of a ladder having the same ones; of one in time there is a
    claim for each person and day, week, month, quarter or year begun; of one in events one for each; amounts add up to
    the pound. Raises ``ValueError`` for results of several contracts, of a metric that is not mapped, without a period,
    or that are no whole number.
    """
    metrics = latest_metrics(outcomes, mapping, people_engaged)
    rng = np.random.default_rng([seed, zlib.crc32(metrics["contract_id"].iloc[0].encode())])
    pool = people_of(metrics, people_engaged)
    parts = []
    for _, group in metrics.groupby("ladder", sort=False):
        rows = list(group.itertuples())
        if rows[0].unit == "person":
            parts += _claims_of_a_ladder(rows, pool, rng)
        elif is_time(rows[0].unit):
            parts.append(_claims_of_time(rows[0], pool, rng))
        else:
            parts.append(_claims_of_events(rows[0], pool, rng))
    claims = pd.concat(parts).sort_values("achieved_on", kind="stable", ignore_index=True)
    claims["participant_id"] = _ids(PARTICIPANT_PREFIX, claims["person"].to_numpy()).to_pandas()
    claims["evidence_id"] = _ids(EVIDENCE_PREFIX, np.arange(len(claims))).to_pandas()
    return claims[CLAIMS.names]


def in_whole_units(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return results with time rounded to the unit, since a claim is for a whole one: 428.7 years become 429."""
    quantity = outcomes["quantity"]
    return outcomes.assign(quantity=quantity.mask(outcomes["unit"].map(is_time).astype("bool"), quantity.round()))


def latest_metrics(outcomes: pd.DataFrame, mapping: pd.DataFrame, people_engaged: int | None) -> pd.DataFrame:
    """The latest report of each metric, with its place on a ladder.

    Adds the columns ``MAPPED``, ``ladder`` (the metric itself if it is no rung), ``days`` (after a person has begun, by
    which its milestone is reached) and ``people`` (of whom it needs so many).
    """
    if outcomes["contract_id"].nunique() != 1:
        raise ValueError(f"not the results of one contract: {sorted(set(outcomes['contract_id']))}")
    # As in an edition without a cut-off: the last to end, a final report before an interim one.
    latest = outcomes.sort_values(["period_end", "result_type"], ascending=[False, True], kind="stable")
    latest = latest.drop_duplicates(METRIC).sort_index()
    metrics = latest.merge(mapping[[*METRIC, *MAPPED]], on=METRIC, validate="one_to_one")
    for what, wrong in (
        ("not mapped", ~latest["metric_id"].isin(metrics["metric_id"])),
        ("without a period", latest[["period_start", "period_end"]].isna().any(axis=1)),
        ("no whole number", latest["quantity"] % 1 != 0),
    ):
        if wrong.any():
            raise ValueError(f"{what}: {', '.join(latest.loc[wrong, 'metric_id'])}")
    on_a_ladder = is_rung(metrics["treatment"], metrics["unit"])
    years = metrics["milestone"].combine(metrics["milestone_unit"], _years)
    return metrics.assign(
        quantity=metrics["quantity"].astype("int64"),
        ladder=metrics["metric_id"].where(~on_a_ladder, "ladder of " + metrics["outcome_id"]),
        days=(years * DAYS_PER_YEAR).round().astype("int64"),
        people=[_people(row, people_engaged) for row in metrics.itertuples()],
    )


def _years(milestone: float, unit: str) -> float:
    """Years after which a milestone is reached; of one in pounds, those in which so much is earned."""
    return milestone * (1 / POUNDS_EARNED_A_YEAR) if unit == "pound" else milestone_years(milestone, unit)


def _people(row: Any, people_engaged: int | None) -> int:
    """Of how many people a metric needs claims."""
    quantity = int(row.quantity)
    if row.unit == "person":
        return quantity
    if is_time(row.unit):
        # A year each, where nobody says how many there were; nobody has more than there is in the period.
        most = math.ceil(quantity * YEARS_PER_UNIT[row.unit])
        return max(math.ceil(quantity / len(_steps(row))), min(most, people_engaged or most))
    claims = math.ceil(quantity / POUNDS_A_CLAIM) if row.unit == "pound" else quantity
    return min(claims, people_engaged or claims)


def people_of(metrics: pd.DataFrame, people_engaged: int | None) -> int:
    """How many people a contract has: those engaged, or more if a metric counts more."""
    return max(people_engaged or 0, int(metrics["people"].max()))


def _claims_of_a_ladder(rungs: Sequence[Any], pool: int, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Claims of people, by rung: the first n of one order have the rung that n people reached.

    Whoever gets furthest begins early enough for it, if the period is long enough at all.
    """
    people = rng.permutation(pool)[: max(row.quantity for row in rungs)]
    furthest = np.zeros(len(people), np.int64)
    for row in rungs:
        furthest[: row.quantity] = np.maximum(furthest[: row.quantity], row.days)
    first = min(_day(row.period_start) for row in rungs)
    room = max(_day(row.period_end) for row in rungs) - first - furthest
    begun = first + _up_to(room.clip(0), rng)
    return [
        _part(
            row,
            people[: row.quantity],
            (begun[: row.quantity] + row.days).clip(_day(row.period_start), _day(row.period_end)),
        )
        for row in rungs
    ]


def _claims_of_time(row: Any, pool: int, rng: np.random.Generator) -> pd.DataFrame:
    """A claim for each day, week, month, quarter or year begun; those of a person follow each other."""
    steps = _steps(row)
    people = rng.permutation(pool)[: row.people]
    lengths = np.full(len(people), row.quantity // max(len(people), 1))
    lengths[: row.quantity - lengths.sum()] += 1
    first = _up_to(len(steps) - lengths, rng)
    within = np.arange(row.quantity) - np.repeat(lengths.cumsum() - lengths, lengths)
    return _part(row, np.repeat(people, lengths), steps[np.repeat(first, lengths) + within])


def _claims_of_events(row: Any, pool: int, rng: np.random.Generator) -> pd.DataFrame:
    """Claims of events, of which a person may have several, or of pounds, one for each person."""
    people = rng.permutation(pool)[: row.people]
    if row.unit == "incident":
        people = people[rng.integers(0, max(len(people), 1), row.quantity)]
    last = np.full(len(people), _day(row.period_end) - _day(row.period_start))
    claims = _part(row, people, _day(row.period_start) + _up_to(last, rng))
    if row.unit == "pound" and len(people):
        # Each has a pound at least, since a claim of nothing is none.
        amounts = 1 + rng.multinomial(row.quantity - len(people), np.full(len(people), 1 / len(people)))
        claims["amount_gbp"] = amounts.astype("float64")
    return claims


def _part(row: Any, people: Days, days: Days) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person": people,
            "metric_id": pd.Series(row.metric_id, range(len(people)), dtype="str"),
            "milestone": float(row.milestone),
            "achieved_on": days.astype("datetime64[D]"),
            "amount_gbp": math.nan,
        }
    )


def _steps(row: Any) -> Days:
    """Days on which a day, week, month, quarter or year begins within the period reported on."""
    begun = pd.date_range(row.period_start, row.period_end, freq=STEPS[row.unit])
    return begun.to_numpy().astype("datetime64[D]").astype(np.int64)


def _day(when: pd.Timestamp) -> int:
    """Days since 1970."""
    return int(np.datetime64(when, "D").astype(np.int64))


def _up_to(most: Days, rng: np.random.Generator) -> Days:
    """For each number one from 0 up to it, each as likely."""
    return rng.integers(0, most + 1)


def _ids(prefix: str, numbers: Days) -> pa.Array:
    """Ids of ten digits, a different one for each number, of which the order of the numbers cannot be seen."""
    scrambled = numbers.astype(np.uint64) * np.uint64(SCRAMBLE) % np.uint64(IDS)
    digits = pc.cast(pa.array(scrambled + np.uint64(TEN_DIGITS)), pa.string())
    return pc.binary_join_element_wise(prefix, digits, "")


# --- Claims of any number of people, at the rates of a contract -----------------------------------------------


def contract_ladders(outcomes: pd.DataFrame, mapping: pd.DataFrame, people_engaged: int | None = None) -> pd.DataFrame:
    """Return the metrics of one contract that count people, as ladders: who falls away where.

    Arguments and errors as of ``expanded``; one row per metric. Columns: ``ladder`` (a metric that is no rung is one by
    itself), ``metric_id``, ``milestone``, ``days`` (after a person has begun), ``share`` (of the contract's people who
    reached it), ``period_start``, ``period_end``; by ladder, in the order of its milestones. Without any such metric
    the table is empty.
    """
    metrics = latest_metrics(outcomes, mapping, people_engaged)
    in_people = metrics[metrics["unit"] == "person"]
    table = in_people.assign(share=in_people["quantity"] / people_of(metrics, people_engaged))
    columns = ["ladder", "metric_id", "milestone", "days", "share", "period_start", "period_end"]
    return table.sort_values(["ladder", "days"], kind="stable", ignore_index=True)[columns]


class _Claimed(NamedTuple):
    """What is claimed of one metric: for the first time, or again.

    ``number`` of the metric; ``ladder``: its number; ``share`` of all people who reached the metric; ``later_share``,
    those who reached a later one of its ladder; ``days`` after a person has joined.
    """

    number: int
    ladder: int
    share: float
    later_share: float
    days: int
    is_again: bool


class _Claims(NamedTuple):
    """Some claims: number of the person, number of the metric, day since the contract began."""

    people: Days
    metrics: Days
    days: Days


def write_claims(path: Path, people: int, ladders: pd.DataFrame, seed: int, rows_at_once: int = ROWS_AT_ONCE) -> int:
    """Write a Parquet file of claims of ``people`` people and return how many claims there are.

    ``ladders``: ``contract_ladders``, or some rows of it. People join evenly over the period, as early as the longest
    ladder needs; who reaches one milestone is among those who reach one that fewer reach, whatever ladder else they are
    on. A few claims are missing, a few are repeated. Rows are in order of date and, within a day, of metric, never by
    person, as a file that grew with the contract. Columns as of ``expanded``, without amounts.

    ``rows_at_once`` bounds the row groups and what is held in memory (some 400 bytes each, of a day's claims at least);
    the rows do not depend on it. Raises ``ValueError`` without people or ladders, ``CannotWriteError`` when the file
    cannot be written.
    """
    if people < 1 or ladders.empty:
        raise ValueError("claims need people, and a metric that counts them")
    first_day = _day(ladders["period_start"].min())
    metric_ids = pa.array(ladders["metric_id"], pa.string())
    milestones = pa.array(ladders["milestone"], pa.float64(), from_pandas=True)
    written = 0
    with (
        written_whole(path) as fresh,
        fresh.open("wb") as file,
        pq.ParquetWriter(file, CLAIMS, compression="zstd", use_dictionary=["metric_id", "milestone"]) as writer,
    ):
        for claims in _in_order_of_date(people, ladders, seed, rows_at_once):
            count = len(claims.people)
            if not count:
                continue
            columns = {
                "participant_id": _ids(PARTICIPANT_PREFIX, claims.people),
                "metric_id": metric_ids.take(pa.array(claims.metrics)),
                "milestone": milestones.take(pa.array(claims.metrics)),
                "achieved_on": pa.array((claims.days + first_day).astype("datetime64[D]")),
                "amount_gbp": pa.nulls(count, pa.float64()),
                "evidence_id": _ids(EVIDENCE_PREFIX, np.arange(written, written + count)),
            }
            writer.write_table(pa.table(columns, schema=CLAIMS), row_group_size=rows_at_once)
            written += count
    return written


def _in_order_of_date(people: int, ladders: pd.DataFrame, seed: int, rows_at_once: int) -> Iterator[_Claims]:
    """Yield all claims, some days' at a time; people are numbered in the order in which they join.

    So those who reach a milestone on some day are a run of numbers, and nothing needs to be sorted but the days of one
    chunk.
    """
    last = _day(ladders["period_end"].max()) - _day(ladders["period_start"].min())
    room = max(last - int(ladders["days"].max()) - REPEATED_AFTER_DAYS, 0)
    begin_within = min(room // 2, BEGIN_WITHIN_DAYS)
    joining = 1 + room - begin_within
    claimed = _claimed(ladders, np.random.default_rng(seed), begin_within)
    # At most, on a day on which some reach every milestone that others have joined in time for.
    rows_a_day = people / joining * (1 + REPEATED) * float(ladders["share"].sum())
    days_at_once = max(1, int(rows_at_once / max(rows_a_day, 1)))
    for begin in range(0, last + 1, days_at_once):
        end = min(begin + days_at_once, last + 1)
        parts = []
        for one in claimed:
            # What would be reached after the end of the period is reached on its last day.
            low = _first_to_join(begin - one.days, joining, people)
            high = people if end > last else _first_to_join(end - one.days, joining, people)
            reached = low + np.flatnonzero(_is_claimed(one, low, high, seed))
            days = np.minimum(reached * joining // people + one.days, last)
            parts.append(_Claims(reached, np.full(len(reached), one.number), days))
        found = _Claims(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
        # Of 16 bits: NumPy sorts those in one pass.
        order = np.argsort((found.days - begin).astype(np.uint16), kind="stable")
        yield _Claims(*(column[order] for column in found))


def _claimed(ladders: pd.DataFrame, rng: np.random.Generator, begin_within: int) -> list[_Claimed]:
    later = ladders.groupby("ladder")["share"].transform(lambda shares: shares[::-1].cummax()[::-1].shift(-1))
    ladder, names = ladders["ladder"].factorize()
    days = ladders["days"] + rng.integers(0, begin_within + 1, len(names))[ladder]
    rows = zip(ladder, ladders["share"], later.fillna(0), days, strict=True)
    once = [_Claimed(number, *row, is_again=False) for number, row in enumerate(rows)]
    again = [one._replace(days=one.days + REPEATED_AFTER_DAYS, is_again=True) for one in once]
    return once + again


def _first_to_join(day: int, joining: int, people: int) -> int:
    """Number of the first person who joins on a day or later, where person p joins on day p * joining // people."""
    return min(max(-(-day * people // joining), 0), people)


def _is_claimed(one: _Claimed, low: int, high: int, seed: int) -> npt.NDArray[np.bool_]:
    """Tell for each person from ``low`` to ``high`` whether the metric is claimed for them."""
    # Of a person the same on every rung of a ladder, so that one cohort falls away along it.
    stamina = _draws((seed, one.ladder, 0), low, high)
    luck = _draws((seed, one.ladder, one.number + 1), low, high)
    is_missing = (luck < MISSING) & (stamina < one.later_share)
    is_claimed = (stamina < one.share) & ~is_missing
    return is_claimed & (luck >= 1 - REPEATED) if one.is_again else is_claimed


def _draws(stream: Sequence[int], low: int, high: int) -> npt.NDArray[np.float64]:
    """Draws from 0 to 1 for the people from ``low`` to ``high``, the same in whatever chunk they are drawn."""
    bits = np.random.PCG64(stream)
    bits.advance(low)
    return np.random.Generator(bits).random(high - low)
