"""The steps of the method: what each reads is all that it sees, and all that it needs."""

from typing import get_args, get_origin, get_type_hints

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.tables import ANALYSED, ANALYSES
from pipeline.method.valuation import STEPS, VALUATION_TABLES, Step, tables_of, value_edition, valued_tables
from pipeline.tables.catalogue import CATALOGUE, ENTRIES, models
from pipeline.tables.typed import DataFrame


def test_each_step_reads_what_is_there_or_was_made_before_it(facts: RawFacts, reference: Reference) -> None:
    known = set(tables_of(facts, reference))
    for step in STEPS:
        assert set(step.reads) <= known, step.name
        assert not set(step.makes) & known, step.name
        known |= set(step.makes)


def test_steps_and_analyses_make_the_tables_of_the_catalogue_each_once() -> None:
    valued = [table for step in STEPS for table in step.makes]
    assert sorted(valued) == sorted(models("valuation", "results"))
    assert sorted(ANALYSED) == sorted(set(models("analysis")) - {"checks"})
    assert set(VALUATION_TABLES) <= set(valued)


def test_an_analysis_reads_what_is_there_or_what_a_valuation_keeps(facts: RawFacts, reference: Reference) -> None:
    known = {*tables_of(facts, reference), *VALUATION_TABLES}
    for analysis in ANALYSES:
        assert set(analysis.reads) <= known, analysis.name


def test_every_table_has_one_name_and_says_what_it_is() -> None:
    assert len(ENTRIES) == len(CATALOGUE)
    published = [entry.published_as for entry in CATALOGUE if entry.published_as]
    assert len(set(published)) == len(published)
    for entry in CATALOGUE:
        assert entry.description.endswith("."), entry.name


@pytest.mark.parametrize("step", [*STEPS, *ANALYSES], ids=lambda step: step.name)
def test_a_step_reads_and_makes_tables_of_the_models_that_it_names(step: Step) -> None:
    hints = get_type_hints(step.function)
    named = {name: model_of(hints[name]) for name in step.reads if name in hints}
    assert named == {name: ENTRIES[name].model for name in named}
    made = hints["return"]
    returned = get_args(made) if get_origin(made) is tuple else (made,)
    assert [model_of(hint) for hint in returned] == [ENTRIES[name].model for name in step.makes]


def model_of(hint: object) -> object:
    """The model of a table, from ``DataFrame[model]``."""
    assert get_origin(hint) is DataFrame
    (model,) = get_args(hint)
    return model


@pytest.mark.parametrize("step", [*STEPS, *ANALYSES], ids=lambda step: step.name)
def test_a_step_sees_no_table_that_it_does_not_name(step: Step, made_up_reference: Reference) -> None:
    asked: list[str] = []

    class Watched(dict[str, pd.DataFrame]):
        def __missing__(self, name: str) -> pd.DataFrame:
            asked.append(name)
            raise KeyError(name)

    given = {"edition": next(iter(made_up_reference.editions.values())), "editions": {}, "draws": None, "earlier": {}}
    if not step.reads:
        assert step.run(Watched(), **given)
        return
    with pytest.raises(KeyError):
        step.run(Watched(), **given)
    assert asked == [step.reads[0]]


def test_an_edition_is_what_the_steps_make(facts: RawFacts, reference: Reference) -> None:
    edition = reference.editions["open-2026"]
    made, valuation = valued_tables(tables_of(facts, reference), edition), value_edition(facts, reference, edition)
    for name in VALUATION_TABLES:
        pd.testing.assert_frame_equal(made[name], getattr(valuation, name))
