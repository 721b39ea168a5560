"""A check hands its view the tables that it names, and no others."""

import pandas as pd
import pytest

from pipeline.checks.suite import COMPARED, Check, Suite
from pipeline.checks.suites import SUITES
from pipeline.facts.reference import Reference
from tests.checks.faults import EDITION, Named, Seen

CHECKS = [check for suite in SUITES for check in suite.checks]


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
