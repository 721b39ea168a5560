"""Checks that compare an edition with its last publication, and that publication read back.

Belongs here: what is read of the edition as it was last published, headlines laid out as tables, and each check with
its view, a pure function of the tables that its parameters name: ``published_…`` as readers will get them, ``last_…``
as they got them last.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.checks.compare import counts, long
from pipeline.checks.suite import Check, Suite
from pipeline.checks.sums import COUNTS
from pipeline.facts.editions import Edition
from pipeline.facts.files import read_whole
from pipeline.facts.versions import VERSIONS_FILE, hash_of_files, versions_of_edition
from pipeline.tables.kept import HELD_AGAINST
from pipeline.tables.publication import PublishedContracts, PublishedPayments, ReportedOutcomes
from pipeline.tables.reference import STANDS_FOR, Accepted
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, ValuedOutcomes
from pipeline.tables.vocabulary import NO_CAUSE

# What is read of the last edition, and the columns that are there even when nothing was published.
TABLES = {name: list(columns) for name, columns in HELD_AGAINST.items()}
COVERED = (*COUNTS, "outcome_payments_gbp")
HEADLINE_FIGURES = ("public_value_gbp", "fiscal_gbp", "outcome_payments_gbp", "bcr", "fiscal_bcr")
# By what a result and a payment are found again, beside the days of their period.
RESULT = ["contract_id", "metric_id", "result_type"]
PAYMENT = ["contract_id", "basis", "payer", "metric_id"]

# Bounds on what may change from one publication of an edition to the next without somebody saying that it is right.
MARKET_MAY_CHANGE_BY = 0.25
CONTRACT_MAY_CHANGE_BY = 0.5
UNIT_COST_MAY_CHANGE_BY = 0.5
PAST_MAY_CHANGE_BY = 0.1
# What is small may change by this much whatever its share.
CONTRACT_MAY_CHANGE_GBP = 100_000.0
RESULT_MAY_CHANGE = 10.0
PAYMENT_MAY_CHANGE_GBP = 10_000.0
# What a contract may have that nobody has seen before: three times the most that any has today (£6.60 for each £1), and
# five times (£69,130 for each person).
NEW_MAY_HAVE = {"bcr": 20.0, "public_value_per_person_gbp": 350_000.0}
# Of what the market comes to one contract may carry so much of a move.
ONE_CONTRACT_MAY_CARRY = 0.1
# What a bridge leaves to no cause, in pounds: what its sums are rounded by.
LEFT_GBP = 1.0
MOVED = {"public_value_gbp": "public value", "outcome_payments_real_gbp": "payments"}
MOVES = ("cause", "detail", "scope_kind", "scope", "measure", "term")
NOT_PUBLISHED = "the edition was never published in this folder, or a contract was withdrawn since"
NO_TABLES = "the last edition has no tables in this folder"


# --- The last publication, read back ---------------------------------------------------------------------------


def headline_tables(headline: Mapping[str, Any], versions: Mapping[str, str], prefix: str) -> dict[str, pd.DataFrame]:
    """Return a headline and its versions: ``<prefix>_headline`` (figure, value), ``<prefix>_versions`` (version, hash).

    Figures within figures are named with a dot: ``by_policy_area.health.bcr``.
    """
    figures = pd.DataFrame(_figures(headline), columns=["figure", "value"]).astype({"value": float})
    return {
        f"{prefix}_headline": figures,
        f"{prefix}_versions": pd.DataFrame(list(versions.items()), columns=["version", "hash"], dtype="str"),
    }


def _figures(headline: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    for name, value in headline.items():
        if isinstance(value, Mapping):
            yield from _figures(value, f"{path}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{path}{name}", float(value)


def last_edition(folder: Path) -> dict[str, pd.DataFrame]:
    """Return what is needed of an edition that lies in ``folder``: ``last_…`` tables.

    Where it was never published, only in part (a fresh copy of the project has the headlines alone), or cannot be
    read, tables are empty: then there is nothing to hold the next edition against.
    """
    try:
        headline = json.loads(read_whole(folder / "headline.json"))
    except (OSError, ValueError):
        headline = {}
    tables = headline_tables(headline if isinstance(headline, dict) else {}, versions_of_edition(folder), "last")
    # One that is kept has its tables beside its headline.
    place = folder / "tables" if (folder / "tables").is_dir() else folder
    return tables | {f"last_{name}": _read(place / f"{name}.parquet", TABLES[name]) for name in TABLES}


def version_of_last(folder: Path) -> str:
    """Return the version of all that is read of an edition when the next one is held against it."""
    tables = (f"{place}{name}.parquet" for place in ("", "tables/") for name in TABLES)
    return hash_of_files(folder, [folder / name for name in ("headline.json", VERSIONS_FILE, *tables)])


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        return pq.read_table(pa.BufferReader(read_whole(path)), columns=columns).to_pandas()
    except (OSError, pa.ArrowException):
        return pd.DataFrame({name: pd.Series(dtype="str" if name.endswith("_id") else "float64") for name in columns})


def moves(terms: pd.DataFrame | None) -> pd.DataFrame:
    """Return what the checks see of the bridge from the last publication: ``MOVES``, nothing where there is none."""
    if terms is not None:
        return terms[list(MOVES)]
    return pd.DataFrame({name: pd.Series(dtype="float64" if name == "term" else "str") for name in MOVES})


# --- What may change from one publication to the next ----------------------------------------------------------


def contracts_of_last(
    published_contract_value: DataFrame[ContractValue], last_contract_value: DataFrame[ContractValue]
) -> pd.DataFrame:
    """Each contract of the last edition, but those that their source has withdrawn since: its rows in this one."""
    now = counts(published_contract_value, ["contract_id"])
    ids = last_contract_value["contract_id"]
    found = now.reindex(ids[~ids.str.startswith(STANDS_FOR)]).fillna(0.0)
    return found.rename("found").reset_index().assign(expected=1.0)


def coverage_of_last(
    published_headline: pd.DataFrame, last_headline: pd.DataFrame, last_contract_value: DataFrame[ContractValue]
) -> pd.DataFrame:
    """Each measure of coverage, of the market and of each area: this edition has at least as much as the last.

    Nothing where the last edition had a contract that its source has withdrawn since.
    """
    view = _both_headlines(published_headline, _without_withdrawn(last_headline, last_contract_value))
    # Not the scenarios: what they cover follows from the choice that they try.
    is_covered = [f.rpartition(".")[2] in COVERED and not f.startswith("by_choice.") for f in view["figure"]]
    view = view[pd.Series(is_covered, index=view.index, dtype=bool)]
    return view.assign(lowest=view["last"], highest=float("inf"))


def market_beside_last(
    published_headline: pd.DataFrame, last_headline: pd.DataFrame, last_contract_value: DataFrame[ContractValue]
) -> pd.DataFrame:
    """The figures of the market, within a quarter of the last.

    Nothing where the last edition had a contract that its source has withdrawn since.
    """
    view = _both_headlines(published_headline, _without_withdrawn(last_headline, last_contract_value))
    return _within(view[view["figure"].isin(HEADLINE_FIGURES)], MARKET_MAY_CHANGE_BY)


def contracts_beside_last(
    published_contract_value: DataFrame[ContractValue], last_contract_value: DataFrame[ContractValue]
) -> pd.DataFrame:
    """Value and payments of each contract, within half of the last or £100,000."""
    key, names = ["contract_id"], ["public_value_gbp", "outcome_payments_gbp"]
    # What becomes known, or is known no longer, has changed from or to nothing.
    last, now = (long(table, key, names).fillna(0.0) for table in (last_contract_value, published_contract_value))
    return _within(_in_both(now, last).reset_index(), CONTRACT_MAY_CHANGE_BY, CONTRACT_MAY_CHANGE_GBP)


def past_periods(
    published_reported_outcomes: DataFrame[ReportedOutcomes],
    last_reported_outcomes: DataFrame[ReportedOutcomes],
    published_payments: DataFrame[PublishedPayments],
    last_payments: DataFrame[PublishedPayments],
) -> pd.DataFrame:
    """Results and payments of one period, then and now: within a tenth of the last, or 10 or £10,000 if that is more.

    A period that is reported anew with a later end is none of these; nor is a count that is withheld, then or now.
    """
    views = []
    for last_table, table, about, figure, at_least in (
        (last_reported_outcomes, published_reported_outcomes, RESULT, "quantity", RESULT_MAY_CHANGE),
        (last_payments, published_payments, PAYMENT, "amount_gbp", PAYMENT_MAY_CHANGE_GBP),
    ):
        last, now = (rows.groupby(_of_a_period(rows, about))[figure].sum(min_count=1) for rows in (last_table, table))
        view = _in_both(now, last).dropna().rename_axis("key").reset_index()
        views.append(_within(view, PAST_MAY_CHANGE_BY, at_least))
    return pd.concat(views, ignore_index=True)


def _of_a_period(table: pd.DataFrame, columns: list[str]) -> "pd.Series[str]":
    """What each row is about, as one text: what its columns say, and from when to when."""
    # Of an edition that was not published the days have no type.
    days = (pd.to_datetime(table[name]).dt.strftime("%Y-%m-%d").fillna("?") for name in ("period_start", "period_end"))
    rows = zip(*(column.to_list() for column in (*(table[name] for name in columns), *days)), strict=True)
    return pd.Series([" ".join(filter(None, row)) for row in rows], index=table.index, dtype="str")


def new_contracts(
    edition: Edition,
    published_contract_value: DataFrame[ContractValue],
    published_contracts: DataFrame[PublishedContracts],
    published_accepted: DataFrame[Accepted],
    last_contract_value: DataFrame[ContractValue],
) -> pd.DataFrame:
    """Value for each £1 and for each person of contracts that were not in the last edition: as much as others have.

    ``key`` is that of ``accepted.csv``: contract, edition, measure.
    """
    contracts = published_contract_value.merge(published_contracts[["contract_id", "people_engaged"]], on="contract_id")
    new = contracts[~contracts["contract_id"].isin(last_contract_value["contract_id"])]
    people = new["people_engaged"].astype(float)
    each = new.assign(public_value_per_person_gbp=(new["public_value_gbp"] / people).where(people > 0))
    view = long(each, ["contract_id"], list(NEW_MAY_HAVE)).dropna().rename("found").reset_index()
    highest = view["measure"].map(NEW_MAY_HAVE).astype(float)
    view = view.assign(key=view["contract_id"] + f" {edition.edition} " + view["measure"], highest=highest)
    # What somebody has accepted may be as it is, and no more.
    rows = published_accepted.query("check == 'new_contracts_like_others'")
    accepted = set(zip(rows["key"], rows["value"], strict=True))
    is_accepted = pd.Series([(row.key, plain(row.found)) in accepted for row in view.itertuples()], view.index, bool)
    highest = view["highest"].mask(is_accepted, view["found"].abs())
    return view.assign(lowest=-highest, highest=highest)


def plain(number: float) -> str:
    """Return a figure to the hundredth, as it stands in ``accepted.csv``."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def unit_costs_beside_last(
    published_valued_outcomes: DataFrame[ValuedOutcomes], last_valued_outcomes: DataFrame[ValuedOutcomes]
) -> pd.DataFrame:
    """Each unit cost used, in the prices of the edition, within half of what it was in the last."""
    key = ["outcome_id", "unit_cost_id"]
    last, now = (
        table.drop_duplicates(key).set_index(key)["unit_value_gbp"]
        for table in (last_valued_outcomes, published_valued_outcomes)
    )
    return _within(_in_both(now, last).reset_index(), UNIT_COST_MAY_CHANGE_BY)


def figures_without_cause(
    published_headline: pd.DataFrame,
    last_headline: pd.DataFrame,
    published_versions: pd.DataFrame,
    last_versions: pd.DataFrame,
) -> pd.DataFrame:
    """Each figure of the headline beside the last, if data, reference, code, draws and seed are the same; else none."""
    then, now = (table.set_index("version")["hash"].to_dict() for table in (last_versions, published_versions))
    view = _both_headlines(published_headline, last_headline)
    drawn = view[view["figure"].isin(["uncertainty.draws", "uncertainty.seed"])]
    if then != now or (drawn["found"] != drawn["last"]).any():
        view = view.iloc[:0]
    return view.rename(columns={"last": "expected"})


def moves_by_contract(published_moves: pd.DataFrame, last_contract_value: DataFrame[ContractValue]) -> pd.DataFrame:
    """How far each contract moves value and payments, within a tenth of what the market came to last.

    That one goes which its source has withdrawn, somebody has said already.
    """
    moves = published_moves[(published_moves["scope_kind"] == "contract") & (published_moves["detail"] == "")]
    moves = moves[moves["measure"].isin(list(MOVED)) & ~moves["scope"].str.startswith(STANDS_FOR)]
    found = moves.groupby(["scope", "measure"], as_index=False)["term"].sum()
    found = found.rename(columns={"scope": "contract_id", "term": "found"})
    of_market = {measure: float(last_contract_value[measure].sum()) for measure in MOVED}
    room = found["measure"].map(of_market).astype(float) * ONE_CONTRACT_MAY_CARRY
    view = found.assign(lowest=-room, highest=room)
    return view[(view["found"] != 0) & (len(last_contract_value) > 0)]


def moves_without_a_cause(
    published_moves: pd.DataFrame, published_versions: pd.DataFrame, last_versions: pd.DataFrame
) -> pd.DataFrame:
    """What the bridge from the last publication leaves to no cause, by contract, while the code is the same."""
    now, then = (dict(zip(of["version"], of["hash"], strict=True)) for of in (published_versions, last_versions))
    left = published_moves[(published_moves["scope_kind"] == "contract") & (published_moves["detail"] == "")]
    left = left[(left["cause"] == NO_CAUSE) & left["measure"].isin(list(MOVED))]
    if now.get("code_version") != then.get("code_version"):
        left = left.iloc[:0]
    view = left.rename(columns={"scope": "contract_id", "term": "found"})
    return view.assign(lowest=-LEFT_GBP, highest=LEFT_GBP)


def _without_withdrawn(headline: pd.DataFrame, contract_value: DataFrame[ContractValue]) -> pd.DataFrame:
    """The figures of a headline; none of one that holds the sum of a contract which is withdrawn."""
    return headline.iloc[:0] if contract_value["contract_id"].str.startswith(STANDS_FOR).any() else headline


def _both_headlines(now: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
    """Figures that both headlines have: ``figure, found, last``."""
    then_and_now = (table.set_index("figure")["value"] for table in (now, last))
    return _in_both(*then_and_now).rename_axis("figure").reset_index()


def _in_both(now: "pd.Series[float]", last: "pd.Series[float]") -> pd.DataFrame:
    """What is in both editions, as it was and as it is found."""
    return pd.concat({"last": last, "found": now}, axis=1, join="inner")


def _within(view: pd.DataFrame, share: float, at_least: float = 0.0) -> pd.DataFrame:
    """Add the bounds: the last figure less and plus a share of it, or an amount where that is more."""
    room = (view["last"].abs() * share).clip(lower=at_least)
    return view.assign(lowest=view["last"] - room, highest=view["last"] + room)


SUITE = Suite(
    name="beside the last edition",
    guards="Nothing is lost, and nothing moves far or without a cause, since the edition was last published.",
    asset="headline",
    checks=(
        Check(
            name="no_contract_dropped",
            guards="a contract of the last edition that is missing",
            says="Contract {contract_id} was in the last edition and is missing",
            of="contracts of the last edition",
            keys=("contract_id",),
            view=contracts_of_last,
            when_none=NO_TABLES,
            is_against_last=True,
        ),
        Check(
            name="coverage_did_not_shrink",
            guards="fewer contracts, fewer of them valued, or less payments known than in the last edition",
            of="measures of coverage",
            keys=("figure",),
            view=coverage_of_last,
            when_none=NOT_PUBLISHED,
            asks="within",
            is_against_last=True,
        ),
        Check(
            name="unit_values_near_the_last",
            guards="the value of an outcome that moves by more than half, such as one entered double",
            of="values of outcomes",
            keys=("outcome_id", "unit_cost_id"),
            view=unit_costs_beside_last,
            when_none=NO_TABLES,
            asks="within",
            is_against_last=True,
        ),
        Check(
            name="contracts_near_the_last",
            guards="value or payments of a contract that move by more than half and £100,000",
            of="sums of contracts",
            keys=("contract_id", "measure"),
            view=contracts_beside_last,
            when_none=NO_TABLES,
            asks="within",
            is_against_last=True,
        ),
        Check(
            name="past_periods_as_last_reported",
            guards="a restated result or payment: the figure for the same period moves by more than a tenth, and by "
            "more than 10 or £10,000",
            of="results and payments of the last edition",
            keys=("key",),
            view=past_periods,
            when_none=NO_TABLES,
            asks="within",
            is_against_last=True,
        ),
        Check(
            name="new_contracts_like_others",
            guards="a new or first published contract that is worth many times what any other is: more than £20 for "
            "each £1, or £350,000 for each person",
            of="figures of new contracts",
            keys=("key",),
            view=new_contracts,
            when_none="every contract was in the last edition",
            asks="within",
            is_against_last=True,
        ),
        Check(
            name="market_near_the_last",
            guards="a figure of the market that moves by more than a quarter",
            of="figures of the market",
            keys=("figure",),
            view=market_beside_last,
            when_none=NOT_PUBLISHED,
            asks="within",
            is_against_last=True,
        ),
        Check(
            name="no_contract_carries_the_move",
            guards="one contract that moves value or payments by more than a tenth of the market",
            of="moves of contracts",
            keys=("contract_id", "measure"),
            view=moves_by_contract,
            when_none="nothing has moved, or nothing was published before",
            asks="within",
            is_against_last=True,
        ),
        Check(
            name="every_move_has_a_cause",
            guards="value or payments of a contract that move, for which the bridge from the last publication names no "
            "cause",
            of="moves of contracts",
            keys=("contract_id", "measure"),
            view=moves_without_a_cause,
            when_none="the causes explain everything, the program has changed, or nothing was published before",
            asks="within",
            is_against_last=True,
        ),
        Check(
            name="nothing_moved_without_a_cause",
            guards="a published figure that moves though data, reference and code are the same",
            of="figures of the headline",
            keys=("figure",),
            view=figures_without_cause,
            when_none="data, reference or code have changed, or nothing was published before",
            is_against_last=True,
        ),
    ),
)
