"""The reduction of claims, against a count by hand that knows neither bits nor engines."""

from collections import Counter, defaultdict
from datetime import date

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.claims.engines import EngineChoice, opened, pseudonyms
from pipeline.claims.reduction import (
    BITS_OF_A_WORD,
    NO_OTHER,
    claim_cells,
    claim_overlaps,
    claim_tallies,
    overlaps_of,
    spots_of,
)
from pipeline.tables.vocabulary import TIME_UNITS
from tests.conftest import part_of

# A ladder of people, two metrics by themselves of which one has no value in pounds, one of days and one of pounds.
UNITS = {
    "a": "person",
    "b": "person",
    "c": "person",
    "d": "person",
    "single": "person",
    "signed": "person",
    "days": "day",
    "saved": "pound",
}
LADDERS = pd.DataFrame(
    [
        *(("a", 0, 0), ("b", 0, 1), ("c", 0, 2), ("d", 0, 3)),
        *(("single", 1, 0), ("days", 2, 0), ("saved", 3, 0), ("signed", 4, 0)),
    ],
    columns=["metric_id", "ladder", "rung"],
).assign(
    unit=lambda rows: rows["metric_id"].map(UNITS), years=0.0, is_priced=lambda rows: rows["metric_id"] != "signed"
)
# With so many years the metrics of people take more bits than a word has.
YEARS = range(2001, 2020)
SCHEMA = pa.schema(
    [
        ("participant_id", pa.string()),
        ("metric_id", pa.string()),
        ("achieved_on", pa.date32()),
        ("amount_gbp", pa.decimal128(18, 2)),
        ("evidence_id", pa.string()),
    ]
)

Claim = tuple[str, str, date, int, str]
Cell = tuple[int, int, int, int]


@st.composite
def claim(draw: st.DrawFn) -> Claim:
    day = date(draw(st.sampled_from(YEARS)), draw(st.sampled_from([3, 4])), draw(st.sampled_from([1, 30])))
    return (
        draw(st.sampled_from("pqr")),
        draw(st.sampled_from(sorted(UNITS))),
        day,
        draw(st.integers(0, 3)),
        draw(st.sampled_from(["e1", "e2"])),
    )


def cells_of_claims(claims: list[Claim], ladders: pd.DataFrame = LADDERS) -> pd.DataFrame:
    """All cells, as DuckDB counts them."""
    rows = pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in claims], SCHEMA)
    with opened(EngineChoice()) as backend:
        table = ibis.memtable(rows)
        tallies = backend.to_pyarrow(claim_tallies(table)).to_pandas()
        return backend.to_pyarrow(claim_cells(table, ladders, tallies, pseudonyms(backend))).to_pandas()


def reduced(claims: list[Claim], ladders: pd.DataFrame = LADDERS) -> dict[Cell, tuple[int, int, float]]:
    """Units, people and amount of each cell of one ladder."""
    cells = cells_of_claims(claims, ladders)
    return {
        (int(row.ladder), int(row.rung), int(row.before), int(row.year)): (
            int(row.units), int(row.people), 0.0 if pd.isna(row.amount) else float(row.amount)
        )
        for row in cells[cells["other"] == NO_OTHER].itertuples()
    }  # fmt: skip


def by_hand(claims: list[Claim]) -> dict[Cell, tuple[int, int, float]]:
    """The same, person by person."""
    places = {row.metric_id: (row.ladder, row.rung) for row in LADDERS.itertuples()}
    firsts: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)
    occasions: dict[tuple[str, str, date, str], int] = {}
    for person, metric_id, day, amount, evidence in claims:
        ladder, rung = places[metric_id]
        if UNITS[metric_id] == "person":
            reached = firsts[person, ladder]
            reached[rung] = min(reached.get(rung, 9999), financial_year_of(day))
        else:
            key = metric_id, person, day, evidence if UNITS[metric_id] == "pound" else ""
            occasions[key] = max(occasions.get(key, 0), amount)
    cells: Counter[Cell] = Counter()
    for (_, ladder), reached in firsts.items():
        for rung, year in reached.items():
            cells[ladder, rung, max((lower for lower in reached if lower < rung), default=-1), year] += 1
    counted = {cell: (people, people, 0.0) for cell, people in cells.items()}
    for metric_id, year in {(key[0], financial_year_of(key[2])) for key in occasions}:
        at = {key: n for key, n in occasions.items() if (key[0], financial_year_of(key[2])) == (metric_id, year)}
        counted[places[metric_id][0], 0, -1, year] = len(at), len({key[1] for key in at}), float(sum(at.values()))
    return counted


def financial_year_of(day: date) -> int:
    return day.year - (day.month < 4)


@settings(max_examples=part_of(30))
@given(st.lists(claim(), min_size=1, max_size=60))
def test_each_person_counts_once_at_each_rung_in_the_first_year_there(claims: list[Claim]) -> None:
    assert reduced(claims) == by_hand(claims)


@pytest.mark.parametrize("unit", TIME_UNITS)
def test_of_time_a_person_has_as_many_as_there_are_days(unit: str) -> None:
    ladders = LADDERS[LADDERS["metric_id"] == "days"].assign(unit=unit)
    claims = [("p", "days", day, 0, "e") for day in (date(2010, 4, 1), date(2010, 4, 1), date(2011, 3, 31))]
    assert reduced(claims, ladders) == {(2, 0, -1, 2010): (2, 1, 0.0)}


def test_a_person_has_as_many_words_as_it_takes() -> None:
    everything = [
        (person, metric_id, date(year, 4, 1), 1, "e")
        for metric_id in UNITS
        for number, year in enumerate(YEARS)
        for person in [f"{metric_id}{number}", "all"]
    ]
    tallies = pd.DataFrame([(name, year) for name in UNITS for year in YEARS], columns=["metric_id", "year"])
    people = LADDERS[LADDERS["unit"] == "person"]
    assert len(spots_of(people, tallies)) > BITS_OF_A_WORD
    assert reduced(everything) == by_hand(everything)


def test_claims_of_metrics_that_are_on_no_ladder_are_left_out() -> None:
    claims = [("p", metric_id, date(2010, 4, 1), 1, "e") for metric_id in ("a", "b")]
    assert reduced(claims, LADDERS[LADDERS["metric_id"] == "b"]) == {(0, 1, -1, 2010): (1, 1, 0.0)}


# --- People on two ladders --------------------------------------------------------------------------------------

Overlap = tuple[str, str, str]


def overlaps(claims: list[Claim], ladders: pd.DataFrame = LADDERS) -> dict[Overlap, int]:
    """People who were first on both of two ladders in a year, by their first metrics and the year."""
    table = claim_overlaps("C-1", cells_of_claims(claims, ladders), ladders)
    return {(row.metric_id, row.other_metric_id, row.financial_year): int(row.people) for row in table.itertuples()}


def overlaps_by_hand(claims: list[Claim]) -> dict[Overlap, int]:
    """The same, person by person."""
    first_metric = {0: "a", 1: "single"}
    since: dict[tuple[str, str], int] = {}
    for person, metric_id, day, _, _ in claims:
        ladder = int(LADDERS.set_index("metric_id")["ladder"][metric_id])
        if ladder in first_metric:
            key = person, first_metric[ladder]
            since[key] = min(since.get(key, 9999), financial_year_of(day))
    found: Counter[Overlap] = Counter()
    for person in {person for person, _ in since}:
        for one, other in (("a", "a"), ("single", "single"), ("a", "single")):
            if (person, one) in since and (person, other) in since:
                year = max(since[person, one], since[person, other])
                found[one, other, f"{year}-{(year + 1) % 100:02d}"] += 1
    return dict(found)


@settings(max_examples=part_of(30))
@given(st.lists(claim(), min_size=1, max_size=60))
def test_a_person_on_two_ladders_counts_on_both_from_the_year_of_the_later_one(claims: list[Claim]) -> None:
    assert overlaps(claims) == overlaps_by_hand(claims)


def test_rungs_of_one_ladder_and_metrics_without_a_value_are_no_overlap() -> None:
    tallies = pd.DataFrame([(name, 2010) for name in UNITS], columns=["metric_id", "year"])
    told = overlaps_of(spots_of(LADDERS[LADDERS["unit"] == "person"], tallies), 1)
    assert list(zip(told["ladder"], told["other"], strict=True)) == [(0, 0), (0, 1), (1, 1)]
    everybody = [("p", metric_id, date(2010, 4, 1), 1, "e") for metric_id in UNITS]
    pairs = [("a", "a"), ("a", "single"), ("single", "single")]
    assert overlaps(everybody) == {(*pair, "2010-11"): 1 for pair in pairs}


def test_two_ladders_are_named_in_the_order_of_the_alphabet_whatever_order_they_have() -> None:
    turned = LADDERS.assign(ladder=4 - LADDERS["ladder"])
    claims = [("p", metric_id, date(2010, 4, 1), 1, "e") for metric_id in ("a", "single")]
    assert ("a", "single", "2010-11") in overlaps(claims, turned)
