"""A check hands its view the tables that it names, and no others."""

from typing import get_args, get_origin, get_type_hints

import pandas as pd
import pytest

from pipeline.checks.suite import COMPARED, Check, Suite
from pipeline.checks.suites import SUITES
from pipeline.facts.reference import Reference
from pipeline.tables.catalogue import ENTRIES, PUBLISHED_TABLES
from pipeline.tables.typed import DataFrame
from tests.checks.faults import EDITION, Named, Seen

CHECKS = [check for suite in SUITES for check in suite.checks]
# Of the catalogue, of this publication and of the last; a headline and versions are tables of no model.
MODELS = {name: entry.model for name, entry in ENTRIES.items()} | {
    f"{prefix}_{file}": model for prefix in ("published", "last") for file, model in PUBLISHED_TABLES.items()
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_view_is_handed_what_it_names_and_shows_what_its_check_says(
    check: Check, seen_again: Seen, reference: Reference
) -> None:
    asked: list[str] = []

    class Watched(Named):
        def __getitem__(self, name: str) -> pd.DataFrame:
            asked.append(name)
            return super().__getitem__(name)

    view = check.compared(Watched(seen_again(EDITION)), reference.editions[EDITION])
    assert asked == list(check.reads)
    assert list(view) == [*check.keys, *COMPARED[check.asks]]
    assert view.index.equals(pd.RangeIndex(len(view)))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_suite_without_views_is_otherwise_the_same(suite: Suite) -> None:
    alone = suite.without_views()
    assert [check.name for check in alone.checks] == [check.name for check in suite.checks]
    with pytest.raises(NotImplementedError):
        alone.checks[0].view()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_view_reads_tables_of_the_models_that_it_names(check: Check) -> None:
    hints = get_type_hints(check.view)
    named = {name: get_args(hints[name])[0] for name in check.reads if get_origin(hints[name]) is DataFrame}
    assert named == {name: MODELS[name] for name in check.reads if name in MODELS}
