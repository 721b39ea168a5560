"""What the tests share: the project's own facts and reference tables, read once, and small made-up ones.

Belongs here: fixtures and builders that more than one test module needs; what is expected stands in the tests.
"""

# Before NumPy, for which it says how many threads may work on a sum, and before Pandera, which takes texts as it says.
import pipeline.tables  # noqa: F401

# isort: split

import gc
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from pipeline import cli
from pipeline.checks import great_expectations
from pipeline.common import beside
from pipeline.common.memory import set_up_memory
from pipeline.common.worker import ELSEWHERE, PYTHON
from pipeline.facts import rules
from pipeline.facts.editions import Edition, current, read_editions
from pipeline.facts.problems import Problem, raise_if_any
from pipeline.facts.raw import RawFacts, read_raw
from pipeline.facts.reference import Reference, read_reference
from pipeline.facts.typed_csv import TextRows, to_table
from pipeline.method.analysis.tables import published_tables
from pipeline.method.valuation import Valuation, value_edition
from pipeline.tables.base import Table
from tests.decoys import Decoys
from tests.known import Known
from tests.shared import WHERE, Shared, begin

# Laws of claims and of the method try all of their examples with ``make test-deep``, and on every other run a third,
# which finds of the faults of ``make mutants`` what all of them find.
DEEP = "PUBLICVALUE_DEEP"


def part_of(examples: int) -> int:
    """Return how many of its examples a law tries."""
    return examples if os.environ.get(DEEP) else max(examples // 3, 3)


# The same examples on every run, whatever the clock says and whatever an earlier run has left behind.
settings.register_profile(
    "repeatable",
    deadline=None,
    max_examples=50,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

# What a test puts in the place of a function is not there in another process; who tests that one starts it.
os.environ[beside.PROCESSES] = "1"

Row = dict[str, Any]
Builder = Callable[..., pd.DataFrame]
Run = Callable[..., tuple[int, str, str]]

PATIENCE_SECONDS = 120
SMALL_PROJECT = Path(__file__).parent / "small_project"
DTYPES = {str: "str", float: "float64", int: "Int64", bool: "bool", pd.Timestamp: "datetime64[ns]"}
START, END = pd.Timestamp("2018-04-01"), pd.Timestamp("2019-03-31")
SOURCE = "s-1"
SOURCED: Row = {"source_id": SOURCE, "locator": "made up"}
RANGED: Row = {"range_basis": "convention", "range_reason": "made up"}
REVIEWED: Row = {"checked_on": pd.Timestamp("2022-01-31"), "review_by": pd.Timestamp("2030-01-31")}


def kinds(lowest: float, central: float, highest: float) -> Row:
    """Return the amounts of a unit cost of which kinds are known and no range of their mean."""
    fixed = {f"{end}_gbp": central for end in ("low", "central", "high")}
    return {**fixed, "lowest_kind_gbp": lowest, "highest_kind_gbp": highest, "range_basis": "fixed"}


# --- The order of the tests -------------------------------------------------------------------------------------

# What takes minutes comes first, so that no worker is left with it at the end; what calculates and what waits for other
# processes in turn, so that neither core is idle.
LONGEST = (
    *("test_kept", "test_unattended", "test_run_editions", "test_ui"),
    *("test_partitions", "test_browser", "test_lineage", "test_engines", "test_killed_runs"),
    *("test_jobs", "test_report_in_browser", "test_automation", "test_model_in_browser"),
)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark as slow what asks for all that an edition publishes: it takes seconds until that is made."""
    if "tables_of" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules that take longest first; all others stay in the order in which they were shuffled."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of the search for garbage: it stays until the end."""
    gc.freeze()


# --- What all workers share ----------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Begin what the workers share, in the process that starts them, and end it with that."""
    set_up_memory()
    if end := begin():
        config.add_cleanup(end)


@pytest.fixture(scope="session")
def shared() -> Shared:
    """What is made once for all workers."""
    return Shared(Path(os.environ[WHERE]))


@pytest.fixture(scope="module")
def checks_ready(shared: Shared, project_root: Path) -> Iterator[None]:
    """The tests of a module ask one Great Expectations for all workers: it takes seconds of a processor to come."""

    def start() -> str:
        where, said = shared.folder / "great-expectations", shared.folder / "great-expectations.log"
        # By way of a shell, so that it is nobody's child, and no worker waits for it.
        begin = 'exec >"$0" 2>&1 </dev/null; "$@" & echo $! >"$0.number"'
        main = f"from {great_expectations.__name__} import main; main()"
        environment = {**os.environ, "PYTHONPATH": str(project_root), "GX_ANALYTICS_ENABLED": "false"}
        command = ["sh", "-c", begin, str(said), *PYTHON, "-c", main, str(where)]
        subprocess.run(command, env=environment, cwd=ELSEWHERE, check=True, start_new_session=True)
        shared.at_the_end("kill", Path(f"{said}.number").read_text(encoding="utf-8").strip())
        end = time.monotonic() + PATIENCE_SECONDS
        while not where.exists():
            assert time.monotonic() < end, said.read_text(encoding="utf-8")
            time.sleep(0.1)
        return str(where)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(great_expectations.READY_AT, shared.value("where great expectations is", start))
        yield


# --- The command line -----------------------------------------------------------------------------------------


# The editions that a run publishes: a new file of reference/editions is tried by every test that names them so.
EDITIONS = tuple(current(read_editions(Path(__file__).parents[1] / "reference" / "editions", "editions")[0]))


@pytest.fixture
def publicvalue(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> Run:
    """Run the command in this process; returns exit status, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        if arguments[0] == "run":
            request.getfixturevalue("checks_ready")
        monkeypatch.setattr(sys, "argv", ["publicvalue", *arguments])
        try:
            cli.main()
            status: object = 0
        except SystemExit as done:
            status = done.code or 0
        printed = capsys.readouterr()
        assert isinstance(status, int)
        return status, printed.out, printed.err

    return run


@pytest.fixture
def small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known_tables: None) -> Path:
    """A copy of the made-up project in small_project/: two contracts, all tables, nothing wrong; the current folder."""
    shutil.copytree(SMALL_PROJECT, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def tables_validated_before() -> dict[Any, tuple[pd.DataFrame, list[Problem]]]:
    """What came of each table that was read with ``known_tables``; at first nothing."""
    return {}


@pytest.fixture(scope="session")
def rules_asked_before() -> Known:
    """What came of each rule that was asked with ``known_rules``; at first nothing."""
    return Known()


@pytest.fixture
def known_rules(rules_asked_before: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a rule between tables once about the same tables."""
    asked = [replace(rule, find=rules_asked_before.once(rule.find)) for rule in rules.RULES]
    monkeypatch.setattr(rules, "RULES", tuple(asked))
    monkeypatch.setattr(rules.doubts, "DOUBTED", tuple(map(rules_asked_before.once, rules.doubts.DOUBTED)))


@pytest.fixture
def known_tables(
    tables_validated_before: dict[Any, tuple[pd.DataFrame, list[Problem]]],
    known_rules: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Validate a table once for the same rows, which takes most of the time of a check, and ask each rule once.

    Of the files of a project that is spoilt all but one or two are as they were; those that are not are validated.
    """

    def once(rows: TextRows, model: type[Table], *, index_by_row: bool = False) -> tuple[pd.DataFrame, list[Problem]]:
        key = model, index_by_row, tuple(rows.places), tuple(tuple(record.items()) for record in rows.records)
        if key not in tables_validated_before:
            tables_validated_before[key] = to_table(rows, model, index_by_row=index_by_row)
        table, problems = tables_validated_before[key]
        return table.copy(), list(problems)

    for module in ("raw", "reference"):
        monkeypatch.setattr(f"pipeline.facts.{module}.to_table", once)


@pytest.fixture
def decoys(tmp_path_factory: pytest.TempPathFactory) -> Decoys:
    """A folder with a namesake of all that could be imported."""
    folder = tmp_path_factory.mktemp("decoys")
    return Decoys(folder / "project", folder / "marks")


# --- The project's own tables -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder that holds raw/ and reference/."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def reference(project_root: Path, shared: Shared) -> Reference:
    """The project's reference tables and editions; not to be changed by a test."""

    def read() -> Reference:
        tables, problems = read_reference(project_root / "reference")
        raise_if_any(problems)
        return tables

    return shared.value("reference", read)


@pytest.fixture(scope="session")
def facts(project_root: Path, reference: Reference, shared: Shared) -> RawFacts:
    """All that the project's contracts reported, corrected; not to be changed by a test."""

    def read() -> RawFacts:
        tables, problems = read_raw(project_root / "raw", reference.corrections)
        raise_if_any(problems)
        return tables

    return shared.value("facts", read)


@pytest.fixture(scope="session")
def valuation_of(facts: RawFacts, reference: Reference, shared: Shared) -> Callable[[str], Valuation]:
    """Value the project's contracts in one of its editions, once; not to be changed by a test."""

    def valued(edition_id: str) -> Valuation:
        edition = reference.editions[edition_id]
        return shared.value(f"valuation-{edition_id}", lambda: value_edition(facts, reference, edition))

    return cache(valued)


@pytest.fixture(scope="session")
def valuations(reference: Reference, valuation_of: Callable[[str], Valuation]) -> dict[str, Valuation]:
    """The valuation of the project's contracts in each of its editions."""
    return {name: valuation_of(name) for name in reference.editions}


@pytest.fixture(scope="session")
def tables_of(
    facts: RawFacts, reference: Reference, valuation_of: Callable[[str], Valuation], shared: Shared
) -> Callable[[str], dict[str, pd.DataFrame]]:
    """Make the published tables of one of the project's editions, once: it takes seconds; not to be changed."""

    def published(edition_id: str) -> dict[str, pd.DataFrame]:
        return shared.value(
            f"published-{edition_id}", lambda: published_tables(facts, reference, valuation_of(edition_id))
        )

    return cache(published)


# --- Builders of made-up tables: each row names only what differs from the default ---------------------------


def _builder(defaults: Row, first_row: int = 0) -> Builder:
    """Build tables from rows; ``first_row`` is the index of the first, 2 for reference tables as in their files."""

    def build(*rows: Row) -> pd.DataFrame:
        unknown = {name for row in rows for name in row} - set(defaults)
        if unknown:
            raise KeyError(f"no such column: {sorted(unknown)}")
        index = pd.RangeIndex(first_row, first_row + len(rows))
        table = pd.DataFrame([defaults | row for row in rows], columns=list(defaults), index=index)
        return table.astype({name: DTYPES[type(value)] for name, value in defaults.items()})

    return build


@pytest.fixture(scope="session")
def make_contracts() -> Builder:
    """Build table ``contracts``."""
    return _builder(
        {
            "contract_id": "C-1",
            "name": "made up",
            "policy_area": "employment_and_training",
            "outcomes_fund": "",
            "stage": "complete",
            "contract_signed": START,
            "service_start": START,
            "service_end": END,
            "service_end_basis": "actual",
            "people_targeted": 100,
            "people_engaged": 100,
            "delivery_places": 1,
            "source_id": SOURCE,
        }
    )


@pytest.fixture(scope="session")
def make_outcomes() -> Builder:
    """Build table ``outcomes``: people counted once, over the financial year 2018-19."""
    return _builder(
        {
            "contract_id": "C-1",
            "metric_id": "m1",
            "label": "made up",
            "result_type": "final",
            "period_start": START,
            "period_end": END,
            "quantity": 1.0,
            "unit": "person",
            "is_net_of_deadweight": False,
            **SOURCED,
            "row": 2,
        }
    )


@pytest.fixture(scope="session")
def make_payments() -> Builder:
    """Build table ``payments``: paid, over the financial year 2018-19."""
    return _builder(
        {
            "contract_id": "C-1",
            "payer": "",
            "payer_kind": "unknown",
            "period_start": START,
            "period_end": END,
            "amount_gbp": 1.0,
            "basis": "paid",
            "metric_id": "",
            **SOURCED,
            "note": "",
            "row": 2,
        }
    )


@pytest.fixture(scope="session")
def make_organisations() -> Builder:
    """Build table ``organisations``: a commissioner."""
    return _builder(
        {
            "contract_id": "C-1",
            "role": "commissioner",
            "organisation_id": "O-1",
            "name": "Sampleton City Council",
            "is_group": False,
            "investment_committed_gbp": float("nan"),
            "is_low_end": False,
            **SOURCED,
            "row": 2,
        }
    )


@pytest.fixture(scope="session")
def make_places() -> Builder:
    """Build table ``places``: one with a point."""
    return _builder(
        {"contract_id": "C-1", "place": "Sampleton", "latitude": 52.5, "longitude": -1.5, **SOURCED, "row": 2}
    )


@pytest.fixture(scope="session")
def make_prices() -> Builder:
    """Build table ``prices``: of one metric, in cash, without a maximum."""
    return _builder(
        {
            "contract_id": "C-1",
            "metric_id": "m1",
            "price_gbp": 100.0,
            "price_basis": "cash",
            "maximum_gbp": float("nan"),
            "maximum_basis": "",
            **SOURCED,
            "row": 2,
        }
    )


@pytest.fixture(scope="session")
def make_targets() -> Builder:
    """Build table ``targets``: ten people."""
    return _builder(
        {
            "contract_id": "C-1",
            "metric_id": "m1",
            "measure": "users",
            "target": 10.0,
            "unit": "person",
            **SOURCED,
            "row": 2,
        }
    )


@pytest.fixture(scope="session")
def make_planned_payments() -> Builder:
    """Build table ``planned_payments``: for the financial year 2018-19."""
    return _builder(
        {
            "contract_id": "C-1",
            "plan_id": "plan1",
            "payer": "",
            "payer_kind": "unknown",
            "period_start": START,
            "period_end": END,
            "amount_gbp": 1.0,
            **SOURCED,
            "row": 2,
        }
    )


@pytest.fixture(scope="session")
def make_rejected_rows() -> Builder:
    """Build table ``rejected_rows``."""
    return _builder(
        {"contract_id": "C-1", "path": "x.csv", "row": 1, "column": "c", "value": "", "reason": "r", **SOURCED}
    )


@pytest.fixture(scope="session")
def make_claim_counts() -> Builder:
    """Build table ``claim_counts``: people, each claimed once, in the financial year 2018-19."""
    return _builder(
        {
            "contract_id": "C-1",
            "metric_id": "m1",
            "financial_year": "2018-19",
            "unit": "person",
            "quantity": 1.0,
            "people": 1,
            "quantity_after_gap": 0.0,
            "years_after_gap": 0.0,
            "claims": 1,
            "amount_gbp": math.nan,
        }
    )


@pytest.fixture(scope="session")
def make_claim_overlaps() -> Builder:
    """Build table ``claim_overlaps``: one person of one ladder in the financial year 2018-19."""
    return _builder(
        {
            "contract_id": "C-1",
            "metric_id": "m1",
            "other_metric_id": "m1",
            "financial_year": "2018-19",
            "people": 1,
        }
    )


@pytest.fixture(scope="session")
def make_outcome_types() -> Builder:
    """Build table ``outcome_types``: counted in years, no ladder."""
    return _builder(
        {
            "outcome_id": "job",
            "name": "made up",
            "policy_area": "employment_and_training",
            "unit": "year",
            "ladder": "",
            "hours_weight_id": "",
            "is_job": False,
            "description": "made up",
        },
        first_row=2,
    )


@pytest.fixture(scope="session")
def make_mapping() -> Builder:
    """Build table ``metric_outcomes``: valued by itself, no milestone."""
    return _builder(
        {
            "contract_id": "C-1",
            "metric_id": "m1",
            "outcome_id": "job",
            "milestone": math.nan,
            "milestone_unit": "",
            "quantity_per_unit": math.nan,
            "treatment": "valued",
            "grade": "strong",
            "reason": "made up",
            "source_id": SOURCE,
        },
        first_row=2,
    )


@pytest.fixture(scope="session")
def make_unit_costs() -> Builder:
    """Build table ``unit_costs``: £50, £100 or £200 a year of earnings at 2020-21 prices."""
    return _builder(
        {
            "value_set": "2015",
            "unit_cost_id": "wage",
            "name": "made up",
            "kind": "economic",
            "agency": "individuals",
            "low_gbp": 50.0,
            "central_gbp": 100.0,
            "high_gbp": 200.0,
            "lowest_kind_gbp": math.nan,
            "highest_kind_gbp": math.nan,
            "unit": "year",
            "price_year": "2020-21",
            "data_year": "2020-21",
            "is_transfer": False,
            "grade": "medium",
            **SOURCED,
            "derivation": "",
            **RANGED,
            **REVIEWED,
        },
        first_row=2,
    )


@pytest.fixture(scope="session")
def make_outcome_unit_costs() -> Builder:
    """Build table ``outcome_unit_costs``: one unit each, running on for no years, overlapping with nothing."""
    return _builder(
        {
            "value_set": "2015",
            "outcome_id": "job",
            "unit_cost_id": "wage",
            "units_per_outcome": 1.0,
            "horizon_years": math.nan,
            "overlap_group": "",
            **SOURCED,
        },
        first_row=2,
    )


@pytest.fixture(scope="session")
def make_hours_weights() -> Builder:
    """Build table ``hours_weights``: a part-time job is half of a full-time one."""
    return _builder(
        {
            "hours_weight_id": "part",
            "low": 0.25,
            "central": 0.5,
            "high": 0.75,
            "grade": "weak",
            **SOURCED,
            **RANGED,
            **REVIEWED,
        },
        first_row=2,
    )


@pytest.fixture(scope="session")
def make_optimism_bias() -> Builder:
    """Build table ``optimism_bias``: a tenth is taken off for medium evidence."""
    return _builder(
        {"grade": "medium", "optimism_bias": 0.1, "is_verified": False, **SOURCED, **REVIEWED},
        first_row=2,
    )


@pytest.fixture(scope="session")
def make_deadweight() -> Builder:
    """Build table ``deadweight``: 20% assumed, for every contract."""
    return _builder(
        {
            "outcome_id": "job",
            "contract_id": "",
            "layer": "assumed",
            "low": 0.1,
            "central": 0.2,
            "high": 0.3,
            "study": "convention",
            "grade": "weak",
            **SOURCED,
            **RANGED,
            **REVIEWED,
        },
        first_row=2,
    )


@pytest.fixture(scope="session")
def make_deflators() -> Builder:
    """Build table ``gdp_deflators``."""
    return _builder(
        {"price_year": "2020-21", "gdp_deflator": 100.0, "is_forecast": False, **SOURCED, **REVIEWED}, first_row=2
    )


@pytest.fixture(scope="session")
def make_edition() -> Callable[..., Edition]:
    """Build an edition: no cut-off, gross, central, measured, prices of 2020-21, horizon five years."""
    defaults: Row = {
        "edition": "made-up",
        "title": "made up",
        "reasons": "made up",
        "cut_off": None,
        "price_year": "2020-21",
        "deadweight_layer": "none",
        "value_set": "2015",
        "unit_value_level": "central",
        "time_convention": "measured",
        "annual_rung": "first_sustained",
        "horizon_years": 5.0,
        "payment_bases": ("paid", "reported"),
        "published_edition": "",
    }
    return lambda **choices: Edition(**(defaults | choices))


# --- A made-up market, for laws that hold whatever was counted ------------------------------------------------


@pytest.fixture(scope="session")
def made_up_reference(
    reference: Reference,
    make_outcome_types: Builder,
    make_mapping: Builder,
    make_unit_costs: Builder,
    make_outcome_unit_costs: Builder,
    make_hours_weights: Builder,
    make_deadweight: Builder,
    make_optimism_bias: Builder,
    make_deflators: Builder,
    make_edition: Callable[..., Edition],
) -> Reference:
    """Reference tables of a small market: contracts C-1, C-2 and C-3, the same eight metrics in each.

    Jobs are a ladder with a full-time and a part-time branch; jobs and training save the same money; care is
    reported in days, crimes in events; a qualification pays for forty years.
    """
    metrics: tuple[Row, ...] = (
        {"metric_id": "started", "outcome_id": "full_time", "milestone": 0.0, "treatment": "rung"},
        {"metric_id": "full_13_weeks", "outcome_id": "full_time", "milestone": 13.0, "treatment": "rung"},
        {"metric_id": "full_26_weeks", "outcome_id": "full_time", "milestone": 26.0, "treatment": "rung"},
        {"metric_id": "part_13_weeks", "outcome_id": "part_time", "milestone": 13.0, "treatment": "rung"},
        {"metric_id": "trained", "outcome_id": "training", "milestone": 20.0},
        {"metric_id": "days", "outcome_id": "care"},
        {"metric_id": "crimes", "outcome_id": "crime"},
        {"metric_id": "qualified", "outcome_id": "qualification"},
    )
    in_weeks = [row | ({"milestone_unit": "week"} if "milestone" in row else {}) for row in metrics]
    years = ("2010-11", 80.0), ("2017-18", 92.0), ("2018-19", 94.0), ("2019-20", 97.0), ("2020-21", 100.0)
    outcomes = ("full_time", "part_time", "training", "care", "crime", "qualification")
    return Reference(
        outcome_types=make_outcome_types(
            {"outcome_id": "full_time", "ladder": "work", "is_job": True},
            {"outcome_id": "part_time", "ladder": "work", "hours_weight_id": "part", "is_job": True},
            {"outcome_id": "training"},
            {"outcome_id": "care"},
            {"outcome_id": "crime", "unit": "incident"},
            {"outcome_id": "qualification"},
        ),
        metric_outcomes=make_mapping(*({"contract_id": c, **row} for c in ("C-1", "C-2", "C-3") for row in in_weeks)),
        unit_costs=make_unit_costs(
            {"low_gbp": 8_000.0, "central_gbp": 14_044.0, "high_gbp": 15_000.0},
            {
                "unit_cost_id": "benefits",
                "kind": "fiscal",
                "is_transfer": True,
                **kinds(1_000.0, 9_234.0, 9_234.0),
            },
            {
                "unit_cost_id": "training_gain",
                **kinds(1_000.0, 9_000.0, 9_000.0),
                "price_year": "2010-11",
            },
            {
                "unit_cost_id": "care_cost",
                "kind": "fiscal",
                "unit": "week",
                "low_gbp": 100.0,
                "central_gbp": 982.31,
                "high_gbp": 2_947.0,
                "price_year": "2018-19",
            },
            {
                "unit_cost_id": "harm",
                "kind": "social",
                "unit": "incident",
                **kinds(200.0, 1_648.0, 1_648.0),
            },
        ),
        outcome_unit_costs=make_outcome_unit_costs(
            {"outcome_id": "full_time", "overlap_group": "work"},
            {"outcome_id": "full_time", "unit_cost_id": "benefits", "overlap_group": "work"},
            {"outcome_id": "part_time", "overlap_group": "work"},
            {"outcome_id": "part_time", "unit_cost_id": "benefits", "overlap_group": "work"},
            {"outcome_id": "training", "unit_cost_id": "training_gain", "overlap_group": "work"},
            {"outcome_id": "care", "unit_cost_id": "care_cost"},
            {"outcome_id": "crime", "unit_cost_id": "harm"},
            {"outcome_id": "qualification", "horizon_years": 40.0},
        ),
        hours_weights=make_hours_weights({}),
        deadweight=make_deadweight(
            *({"outcome_id": outcome} for outcome in outcomes),
            {"outcome_id": "training", "layer": "studied", "central": 1.27, "high": 1.5},
            {"outcome_id": "care", "contract_id": "C-2", "layer": "studied", "central": 0.504, "high": 0.87},
        ),
        optimism_bias=make_optimism_bias(
            {"grade": "strong", "optimism_bias": 0.0},
            {},
            {"grade": "contract", "optimism_bias": 0.15},
            {"grade": "weak", "optimism_bias": 0.25},
        ),
        gdp_deflators=make_deflators(*({"price_year": year, "gdp_deflator": index} for year, index in years)),
        discount_rates=reference.discount_rates,
        published_figures=reference.published_figures,
        # With the one that the builders' rows name.
        sources=pd.concat([reference.sources, reference.sources.head(1).assign(source_id=SOURCE)], ignore_index=True),
        corrections=reference.corrections,
        editions={
            "made-up": make_edition(),
            "studied": make_edition(edition="studied", deadweight_layer="studied", time_convention="annual"),
            "cut": make_edition(
                edition="cut",
                cut_off=date(2018, 12, 31),
                deadweight_layer="assumed",
                unit_value_level="low",
                time_convention="horizon",
            ),
        },
    )


@pytest.fixture(scope="session")
def make_facts(
    make_contracts: Builder,
    make_outcomes: Builder,
    make_payments: Builder,
    make_organisations: Builder,
    make_places: Builder,
    make_rejected_rows: Builder,
) -> Callable[..., RawFacts]:
    """Build the facts of the made-up market: quantities by contract and metric, and £10,000 paid by each contract."""
    areas = {"C-1": "employment_and_training", "C-2": "child_and_family_welfare", "C-3": "employment_and_training"}
    units = {"days": "day", "crimes": "incident"}

    def build(quantities: dict[tuple[str, str], int]) -> RawFacts:
        ids = sorted({contract_id for contract_id, _ in quantities})
        return RawFacts(
            contracts=make_contracts(*({"contract_id": i, "policy_area": areas[i]} for i in ids)),
            outcomes=make_outcomes(
                *(
                    {"contract_id": i, "metric_id": metric, "quantity": float(n), "unit": units.get(metric, "person")}
                    for (i, metric), n in quantities.items()
                )
            ),
            payments=make_payments(
                *(
                    {"contract_id": i, "amount_gbp": 10_000.0, "locator": f"payment of {i}", "basis": basis}
                    for i, basis in zip(ids, ("paid", "reported", "commitment"), strict=False)
                )
            ),
            organisations=make_organisations(
                *({"contract_id": i, "organisation_id": f"O-{i}", "locator": f"payer of {i}"} for i in ids)
            ),
            places=make_places(*({"contract_id": i, "locator": f"place of {i}"} for i in ids)),
            rejected_rows=make_rejected_rows(),
        )

    return build


CLAIMED_YEARS = ("2017-18", "2018-19", "2019-20", "2020-21")


@pytest.fixture(scope="session")
def make_claimed_facts(
    make_facts: Callable[..., RawFacts],
    make_outcomes: Builder,
    make_claim_counts: Builder,
    make_claim_overlaps: Builder,
) -> Callable[..., RawFacts]:
    """Build the facts of the made-up market where all contracts have claims.

    ``claimed``: by contract and metric how many were first achieved in each of ``CLAIMED_YEARS``; ``people``: how many
    people were behind them, where they are not as many; ``shared``: by contract and two metrics, the first of their
    ladders, how many people were first on both in each year. A contract reports from the first to the last year in
    which anything was claimed.
    """

    def build(
        claimed: dict[tuple[str, str], tuple[int, ...]],
        people: dict[tuple[str, str], tuple[int, ...]] | None = None,
        shared: dict[tuple[str, str, str], tuple[int, ...]] | None = None,
    ) -> RawFacts:
        facts = make_facts({key: sum(of_years) for key, of_years in claimed.items()})
        units = facts.outcomes.set_index(["contract_id", "metric_id"])["unit"]
        counts, results = [], []
        for (contract_id, metric_id), of_years in claimed.items():
            key: Row = {"contract_id": contract_id, "metric_id": metric_id, "unit": units[contract_id, metric_id]}
            behind = (people or {}).get((contract_id, metric_id), of_years)
            all_years = zip(*(n for (i, _), n in claimed.items() if i == contract_id), strict=True)
            busy = [number for number, of_metrics in enumerate(all_years) if any(of_metrics)]
            for number in range(busy[0], busy[-1] + 1) if busy else ():
                year, quantity = CLAIMED_YEARS[number], of_years[number]
                of_year: Row = {"financial_year": year, "quantity": float(quantity), "people": behind[number]}
                counts += [key | of_year | {"claims": quantity}] if quantity else []
                up_to: Row = {
                    "quantity": float(sum(of_years[: number + 1])),
                    "result_type": "final" if number == busy[-1] else "interim",
                    "period_start": pd.Timestamp(int(CLAIMED_YEARS[busy[0]][:4]), 4, 1),
                    "period_end": pd.Timestamp(int(year[:4]) + 1, 3, 31),
                    "locator": f"claims.parquet to March {int(year[:4]) + 1}",
                    "row": 0,
                }
                results.append(key | up_to)
        pairs: list[Row] = [
            {"contract_id": pair[0], "metric_id": pair[1], "other_metric_id": pair[2]}
            | {"financial_year": year, "people": number}
            for pair, of_years in (shared or {}).items()
            for year, number in zip(CLAIMED_YEARS, of_years, strict=False)
            if number
        ]
        return replace(
            facts,
            outcomes=make_outcomes(*results),
            claim_counts=make_claim_counts(*counts),
            claim_overlaps=make_claim_overlaps(*pairs),
        )

    return build
