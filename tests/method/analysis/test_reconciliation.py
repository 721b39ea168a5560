"""Which published figures an edition is held beside, and which of ours answers one."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.reconciliation import published_ratios, study_beside
from pipeline.method.analysis.tables import analysed
from pipeline.method.valuation import Valuation


@pytest.mark.parametrize(
    ("own", "published", "beside"),
    [
        ("2022", ["2022", "2024", "context"], "2022"),
        ("", ["2024", "context", "2022"], "2024"),
        # A new study is a row.
        ("", ["2022", "2024", "2027"], "2027"),
        ("", ["context"], ""),
    ],
)
def test_an_edition_is_held_beside_the_study_that_it_reproduces_or_the_latest(
    own: str, published: list[str], beside: str, make_edition: Callable[..., Edition]
) -> None:
    assert study_beside(make_edition(published_edition=own), pd.DataFrame({"published_edition": published})) == beside


def test_the_ratios_beside_an_edition_are_those_of_its_study(
    reference: Reference, make_edition: Callable[..., Edition]
) -> None:
    figures = reference.published_figures
    assert published_ratios(figures, make_edition(published_edition="2022")) == {"bcr": 10.2, "fiscal_bcr": 2.86}
    assert published_ratios(figures, make_edition()) == {"bcr": 8.57, "fiscal_bcr": 2.34}


def test_people_into_work_are_those_who_began_an_outcome_that_is_a_job(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]
) -> None:
    """Which outcomes are jobs is data."""
    valuation = valuations["atq-2022"]
    types = reference.outcome_types

    def into_work(is_job: "pd.Series[bool]") -> float:
        known = replace(reference, outcome_types=types.assign(is_job=is_job))
        table = analysed("reconciliation", facts, known, valuation)
        return float(table.set_index("figure_id").loc["study_2022_people_into_work_mhep", "ours"])

    everything = into_work(types["is_job"])
    supported = into_work(types["is_job"] & types["outcome_id"].str.startswith("supported"))
    assert 0 < supported <= everything
    assert pd.isna(into_work(types["is_job"] & False))
