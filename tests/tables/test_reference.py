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


@pytest.mark.parametrize(
    ("name", "is_known"), [("2027", True), ("context", True), ("claim", True), ("27", False), ("", False)]
)
def test_a_study_is_called_by_its_year(name: str, is_known: bool, reference: Reference) -> None:
    figures = reference.published_figures.head(1).assign(published_edition=name, would_settle="x")
    if is_known:
        assert studies(PublishedFigures.validate(figures, lazy=True)) == [name] * (name not in ("context", "claim"))
    else:
        with pytest.raises(SchemaErrors, match="str_matches"):
            PublishedFigures.validate(figures, lazy=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"published_edition": "claim", "would_settle": ""}, "would_settle: a claim needs what would settle it"),
        ({"as_of": "June 2024"}, "as_of: not a date as precise as known"),
        ({"value": 6.0, "value_high": 5.0}, "value_high: below value"),
        ({"method": "unknown"}, "isin"),
        ({"comparison": ""}, "isin"),
    ],
)
def test_a_published_figure_says_what_it_rests_on(change: dict[str, object], said: str, reference: Reference) -> None:
    figures = reference.published_figures.head(1)
    sound = {"published_edition": "claim", "would_settle": "x", "as_of": "2024-06", "value": 5.0, "value_high": 6.0}
    assert len(PublishedFigures.validate(figures.assign(**sound), lazy=True)) == 1
    with pytest.raises(SchemaErrors, match=said):
        PublishedFigures.validate(figures.assign(**change), lazy=True)
