"""Rules of reference tables that no single column can tell."""

from collections.abc import Callable

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from pipeline.facts.reference import Reference
from pipeline.tables.reference import OutcomeTypes, PublishedFigures, studies


@pytest.mark.parametrize("unit", ["person", "incident", "pound"])
def test_a_job_is_counted_by_its_time(unit: str, make_outcome_types: Callable[..., pd.DataFrame]) -> None:
    assert len(OutcomeTypes.validate(make_outcome_types({"is_job": True, "unit": "week"}), lazy=True)) == 1
    with pytest.raises(SchemaErrors, match="is_job: a job is counted by its time"):
        OutcomeTypes.validate(make_outcome_types({"is_job": True, "unit": unit}), lazy=True)


@pytest.mark.parametrize(("name", "is_known"), [("2027", True), ("context", True), ("27", False), ("", False)])
def test_a_study_is_called_by_its_year(name: str, is_known: bool, reference: Reference) -> None:
    figures = reference.published_figures.head(1).assign(published_edition=name)
    if is_known:
        assert studies(PublishedFigures.validate(figures, lazy=True)) == [name] * (name != "context")
    else:
        with pytest.raises(SchemaErrors, match="str_matches"):
            PublishedFigures.validate(figures, lazy=True)
