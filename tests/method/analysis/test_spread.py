"""The spread of a ratio over combinations of choices, worked out by hand."""

import pandas as pd

from pipeline.method.analysis.spread import spread, spread_by_option

NONE = float("nan")
# Two choices with two options each; the edition is the first row.
SCENARIOS = pd.DataFrame(
    {
        "level": ["low", "high", "low", "high", "high"],
        "layer": ["none", "none", "studied", "studied", "other"],
        "list": ["2026", "2026", "2026", "2026", "2026"],
        "changes": [0, 1, 1, 2, 2],
        "changed": ["", "level", "layer", "", ""],
        "bcr": [0.5, 1.5, 0.75, 2.0, NONE],
        "fiscal_bcr": [0.25, 0.5, 0.25, 1.0, NONE],
    }
)


def test_each_ratio_has_its_quantiles_over_all_combinations_that_have_one() -> None:
    found = spread(SCENARIOS)
    assert found["bcr"] == {
        "lowest": 0.5,
        "p25": 0.6875,  # three quarters of the way from 0.5 to 0.75
        "median": 1.125,
        "p75": 1.625,
        "highest": 2.0,
        "share_above_1": 0.5,
    }
    assert (found["fiscal_bcr"]["highest"], found["fiscal_bcr"]["share_above_1"]) == (1.0, 0.0)
    assert spread(SCENARIOS.assign(bcr=NONE)) == {}


def test_each_option_has_the_combinations_in_which_it_stands() -> None:
    found = spread_by_option(SCENARIOS, "level")
    assert found == {
        "low": {"alone": 0.5, "lowest": 0.5, "p25": 0.5625, "median": 0.625, "p75": 0.6875, "highest": 0.75},
        "high": {"alone": 1.5, "lowest": 1.5, "p25": 1.625, "median": 1.75, "p75": 1.875, "highest": 2.0},
    }


def test_an_option_that_never_changes_alone_says_nothing_of_itself_alone() -> None:
    other = SCENARIOS.assign(changed=["", "level", "", "", ""], changes=[0, 1, 2, 2, 2])
    assert spread_by_option(other, "layer")["studied"]["alone"] is None


def test_a_choice_with_one_option_has_no_spread() -> None:
    assert spread_by_option(SCENARIOS, "list") == {}
    # One of the two is in no combination with a ratio, and what is empty is not in use.
    assert spread_by_option(SCENARIOS.assign(level=["low", "", "low", "", "high"]), "level") == {}
