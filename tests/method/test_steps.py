"""The steps of the method: what each reads is all that it sees, and all that it needs."""

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import STEPS, VALUATION_TABLES, Step, tables_of, value_edition, valued_tables
from pipeline.orchestration.edition_assets import DESCRIPTIONS
from pipeline.tables.results import PUBLISHED_TABLES
from pipeline.tables.steps import STEP_TABLES


def test_each_step_reads_what_is_there_or_was_made_before_it(facts: RawFacts, reference: Reference) -> None:
    known = set(tables_of(facts, reference))
    for step in STEPS:
        assert set(step.reads) <= known, step.name
        assert not set(step.makes) & known, step.name
        known |= set(step.makes)


def test_every_table_that_a_step_makes_has_a_model_and_an_asset() -> None:
    made = [table for step in STEPS for table in step.makes]
    assert len(set(made)) == len(made)
    assert set(made) <= set(STEP_TABLES) | set(PUBLISHED_TABLES)
    assert made == list(DESCRIPTIONS)
    assert set(VALUATION_TABLES) <= set(made)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_sees_no_table_that_it_does_not_name(step: Step, made_up_reference: Reference) -> None:
    asked: list[str] = []

    class Watched(dict[str, pd.DataFrame]):
        def __missing__(self, name: str) -> pd.DataFrame:
            asked.append(name)
            raise KeyError(name)

    with pytest.raises(KeyError):
        step.run(Watched(), next(iter(made_up_reference.editions.values())))
    assert asked == [step.reads[0]]


def test_an_edition_is_what_the_steps_make(facts: RawFacts, reference: Reference) -> None:
    edition = reference.editions["open-2026"]
    made, valuation = valued_tables(facts, reference, edition), value_edition(facts, reference, edition)
    for name in VALUATION_TABLES:
        pd.testing.assert_frame_equal(made[name], getattr(valuation, name))
