"""Reading participant-level claims into the facts, as the counts that their contracts would have reported.

Belongs here: which contracts have claims, what is known of their metrics, and from counts by year to the rows of
``outcomes``. What a claim must look like is in ``row_rules``, how claims are counted in ``reduction``, on which engine
in ``engines``.
"""

from calendar import monthrange
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.claims.engines import EngineChoice, EngineError, claims_in, opened, pseudonyms, speaking_of_no_claim
from pipeline.claims.files import header_of, must_be_parquet, on_their_lines
from pipeline.claims.marks import CONTRACT_PREFIX
from pipeline.claims.reduction import claim_cells, claim_counts, claim_overlaps, claim_tallies, ladders_of
from pipeline.claims.row_rules import (
    COLUMNS,
    Bounds,
    column_problems,
    problems_of_rows,
    row_rules,
    type_problems,
    typed,
    with_text_ids,
)
from pipeline.facts.files import UnreadableFileError
from pipeline.facts.problems import Problem
from pipeline.facts.raw import CLAIMS_FILES, COUNTED_FROM, FILES, RawFacts, contract_folders, read_raw
from pipeline.facts.reference import Reference
from pipeline.tables.claims import ClaimCounts, ClaimedMetrics, ClaimOverlaps
from pipeline.tables.dates import last_day
from pipeline.tables.raw import RawOutcomes, RawPayments
from pipeline.tables.reference import MetricOutcomes, OutcomeTypes
from pipeline.tables.typed import DataFrame

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend


@dataclass(frozen=True)
class _Counted:
    """What the claims of a contract come to, and the day of the last claim."""

    counts: DataFrame[ClaimCounts]
    overlaps: DataFrame[ClaimOverlaps]
    last_day: date


@dataclass(frozen=True)
class _Claimed:
    """A contract with claims: its row of ``contracts``, its file, its metrics, and what they are mapped to."""

    contract: pd.Series
    path: Path
    shown_path: str
    metrics: pd.DataFrame
    metric_outcomes: DataFrame[MetricOutcomes]
    published: dict[str, date]  # when the source of a metric was, where that is known
    today: date

    @property
    def contract_id(self) -> str:
        """Id of the contract."""
        return str(self.contract["contract_id"])

    def bounds(self) -> Bounds:
        """What its claims may say."""
        mapped = self.metric_outcomes.set_index("metric_id")["milestone"]
        in_pounds = self.metrics.loc[self.metrics["unit"] == "pound", "metric_id"]
        return Bounds(
            milestones={name: float(mapped.get(name, float("nan"))) for name in self.metrics["metric_id"]},
            in_pounds=frozenset(in_pounds),
            published=self.published,
            today=self.today,
            service_start=_day_of(self.contract["service_start"]),
            service_end=_day_of(self.contract["service_end"]),
            is_synthetic=self.contract_id.startswith(CONTRACT_PREFIX),
        )


def read_facts(
    raw_dir: Path,
    reference: Reference,
    only: Collection[str] | None = None,
    engine: EngineChoice | None = None,
    on_step: Callable[[str], None] = lambda step: None,
    today: date | None = None,
) -> tuple[RawFacts, list[Problem]]:
    """Read contract folders with their claims (all, or those named in ``only``), and every problem found in them.

    As ``read_raw``; a contract with claims has rows in ``outcomes``, as if it had reported totals, in ``claim_counts``
    and in ``claim_overlaps``. ``engine``: by default the one that the environment names. ``on_step``: is told whose
    claims are counted, which may take minutes. ``today``: nobody has reached anything after that day; by default that
    of this machine's clock. With problems the facts must not be used. Raises ``ValueError`` for an engine that does not
    exist.
    """
    facts, problems = read_raw(raw_dir, reference.corrections, only, reference.folder)
    problems.extend(_synthetic_beside_real(raw_dir))
    # What is wrong with payments, say, need not keep the claims from being read, so that all is told at once.
    needed = ("", *COUNTED_FROM, FILES["contracts"], FILES["outcomes"])
    places = (problem.path.partition("/")[2].partition("/") for problem in problems)
    spoilt = {contract for contract, _, file in places if file in needed}
    claimed = [
        each
        for each in _with_claims(raw_dir, facts, reference, today or date.today())
        if each.contract_id not in spoilt
    ]
    if not claimed:
        return facts, problems
    parts = [(facts.outcomes, facts.claim_counts, facts.claim_overlaps)]
    with opened(engine or EngineChoice.from_environment()) as backend:
        for each in claimed:
            on_step(f"counting the claims of {each.contract_id} ({each.path.stat().st_size / 1e6:,.1f} MB)")
            found, counted = _counted(backend, each)
            problems.extend([*found, *_payments_by_metric(facts.payments, each)])
            if counted:
                parts.append((_as_outcomes(counted, each), counted.counts, counted.overlaps))
    outcomes, counts, overlaps = (pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True))
    return replace(
        facts,
        outcomes=RawOutcomes.validate(outcomes, lazy=True),
        claim_counts=counts,
        claim_overlaps=overlaps,
    ), problems


def _synthetic_beside_real(raw_dir: Path) -> Iterator[Problem]:
    """Synthetic contracts have a project of their own: in an edition of real ones they would be counted."""
    synthetic = [name for name in contract_folders(raw_dir) if name.startswith(CONTRACT_PREFIX)]
    if len(synthetic) < len(contract_folders(raw_dir)):
        for name in synthetic:
            expected = "a raw folder of its own: publicvalue synthetic-claims makes one"
            yield Problem(f"{raw_dir.name}/{name}", 0, "folder", "a synthetic contract beside real ones", "", expected)


def _payments_by_metric(payments: DataFrame[RawPayments], claimed: _Claimed) -> Iterator[Problem]:
    """Payments for one metric, divided by its price, would give away a count that is withheld."""
    by_metric = payments[(payments["contract_id"] == claimed.contract_id) & (payments["metric_id"] != "")]
    path = claimed.shown_path.replace(claimed.path.name, FILES["payments"])
    for row in by_metric["row"]:
        expected = "no metric where there are claims: the payments of a period together"
        yield Problem(path, int(row), "metric_id", "a payment that gives a count away", expected=expected)


def _with_claims(raw_dir: Path, facts: RawFacts, reference: Reference, today: date) -> Iterator[_Claimed]:
    published = dict(zip(reference.sources["source_id"], reference.sources["published"], strict=True))
    for _, contract in facts.contracts.iterrows():
        contract_id = contract["contract_id"]
        for name in CLAIMS_FILES:
            if (raw_dir / contract_id / name).is_file():
                mapping = reference.metric_outcomes[reference.metric_outcomes["contract_id"] == contract_id]
                mapping = mapping.drop_duplicates("metric_id")
                metrics = _metrics(contract, facts.claimed_metrics, mapping, reference.outcome_types)
                days = {row.metric_id: last_day(published.get(row.source_id, "")) for row in metrics.itertuples()}
                yield _Claimed(
                    contract=contract,
                    path=raw_dir / contract_id / name,
                    shown_path=f"{raw_dir.name}/{contract_id}/{name}",
                    metrics=metrics,
                    metric_outcomes=mapping,
                    published={metric_id: day for metric_id, day in days.items() if day},
                    today=today,
                )


def _metrics(
    contract: pd.Series,
    described: DataFrame[ClaimedMetrics],
    mapping: DataFrame[MetricOutcomes],
    outcome_types: DataFrame[OutcomeTypes],
) -> pd.DataFrame:
    """What is known of the metrics of a contract: from its ``metrics.csv``, or else from how they are mapped."""
    own = described[described["contract_id"] == contract["contract_id"]]
    if len(own):
        return own.drop(columns="row").reset_index(drop=True)
    types = outcome_types.drop_duplicates("outcome_id").set_index("outcome_id")
    names, units = types["name"], types["unit"]
    labels = [
        names.get(row.outcome_id, row.outcome_id)
        + (f", {row.milestone:g} {row.milestone_unit}s" if row.milestone > 0 else "")
        for row in mapping.itertuples()
    ]
    return pd.DataFrame(
        {
            "contract_id": contract["contract_id"],
            "metric_id": mapping["metric_id"].to_numpy(),
            "label": labels,
            # People, unless the outcome itself is an event.
            "unit": ["incident" if units.get(outcome) == "incident" else "person" for outcome in mapping["outcome_id"]],
            "is_net_of_deadweight": False,
            "source_id": contract["source_id"].split("; ")[0],
            "locator": "claims",
        }
    )


def _counted(backend: "BaseBackend", claimed: _Claimed) -> tuple[list[Problem], _Counted | None]:
    """What is wrong with the claims of a contract, else what they come to."""
    try:
        with speaking_of_no_claim(backend):
            claims, problems = _read(backend, claimed)
            if claims is None or problems:
                return problems, None
            ladders = ladders_of(claimed.metrics, claimed.metric_outcomes)
            tallies = backend.to_pyarrow(claim_tallies(claims)).to_pandas()
            cells = backend.to_pyarrow(claim_cells(claims, ladders, tallies, pseudonyms(backend))).to_pandas()
    except UnreadableFileError as error:
        return [error.problem], None
    except EngineError as error:
        what = f"not readable as {claimed.path.suffix[1:].upper()}: {error.why}"
        return [Problem(claimed.shown_path, error.line, "file", what)], None
    counts = claim_counts(claimed.contract_id, cells, tallies, ladders)
    overlaps = claim_overlaps(claimed.contract_id, cells, ladders)
    return [], _Counted(counts, overlaps, pd.Timestamp(max(tallies["last_day"])).date())


def _read(backend: "BaseBackend", claimed: _Claimed) -> tuple["ir.Table | None", list[Problem]]:
    """The claims of a contract, each column of its type, and what is wrong with them.

    Of rows nothing is said while something is wrong with the columns; then there are no claims.
    """
    path, shown_path = claimed.path, claimed.shown_path
    is_csv = path.suffix == ".csv"
    if is_csv:
        columns = header_of(path, shown_path, COLUMNS)
    else:
        must_be_parquet(path, shown_path)
        columns = list(claims_in(backend, path).columns)
    if problems := list(column_problems(columns, shown_path)):
        return None, problems
    raw = claims_in(backend, path, columns)
    if problems := list(type_problems(raw.schema(), shown_path)):
        return None, problems
    claims = with_text_ids(raw)
    first_row = 2 if is_csv else 1
    rules = row_rules(claims.schema(), claimed.bounds())
    problems = problems_of_rows(backend, claims, rules, shown_path, first_row)
    return typed(claims), on_their_lines(problems, path, first_row) if is_csv and problems else problems


def _as_outcomes(counted: _Counted, claimed: _Claimed) -> DataFrame[RawOutcomes]:
    """The counts as the contract would have reported them: of each metric, at the end of each year, all so far."""
    counts = counted.counts
    years = [_first_year_of(year) for year in sorted(set(counts["financial_year"]))]
    ends = {year: date(year + 1, 3, 31) for year in range(years[0], years[-1] + 1)}
    ends[years[-1]] = _end_of_month(counted.last_day)
    by_year = counts.assign(year=counts["financial_year"].map(_first_year_of))
    totals = by_year.pivot_table(index="metric_id", columns="year", values="quantity", aggfunc="sum", fill_value=0.0)
    totals = totals.reindex(index=claimed.metrics["metric_id"], columns=list(ends), fill_value=0.0).cumsum(axis=1)
    rows = totals.rename_axis("metric_id").reset_index().melt("metric_id", var_name="year", value_name="quantity")
    is_last = rows["year"] == years[-1]
    is_complete = claimed.contract["stage"] == "complete"
    published = pd.to_datetime(rows["metric_id"].map(claimed.published))
    period_end = pd.to_datetime(rows["year"].map(ends))
    period_end = period_end.where(~(period_end > published), published)
    outcomes = (
        rows.merge(claimed.metrics.drop(columns="locator"), on="metric_id", validate="many_to_one")
        .assign(
            result_type=["final" if last and is_complete else "interim" for last in is_last],
            period_start=pd.Timestamp(years[0], 4, 1),
            period_end=period_end,
            locator=[f"{claimed.path.name} to {end:%B %Y}" for end in period_end],
            row=0,
        )
        .sort_values(["metric_id", "year"], kind="stable")
        .drop(columns="year")
    )
    # Of a metric whose source was published earlier than that of others nothing is known of the years after.
    return outcomes.drop_duplicates(["metric_id", "period_end"], keep="last")


def _first_year_of(financial_year: str) -> int:
    """The calendar year in which a financial year begins."""
    return int(financial_year[:4])


def _end_of_month(day: date) -> date:
    """The end of the month of a day: the day itself would be that of somebody's claim."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _day_of(when: pd.Timestamp) -> date | None:
    return None if pd.isna(when) else when.date()
