"""``make bench``: from a contract's claims to pounds, beside what one would write by hand for these claims alone.

Belongs here: several ways to the same counts and the same pounds, each in a process of its own so that its peak of
memory is its own, on two processors and with as much memory for DuckDB as a run gives it. They must agree, or there is
nothing to compare. Seconds depend on the machine and on what else it does: their ratios count.

The claims are synthetic (``pipeline.synthetic``), at the rates of a real contract, some five for each person.
They are made once for each size and kept in a folder, ``build/claims-bench`` unless another is named; a change to how
they are made calls for a new one. ``--write`` keeps what was measured in ``docs/``, as figures and as a chart.
``--by-rule`` measures instead what a run spends its processor time on, rule by rule; what is kept of the largest size
comes into ``docs/claims.md`` with ``python -m tools.figures``.

By hand all is done that these claims need and nothing else: a person is one number, of which each bit is a metric and a
year from its first to its last. It takes a rate card and years that fit into 64 bits, and counts people only; the run's
reduction also takes time and events, tells gaps in ladders apart, and is one expression for DuckDB and Spark.
"""

import argparse
import functools
import json
import math
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq

from pipeline.claims.engines import EngineChoice, claims_in, opened, pseudonyms
from pipeline.claims.ids import FIRST_OF_LONG_WORDS, LONGEST_WORD, PARTS_OF_NUMBERS
from pipeline.claims.marks import EVIDENCE_PREFIX
from pipeline.claims.reduction import claim_cells, claim_counts, claim_tallies, ladders_of
from pipeline.claims.row_rules import (
    SHARED,
    Bounds,
    Rule,
    counted,
    problems_of_rows,
    row_rules,
    suspect_form,
    suspect_rules,
    typed,
    with_text_ids,
)
from pipeline.common.files import written_whole
from pipeline.facts.plain import FIRST_DAY
from pipeline.facts.raw import read_raw
from pipeline.facts.reference import read_reference
from pipeline.load import load
from pipeline.method.valuation import value_edition
from pipeline.report.charts.theme import THEME
from pipeline.report.drawing import Spec, as_svg
from pipeline.synthetic.claims import contract_ladders, write_claims
from pipeline.synthetic.project import synthetic_project
from pipeline.tables.reference import is_priced

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

CONTRACT, EDITION, SEED = "INDIGO-POJ-0137", "open-2026", 1
CLAIMS_A_PERSON = 5
MILLION = 1_000_000
PROCESSORS = 2
# More would not fit into the memory of most machines.
MOST_FOR_PANDAS = 20 * MILLION
# So many people stand for the rates of the contract when it is asked what one count more is worth.
PEOPLE_OF_RATES = MILLION
REST = "reference tables, facts, value"
FIGURES, CHART = Path("docs/claims-benchmark.json"), Path("docs/images/claims-benchmark.svg")

# How many were first there, by metric and the calendar year in which the financial year begins.
Counts = dict[tuple[str, int], int]


@dataclass(frozen=True)
class Answer:
    """What a way comes to: counts, and pounds where it goes so far."""

    counts: Counts
    pounds: float | None = None


@dataclass(frozen=True)
class Measured:
    """What a way takes: seconds, seconds of all processors, megabytes of memory at the peak."""

    seconds: float
    processor_seconds: float
    peak_mb: float


# --- The claims -----------------------------------------------------------------------------------------------


def made(cache: Path, people: int) -> Path:
    """Return the project of one contract with the claims of so many people; made if it is not there yet."""
    folder = cache / f"{people}-people"
    if (folder / "worth.json").exists():
        return folder
    synthetic_project(Path("raw"), Path("reference"), folder, SEED, [CONTRACT])
    facts, reference = load(Path("raw"), Path("reference"), [CONTRACT])
    engaged = int(facts.contracts["people_engaged"].iloc[0])
    ladders = contract_ladders(facts.outcomes, reference.metric_outcomes, engaged)
    mapping = reference.metric_outcomes[reference.metric_outcomes["contract_id"] == CONTRACT]
    # Only what is worth something: five claims for each person.
    ladders = ladders[ladders["metric_id"].isin(mapping.loc[is_priced(mapping["treatment"]), "metric_id"])]
    contract = claims_of(folder).with_name("contract.toml")
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace(f"people_engaged = {engaged}", f"people_engaged = {people}"), encoding="utf-8")
    write_claims(claims_of(folder), people, ladders, SEED)

    shares = ladders.set_index("metric_id")["share"]
    outcomes = facts.outcomes.assign(quantity=facts.outcomes["metric_id"].map(shares).fillna(0) * PEOPLE_OF_RATES)

    def pounds(metric_id: str = "") -> float:
        more = outcomes["quantity"] + (outcomes["metric_id"] == metric_id) * PEOPLE_OF_RATES / 1000
        changed = replace(facts, outcomes=outcomes.assign(quantity=more))
        valued = value_edition(changed, reference, reference.editions[EDITION])
        return float(valued.contract_value["public_value_gbp"].sum())

    at_first = pounds()
    worth = {metric_id: (pounds(metric_id) - at_first) / PEOPLE_OF_RATES * 1000 for metric_id in shares.index}
    (folder / "worth.json").write_text(json.dumps(worth), encoding="utf-8")
    return folder


def claims_of(project: Path) -> Path:
    """Return the file of claims of a project of one contract."""
    (path,) = project.glob("raw/*/claims.parquet")
    return path


def worth(counts: Counts, project: Path) -> float:
    """Return the pounds that counts come to, each by what one more of its metric is worth."""
    one: dict[str, float] = json.loads((project / "worth.json").read_text(encoding="utf-8"))
    return math.fsum(one[metric_id] * count for (metric_id, _), count in counts.items())


# --- The ways -------------------------------------------------------------------------------------------------


def plain_read(project: Path) -> Answer:
    """Read each value of the columns that are needed, and nothing else."""
    with _duckdb() as db:
        db.sql(
            "select sum(strlen(participant_id)), sum(strlen(metric_id)), sum(achieved_on - date '2000-01-01') "
            f"from '{claims_of(project)}'"
        ).fetchall()
    return Answer({})


def by_hand(project: Path) -> Answer:
    """SQL for these claims: of each person one number, in which each metric and year has a bit."""
    claims = claims_of(project)
    with _duckdb() as db:
        days = db.sql(f"select metric_id, min(achieved_on), max(achieved_on) from '{claims}' group by 1").fetchall()
        places: list[tuple[str, int, int, int]] = []
        place = 0
        for metric_id, *ends in sorted(days):
            first, last = (day.year - (day.month < 4) for day in ends)
            places.append((metric_id, place, first, last))
            place += last - first + 1
        if place > 63:
            raise ValueError("more metrics and years than bits")
        db.execute("create table places (metric_id varchar, place integer, first integer, last integer)")
        db.executemany("insert into places values (?, ?, ?, ?)", places)
        year = "year(achieved_on) - (month(achieved_on) < 4)::integer"
        years = range(max(last - first + 1 for _, _, first, last in places))
        earliest = " ".join(
            f"when first + {n} <= last and (bits >> (place + {n})) & 1 = 1 then first + {n}" for n in years
        )
        rows = db.execute(
            f"""
            with people as (
                select hash(? || participant_id) as person, bit_or(1::bigint << (place + {year} - first)) as bits
                from '{claims}' join places using (metric_id) group by person
            ),
            patterns as (select bits, count(*) as people from people group by bits)
            select metric_id, case {earliest} end as year, sum(people)
            from patterns, places group by 1, 2 having year is not null
            """,
            [secrets.token_hex(16)],
        ).fetchall()
    return _answer(rows, project)


def _is_looked_at(column: str) -> str:
    """Whether an id may be none, as the run asks it."""
    parts = " or ".join(f"contains({column}, '{part}')" for part in PARTS_OF_NUMBERS)
    begins = " or ".join(
        f"({column} >= '{each}' and {column} < '{chr(ord(each) + 1)}')" for each in FIRST_OF_LONG_WORDS
    )
    return (
        f"url_encode({column}) <> {column} or strlen({column}) <= 10 or strlen({column}) = 12 "
        f"or case when {column} < ':' then {column} < '0' or {parts} else false end "
        f"or ({column} >= '_' and {column} < '`') or {column} >= '~' "
        f"or case when strlen({column}) <= {LONGEST_WORD} then {begins} else false end"
    )


def checked_by_hand(project: Path) -> Answer:
    """SQL for these claims, with all rules that the run has for rows: one pass for these, then ``by_hand``."""
    of_person, of_record = suspect_form("participant_id"), suspect_form("evidence_id")
    with _duckdb() as db:
        broken = db.execute(
            f"""
            select sum((
                mapped.metric_id is null or claims.milestone <> mapped.milestone
                or achieved_on is null or achieved_on < date '{FIRST_DAY}' or amount_gbp < 0
                or participant_id is null or participant_id = '' or evidence_id is null or evidence_id = ''
                or not starts_with(evidence_id, '{EVIDENCE_PREFIX}')
                or case when {_is_looked_at("participant_id")} then regexp_matches(participant_id, ?) else false end
                or case when {_is_looked_at("evidence_id")} then regexp_matches(evidence_id, ?) else false end
            )::integer)
            from '{claims_of(project)}' as claims
            left join '{project}/reference/metric_outcomes.csv' as mapped using (metric_id)
            """,
            [of_person, of_record],
        ).fetchall()[0][0]
    if broken:
        raise ValueError(f"something is wrong with {broken} claims")
    return by_hand(project)


def plain_sql(project: Path) -> Answer:
    """SQL as one writes it first: the first day of each person and metric, then the people of each year."""
    with _duckdb() as db:
        rows = db.execute(
            f"""
            with firsts as (
                select hash(? || participant_id) as person, metric_id, min(achieved_on) as day
                from '{claims_of(project)}' group by person, metric_id
            )
            select metric_id, year(day) - (month(day) < 4)::integer as year, count(*) from firsts group by 1, 2
            """,
            [secrets.token_hex(16)],
        ).fetchall()
    return _answer(rows, project)


def polars(project: Path) -> Answer:
    """Polars, lazy and streaming: as the plain SQL."""
    import polars as pl

    day = pl.col("achieved_on")
    firsts = (
        pl.scan_parquet(claims_of(project))
        .select("metric_id", day, person=pl.concat_str(pl.lit(secrets.token_hex(16)), "participant_id").hash())
        .group_by("person", "metric_id")
        .agg(day.min())
    )
    counts = firsts.group_by("metric_id", year=day.dt.year() - (day.dt.month() < 4).cast(pl.Int32)).len()
    return _answer(counts.collect(engine="streaming").rows(), project)


def pandas(project: Path) -> Answer:
    """pandas, all in memory and ids as they are: as the plain SQL."""
    columns = ["participant_id", "metric_id", "achieved_on"]
    table = pq.read_table(claims_of(project), columns=columns, read_dictionary=["metric_id"])
    claims = table.to_pandas(date_as_object=False, self_destruct=True)
    del table
    firsts = claims.groupby(["participant_id", "metric_id"], observed=True, sort=False)["achieved_on"].min()
    year = firsts.dt.year - (firsts.dt.month < 4)
    counts = year.groupby([firsts.index.get_level_values("metric_id"), year], observed=True).size()
    return _answer([(*key, count) for key, count in counts.items()], project)


def ours(project: Path) -> Answer:
    """As a run does it: from the files, with all rules for rows and tables, to the value of the contract."""
    facts, reference = load(project / "raw", project / "reference")
    # Nothing is withheld here: the other ways withhold nothing either.
    edition = replace(reference.editions[EDITION], disclosure_threshold=0, disclosure_rounding=1)
    valued = value_edition(facts, reference, edition)
    return Answer(_counts(facts.claim_counts), float(valued.contract_value["public_value_gbp"].sum()))


def rules(project: Path) -> Answer:
    """Of ours, the rules for rows."""
    with opened(EngineChoice()) as backend:
        claims = with_text_ids(claims_in(backend, claims_of(project)))
        problems = problems_of_rows(backend, claims, _rules(project, claims), "claims.parquet", 1)
    if problems:
        raise ValueError(f"something is wrong with the claims: {problems[0]}")
    return Answer({})


def reduction(project: Path) -> Answer:
    """Of ours, the reduction to counts, with the tallies."""
    metrics, mapping = _metrics(project)
    ladders = ladders_of(metrics, mapping)
    with opened(EngineChoice()) as backend:
        claims = typed(with_text_ids(claims_in(backend, claims_of(project))))
        tallies = backend.to_pyarrow(claim_tallies(claims)).to_pandas()
        cells = backend.to_pyarrow(claim_cells(claims, ladders, tallies, pseudonyms(backend))).to_pandas()
    counts = _counts(claim_counts(mapping["contract_id"].iloc[0], cells, tallies, ladders))
    return Answer(counts, worth(counts, project))


WAYS: Mapping[str, Callable[[Path], Answer]] = {
    "plain read": plain_read,
    "SQL by hand": by_hand,
    "SQL by hand, checked": checked_by_hand,
    "plain SQL": plain_sql,
    "Polars": polars,
    "pandas": pandas,
    "ours": ours,
    "ours, reduction": reduction,
    "ours, rules for rows": rules,
}
LIMITS = {"SQL by hand": "× by hand", "SQL by hand, checked": "× checked", "plain read": "× plain read"}


def _duckdb() -> "duckdb.DuckDBPyConnection":
    import duckdb

    folder = Path(tempfile.gettempdir()) / f"claims-benchmark-{os.getpid()}"
    return duckdb.connect(
        config={"memory_limit": EngineChoice().memory, "threads": PROCESSORS, "temp_directory": str(folder)}
    )


def _answer(rows: Sequence[tuple[Any, ...]], project: Path) -> Answer:
    counts = {(str(metric_id), int(year)): int(count) for metric_id, year, count in rows}
    return Answer(counts, worth(counts, project))


def _counts(table: pd.DataFrame) -> Counts:
    """``ClaimCounts`` as counts."""
    return {(row.metric_id, int(row.financial_year[:4])): int(row.quantity) for row in table.itertuples(index=False)}


def _metrics(project: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``ClaimedMetrics`` of a project of one contract, and how they are mapped."""
    reference, _ = read_reference(project / "reference")
    facts, _ = read_raw(project / "raw", reference.corrections)
    return facts.claimed_metrics, reference.metric_outcomes


def _rules(project: Path, claims: "ir.Table") -> list[Rule]:
    """The rules for rows that a run has for a project of one contract, in which nothing is counted in pounds."""
    reference, _ = read_reference(project / "reference")
    facts, _ = read_raw(project / "raw", reference.corrections)
    mapping, contract = reference.metric_outcomes, facts.contracts.iloc[0]
    bounds = Bounds(
        milestones=dict(zip(mapping["metric_id"], mapping["milestone"], strict=True)),
        in_pounds=(),
        today=date.today(),
        service_start=contract["service_start"].date(),
        service_end=contract["service_end"].date(),
        is_synthetic=True,
    )
    return row_rules(claims.schema(), bounds)


# --- Measuring ------------------------------------------------------------------------------------------------


def must_agree(answers: Mapping[str, Answer]) -> None:
    """Raise ``ValueError`` unless all that count have the same counts, and all that value the same pounds."""
    told = {name: answer for name, answer in answers.items() if answer.counts}
    first, *others = told
    for name in others:
        if told[name].counts != told[first].counts:
            different = dict(told[name].counts.items() ^ told[first].counts.items())
            raise ValueError(f"{name} and {first} do not count alike: {sorted(different)}")
        if not math.isclose(told[name].pounds or 0, told[first].pounds or 0, rel_tol=1e-6):
            raise ValueError(f"{name} and {first}: £{told[name].pounds} and £{told[first].pounds}")


def measured(names: Sequence[str], project: Path, rounds: int) -> dict[str, tuple[Measured, Answer]]:
    """Return the best of some measurements of each way, each in a process of its own, and its answer.

    In rounds, so that a slow minute of the machine falls on all ways and not on one.
    """
    every = [{name: _in_a_process(name, project) for name in names} for _ in range(rounds)]
    return {name: min((each[name] for each in every), key=lambda one: one[0].seconds) for name in names}


def _in_a_process(name: str, project: Path) -> tuple[Measured, Answer]:
    command = [sys.executable, __file__, "--only", name, "--project", str(project)]
    environment = {**os.environ, "POLARS_MAX_THREADS": str(PROCESSORS)}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    said = json.loads(done.stdout.splitlines()[-1])
    counts = {(metric_id, year): count for metric_id, year, count in said["counts"]}
    return Measured(**said["measured"]), Answer(counts, said["pounds"])


def _measure_here(name: str, project: Path) -> None:
    """Measure a way in this process, and print what it takes and its answer for the one that has started it."""
    _take_processors()
    _warm(name)
    before = resource.getrusage(resource.RUSAGE_SELF)
    begin = time.perf_counter()
    answer = WAYS[name](project)
    seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_SELF)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = Measured(seconds, processor, after.ru_maxrss / 1024)
    counts = [[metric_id, year, count] for (metric_id, year), count in answer.counts.items()]
    print(json.dumps({"measured": asdict(found), "counts": counts, "pounds": answer.pounds}))


def _take_processors() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])


def _warm(name: str) -> None:
    """Import what a way needs: a run imports it once, whatever there is to read."""
    if name == "Polars":
        import polars  # noqa: F401
    elif "SQL" in name or name == "plain read":
        import duckdb  # noqa: F401
    elif name.startswith("ours"):
        import ibis

        ibis.duckdb.connect().disconnect()


# --- By rule --------------------------------------------------------------------------------------------------


def passes(backend: "BaseBackend", project: Path) -> dict[str, dict[str, "ir.Expr"]]:
    """Return what a run asks of the claims, pass by pass; each query of a pass does one part more than that before it.

    What is first in a column reads it, too. Rules of ``SHARED`` columns are asked of claims that are alike, at once.
    """
    claims = with_text_ids(claims_in(backend, claims_of(project)))
    found = [*_rules(project, claims), *suspect_rules()]
    asked: list[Rule] = []
    of_rows = {f"claims alike in {', '.join(SHARED)}, told apart": counted(claims, asked)}
    for column in dict.fromkeys((*SHARED, *(rule.column for rule in found))):
        of_column = [rule for rule in found if rule.column == column]
        for together in [of_column] if column in SHARED else [[rule] for rule in of_column]:
            asked += together
            of_rows[f"{column}: {'; '.join(rule.what for rule in together)}"] = counted(claims, asked)
    claims, ladders, pseudonym = typed(claims), ladders_of(*_metrics(project)), pseudonyms(backend)
    tallies = backend.to_pyarrow(claim_tallies(claims)).to_pandas()
    people = {
        "pseudonyms": pseudonym(claims.participant_id).max(),
        "cells of people": claim_cells(claims, ladders, tallies, pseudonym),
    }
    return {"rules for rows": of_rows, "tallies": {"tallies": claim_tallies(claims)}, "counts of people": people}


def by_rule(project: Path, rounds: int) -> dict[str, Any]:
    """Return the processor seconds of the plain read and what each part of a run adds, by pass: the best of rounds."""
    best: dict[str, float] = {}
    with opened(EngineChoice()) as backend:
        asked = passes(backend, project)
        work: dict[str, Callable[[], Any]] = {
            way: functools.partial(WAYS[way], project) for way in ("plain read", "ours")
        }
        for queries in asked.values():
            work |= {name: functools.partial(backend.to_pyarrow, query) for name, query in queries.items()}
        for name, do in [*work.items()] * rounds:
            begin = time.process_time()
            do()
            best[name] = min(best.get(name, math.inf), time.process_time() - begin)
    added = {
        of: {name: best[name] - best.get(before, 0) for before, name in pairwise(["", *queries])}
        for of, queries in asked.items()
    }
    rest = best["ours"] - sum(sum(parts.values()) for parts in added.values())
    return {"plain_read": best["plain read"], "added": added | {REST: {REST: rest}}}


def by_rule_table(figures: Mapping[str, Any]) -> str:
    """Return ``by_rule`` as a table of Markdown: each pass, and its parts where it has several."""
    whole = sum(sum(parts.values()) for parts in figures["added"].values())
    lines = [("plain read of the three columns", figures["plain_read"])]
    for name, parts in figures["added"].items():
        lines.append((f"**{name}**", sum(parts.values())))
        lines += parts.items() if len(parts) > 1 else []
    lines.append(("**ours**", whole))
    heads = [f"| processor time, {figures['claims']:,} claims | × plain read | share of ours |", "|---|---:|---:|"]
    read = figures["plain_read"]
    rows = [f"| {name} | {seconds / read:.2f} | {round(100 * seconds / whole)}% |" for name, seconds in lines]
    return "\n".join([*heads, *rows])


# --- Printing -------------------------------------------------------------------------------------------------


def table(claims: int, found: Mapping[str, Measured]) -> str:
    """Return what was measured at one size, a line for each way."""
    heads = ["seconds", "processor s", *LIMITS.values(), "peak MB", "claims a second"]
    lines = [f"{'':22}" + "".join(f"{head:>16}" for head in heads)]
    for name, one in found.items():
        cells = [
            f"{one.seconds:.1f}",
            f"{one.processor_seconds:.1f}",
            *(f"{one.seconds / found[limit].seconds:.2f}" for limit in LIMITS),
            f"{one.peak_mb:,.0f}",
            f"{claims / one.seconds:,.0f}",
        ]
        lines.append(f"{name:22}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


def growth(sizes: Mapping[int, Mapping[str, Measured]]) -> str:
    """Return how the time of each way grows with the number of claims: 1 is in proportion."""
    lines = []
    for smaller, larger in zip(sizes, list(sizes)[1:], strict=False):
        for name in sizes[larger]:
            times = sizes[larger][name].seconds / sizes[smaller][name].seconds
            lines.append(f"{name:22}{larger / smaller:8.1f} times the claims take {times:6.1f} times as long")
    return "\n".join(lines)


def chart(figures: Mapping[str, Any]) -> Spec:
    """Return the chart of what was measured: seconds against claims, both on log scales, a line for each way."""
    rows = [
        {"way": name, "claims": size["claims"], "seconds": one["seconds"]}
        for size in figures["sizes"]
        for name, one in size["ways"].items()
    ]
    title = "From claims to pounds: seconds against claims"
    line = "Two processors. Ours, and SQL by hand where it says so, with all rules for rows; the others without."
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{title}. {line}",
        "title": {"text": title, "subtitle": line},
        "config": THEME | {"range": {"category": {"scheme": "tableau10"}}},
        "width": 520,
        "height": 320,
        "data": {"values": rows},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": "claims",
                "type": "quantitative",
                "scale": {"type": "log", "nice": False, "domainMax": 10 ** round(math.log10(rows[-1]["claims"]))},
                "axis": {"title": "claims", "format": "~s", "values": [10**n for n in range(4, 10)]},
            },
            "y": {
                "field": "seconds",
                "type": "quantitative",
                "scale": {"type": "log"},
                "axis": {"title": "seconds", "format": "~g", "values": [10.0**n for n in range(-2, 4)]},
            },
            "color": {"field": "way", "type": "nominal", "sort": list(WAYS), "legend": {"columns": 4}},
            "strokeWidth": {"condition": {"test": "indexof(datum.way, 'ours') == 0", "value": 3}, "value": 1.2},
        },
    }


def main() -> None:
    """Print what each way takes at each size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=float, nargs="+", default=[1, 10], help="millions of claims [1 10]")
    parser.add_argument("--cache", type=Path, default=Path("build/claims-bench"), help="where the claims are kept")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each way, of which the best counts [3]")
    parser.add_argument("--by-rule", action="store_true", help="what a run spends its processor time on, by rule")
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {FIGURES} and draw them")
    parser.add_argument("--only", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--project", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.only:
        _measure_here(chosen.only, chosen.project)
        return
    by_size: dict[int, dict[str, Measured]] = {}
    figures: dict[str, Any] = {
        "contract": CONTRACT,
        "processors": PROCESSORS,
        "memory_of_duckdb": EngineChoice().memory,
        "versions": {name: version(name) for name in ("duckdb", "ibis-framework", "pandas", "polars")},
        "sizes": [],
    }
    for millions in sorted(chosen.sizes):
        people = round(millions * MILLION / CLAIMS_A_PERSON)
        project = made(chosen.cache, people)
        claims = pq.read_metadata(claims_of(project)).num_rows
        if chosen.by_rule:
            _take_processors()
            figures = {"by_rule": {"claims": claims, "rounds": chosen.rounds} | by_rule(project, chosen.rounds)}
            print(f"{claims:,} claims of {people:,} people\n{by_rule_table(figures['by_rule'])}\n", flush=True)
            continue
        ways = [name for name in WAYS if name != "pandas" or claims <= MOST_FOR_PANDAS]
        found = measured(ways, project, chosen.rounds)
        must_agree({name: answer for name, (_, answer) in found.items()})
        by_size[claims] = {name: one for name, (one, _) in found.items()}
        size = claims_of(project).stat().st_size / MILLION
        print(f"{claims:,} claims of {people:,} people, {size:,.0f} MB; all ways agree on {CONTRACT}.")
        print(table(claims, by_size[claims]))
        print("" if "pandas" in found else "pandas would need more memory than most machines have.\n", flush=True)
        measurements = {name: asdict(one) for name, one in by_size[claims].items()}
        figures["sizes"].append({"claims": claims, "people": people, "ways": measurements})
    print(growth(by_size))
    if chosen.write:
        # Of the two that are measured apart the other stays.
        figures = json.loads(FIGURES.read_text(encoding="utf-8")) | figures
        for path, text in ((FIGURES, json.dumps(figures, indent=2) + "\n"), (CHART, as_svg(chart(figures)))):
            with written_whole(path) as fresh:
                fresh.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
