"""What is wrong with the data, as the Dagster UI shows it.

Belongs here: turning errors that data cause into failures that a person can read; what is wrong is found elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import dagster as dg
from pandera.errors import SchemaErrors

from pipeline.facts.problems import DataProblems, Problem
from pipeline.method.additionality import NoRateError
from pipeline.method.prices import NoDeflatorError
from pipeline.tables.units import UnitError

# What the method refuses to value, and the reference table that has to say more.
REFUSALS: dict[type[Exception], tuple[str, str]] = {
    UnitError: ("outcome_unit_costs.csv", "unit"),
    NoRateError: ("deadweight.csv", "outcome_id"),
    NoDeflatorError: ("gdp_deflators.csv", "price_year"),
}
COLUMNS = ("where", "column", "what", "found", "expected")
SHOWN = 200


@contextmanager
def shown_as_failures(reference_folder: str) -> Iterator[None]:
    """Turn errors that the data cause into a Dagster failure with all problems; the error itself is its cause.

    ``DataProblems`` and Pandera's ``SchemaErrors`` are shown as they are. What the method refuses becomes a problem of
    the reference table concerned. A failure is final: the same data would fail again.
    """
    try:
        yield
    except DataProblems as error:
        raise _failure(error.problems) from error
    except SchemaErrors as error:
        raise _failure(_schema_problems(error)) from error
    except tuple(REFUSALS) as error:
        file, column = next(place for kind, place in REFUSALS.items() if isinstance(error, kind))
        problems = DataProblems([Problem(f"{reference_folder}/{file}", 0, column, str(error))])
        raise _failure(problems.problems) from problems


def _failure(problems: list[Problem]) -> dg.Failure:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return dg.Failure(
        description=f"{count} in the data; nothing was written",
        metadata={"problems": dg.MetadataValue.md(_markdown(problems))},
        allow_retries=False,
    )


def _markdown(problems: list[Problem]) -> str:
    rows = [(f"{p.path}:{p.row}", p.column, p.what, p.found, p.expected) for p in problems[:SHOWN]]
    text = markdown_table(COLUMNS, rows)
    left = len(problems) - SHOWN
    return f"{text}\n\n… and {left} more" if left > 0 else text


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as the UI shows it; its text cannot break it."""
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    """Text that cannot break a Markdown table."""
    return text.replace("|", "\\|").replace("\r", " ").replace("\n", " ")


def _schema_problems(error: SchemaErrors) -> list[Problem]:
    """Return what Pandera found in a table that was worked out: rows counted from 1, 0 for the table as a whole."""
    cases = error.failure_cases.astype({"index": "Int64"})
    rows = cases["index"].add(1).fillna(0)
    found = zip(rows, cases["column"], cases["check"], cases["failure_case"], strict=True)
    name = str(error.schema.name)
    return sorted({Problem(name, int(row), str(column), str(check), str(case)) for row, column, check, case in found})
