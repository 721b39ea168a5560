"""Wrong data fail in words that a person can act on, and the error itself is not lost."""

from typing import Any

import dagster as dg
import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from pipeline.facts.problems import DataProblems, Problem
from pipeline.method.analysis.draws import NoTriangleError
from pipeline.method.steps.additionality import NoRateError
from pipeline.orchestration.assets.failures import SHOWN, shown_as_failures
from pipeline.tables.analysis import Flags
from pipeline.tables.catalogue import shaped
from pipeline.tables.units import UnitError


def failure_of(error: Exception) -> dg.Failure:
    with pytest.raises(dg.Failure) as caught, shown_as_failures("reference"):
        raise error
    return caught.value


def text_of(failure: dg.Failure) -> str:
    shown: Any = failure.metadata["problems"]
    assert isinstance(shown, dg.MarkdownMetadataValue)
    return str(shown.md_str)


def test_problems_become_a_table_with_a_row_each() -> None:
    error = DataProblems(
        [
            Problem("raw/C-1/outcomes.csv", 3, "quantity", "not a number", "a|b\nc", "a plain number"),
            Problem("x", 0, "file", "missing"),
        ]
    )
    failure = failure_of(error)
    assert failure.__cause__ is error
    assert failure.description == f"2 problems in the data; nothing was written: {error}"
    assert (str(error).count("\n"), failure.metadata["in short"].value) == (
        1,
        "2 problems in the data; nothing was written",
    )
    assert failure.allow_retries is False
    lines = text_of(failure).splitlines()
    assert lines[0] == "| where | column | what | found | expected |"
    assert lines[2] == "| raw/C-1/outcomes.csv:3 | quantity | not a number | a\\|b c | a plain number |"
    assert len(lines) == 4


def test_a_long_list_is_cut_and_says_so() -> None:
    failure = failure_of(DataProblems(Problem("x.csv", row, "a", f"wrong {row}") for row in range(SHOWN + 3)))
    assert failure.description is not None
    assert failure.description.splitlines() == [
        f"{SHOWN + 3} problems in the data; nothing was written: x.csv:0: a: wrong 0",
        "x.csv:1: a: wrong 1",
        "x.csv:2: a: wrong 2",
        f"and {SHOWN} more",
    ]
    assert text_of(failure).endswith("… and 3 more")


@pytest.mark.parametrize(
    ("error", "path"),
    [
        (UnitError("'week' cannot be converted into 'incident'"), "reference/outcome_unit_costs.csv"),
        (NoRateError("outcome 'job' has no rate"), "reference/deadweight.csv"),
    ],
)
def test_what_the_method_refuses_is_a_problem_of_the_reference(error: Exception, path: str) -> None:
    cause = failure_of(error).__cause__
    assert isinstance(cause, DataProblems)
    (problem,) = cause.problems
    assert (problem.path, problem.what) == (path, str(error.args[0]))


def test_a_triangle_that_cannot_be_names_the_edition_and_each_parameter_as_it_stands() -> None:
    rows = [("unit_cost/home/2026", 52_000.0, 84_000.5, 86_000.0), ("deadweight/assumed/job", 0.1, 0.11, 0.3)]
    refused = pd.DataFrame(rows, columns=["parameter_id", "low", "central", "high"])
    cause = failure_of(NoTriangleError("open-2030", refused)).__cause__
    assert [str(problem) for problem in cause.problems] == [  # type: ignore[union-attr]
        "reference/editions/open-2030.toml:1: distribution: no triangle has this central as its mean "
        f"(found '{found}', expected central in about the middle third from low to high, or another distribution)"
        for found in (
            "deadweight/assumed/job: low 0.1, central 0.11, high 0.3",
            "unit_cost/home/2026: low 52000, central 84000.5, high 86000",
        )
    ]


def test_a_table_that_is_not_what_it_should_be_says_where() -> None:
    table = pd.DataFrame({"contract_id": ["C-1", ""], "metric_id": "m", "flag": "odd", "detail": "1"})
    right = table.assign(contract_id="C-1")
    with pytest.raises(dg.Failure) as caught, shown_as_failures("reference"):
        shaped({"early": right, "late": table}, "flags")
    assert isinstance(caught.value.__cause__, SchemaErrors)
    assert f"| late, {Flags.__name__}:2 | contract_id | str_length(1, None) |" in text_of(caught.value)


def test_a_fault_of_ours_is_left_as_it_is() -> None:
    with pytest.raises(KeyError), shown_as_failures("reference"):
        raise KeyError("ours")
