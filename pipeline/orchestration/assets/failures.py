"""What is wrong with the data, as the Dagster UI shows it.

Belongs here: turning errors that data cause into failures that a person can read; what is wrong is found elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import dagster as dg
import pandas as pd

from pipeline.facts.problems import DataProblems, Problem
from pipeline.load import find_problems
from pipeline.method.analysis.draws import NoTriangleError
from pipeline.method.steps.additionality import NoRateError
from pipeline.method.steps.prices import NoDeflatorError
from pipeline.orchestration.settings import Settings
from pipeline.report.previews import markdown_table
from pipeline.tables.of_pandera import SchemaErrors
from pipeline.tables.units import UnitError

# What the method refuses to value, and the reference table that has to say more.
REFUSALS: dict[type[Exception], tuple[str, str]] = {
    UnitError: ("outcome_unit_costs.csv", "unit"),
    NoRateError: ("deadweight.csv", "outcome_id"),
    NoDeflatorError: ("gdp_deflators.csv", "price_year"),
}
COLUMNS = ("where", "column", "what", "found", "expected")
SHOWN, FIRST, LINE = 200, 3, "\n"
# In the metadata of a failure: what may be told outside this machine.
WITHOUT_VALUES = "in short"
# In the metadata of a check that only repeats, where somebody looks for it, what another has found.
FOUND_BY = "found by"


@contextmanager
def shown_as_failures(reference_folder: str) -> Iterator[None]:
    """Turn errors that the data cause into a Dagster failure with all problems; the error itself is its cause.

    ``DataProblems`` and Pandera's ``SchemaErrors`` are shown as they are. What the method refuses becomes a problem of
    the reference table, or of the edition, concerned. A failure is final: the same data would fail again.
    """
    try:
        yield
    except DataProblems as error:
        raise _failure(error.problems) from error
    except SchemaErrors as error:
        raise _failure(_schema_problems(error)) from error
    except NoTriangleError as error:
        path, what = f"{reference_folder}/editions/{error.edition}.toml", "no triangle has this central as its mean"
        expected = "central in about the middle third from low to high, or another distribution"
        problems = DataProblems(Problem(path, 1, "distribution", what, found, expected) for found in error.found)
        raise _failure(problems.problems) from problems
    except tuple(REFUSALS) as error:
        file, column = next(place for kind, place in REFUSALS.items() if isinstance(error, kind))
        problems = DataProblems([Problem(f"{reference_folder}/{file}", 0, column, str(error))])
        raise _failure(problems.problems) from problems


def gate_spec(name: str, asset: str, guards: str) -> dg.AssetCheckSpec:
    """Return a check of the data themselves, which stops the run when it does not pass."""
    return dg.AssetCheckSpec(name, asset=asset, description=f"Guards against {guards}.", blocking=True)


def gate(spec: dg.AssetCheckSpec, problems: Iterable[Problem], settings: Settings) -> Iterator[dg.AssetCheckResult]:
    """Yield how a check of the data came out.

    Raises ``dg.Failure`` when there is a problem that is no warning; then all that is wrong anywhere is told at once.
    """
    problems = list(problems)
    if all(problem.is_warning for problem in problems):
        yield _passed(spec, problems)
        return
    _, _, everywhere = find_problems(settings.raw_dir, settings.reference_dir)
    error = DataProblems([*problems, *everywhere])
    failure = _failure(error.problems)
    yield _stopped(spec, failure)
    raise failure from error


def _passed(spec: dg.AssetCheckSpec, warnings: Iterable[Problem] = ()) -> dg.AssetCheckResult:
    """Say of a check that it passed, with what was warned of."""
    told = sorted(set(warnings))
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=True,
        metadata={"warnings": dg.MetadataValue.md(as_table(told))} if told else {},
    )


def _stopped(spec: dg.AssetCheckSpec, failure: dg.Failure) -> dg.AssetCheckResult:
    """Say of a check that it stopped the run, with the rows that did: the first at a glance, all in the metadata."""
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=False,
        description=failure.description,
        metadata=failure.metadata,
    )


def _failure(problems: list[Problem]) -> dg.Failure:
    """Say what is wrong as ``check`` says it: the first lines at a glance, all in the metadata."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    without_values = f"{count} in the data; nothing was written"
    left = len(problems) - FIRST
    first = [*map(str, problems[:FIRST]), *([f"and {left} more"] if left > 0 else [])]
    return dg.Failure(
        description=f"{without_values}: {LINE.join(first)}",
        metadata={"problems": dg.MetadataValue.md(as_table(problems)), WITHOUT_VALUES: without_values},
        allow_retries=False,
    )


def without_values(event: dg.DagsterEvent) -> str:
    """Return what a failed step said, in our words and without a value of the data; of anything else only its kind."""
    data = event.step_failure_data
    ours = data.user_failure_data.metadata.get(WITHOUT_VALUES) if data.user_failure_data else None
    return str(ours.value) if ours else (data.error.cls_name if data.error else "") or "unknown"


def as_table(problems: Sequence[Problem]) -> str:
    """Return problems as a table in Markdown, one row each: where, column, what, found, expected."""
    rows = [(f"{p.path}:{p.row}", p.column, p.what, p.found, p.expected) for p in problems[:SHOWN]]
    text = markdown_table(COLUMNS, rows)
    left = len(problems) - SHOWN
    return f"{text}\n\n… and {left} more" if left > 0 else text


def _schema_problems(error: SchemaErrors) -> list[Problem]:
    """Return what Pandera found in a table that was worked out: rows counted from 1, 0 for the table as a whole.

    Such tables are validated for several editions at once: then each row is counted within its edition.
    """
    cases = error.failure_cases.astype({"index": "Int64"})
    found = zip(cases["index"], cases["column"], cases["check"], cases["failure_case"], strict=True)
    name = str(error.schema.name)
    editions = list(error.data["edition"]) if "edition" in error.data else []
    problems = set()
    for index, column, check, case in found:
        where, row = name, 0 if pd.isna(index) else int(index) + 1
        if editions and row:
            where, row = f"{editions[index]}, {name}", row - editions.index(editions[index])
        problems.add(Problem(where, row, str(column), str(check), str(case)))
    return sorted(problems)
