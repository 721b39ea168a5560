"""What a valuation rests on: its own values, and a range only where a level is a mean."""

import numpy as np
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.analysis.ratios import drawn_shares
from pipeline.tables.analysis import UsedParameters
from tests.conftest import EDITIONS
from tests.method.analysis.made_up_ratios import Valuations, model_of


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_at_a_level_that_is_no_mean_no_unit_cost_is_drawn(
    edition_id: str, valuations: Valuations, reference: Reference
) -> None:
    valuation = valuations[edition_id]
    used, model = model_of(valuation, reference)
    costs = used[used["kind"] == "unit_cost"]
    shares = drawn_shares(model, used)
    is_central = valuation.edition.unit_value_level == "central"
    assert (costs["high"] > costs["low"]).any() == is_central
    assert np.isclose(shares["fixed_unit_cost_share"], 1)[model.rows["ratio"] > 0].all() == (not is_central)
    assert shares.le(1 + 1e-9).all(axis=None)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_parameters_are_what_their_model_says(edition_id: str, valuations: Valuations, reference: Reference) -> None:
    used, _ = model_of(valuations[edition_id], reference)
    assert len(UsedParameters.validate(used, lazy=True)) == len(used)
