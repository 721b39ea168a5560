"""What a point of a wellbeing scale is worth.

Belongs here: the step of a scale and the value of a WELLBY, multiplied. How many points people gained is part of a unit
cost; nothing here enters a ratio.
"""

import numpy as np

from pipeline.tables.parameters import LIFE_SATISFACTION, WellbeingScales
from pipeline.tables.typed import DataFrame


def values_of_a_point(scales: DataFrame[WellbeingScales]) -> DataFrame[WellbeingScales]:
    """Return ``wellbeing_scales`` with what a year of one point better is worth, whichever direction is better.

    Adds ``better_gbp = |central_points| × WELLBY`` with ``low_better_gbp`` and ``high_better_gbp``: how far the ends of
    both ranges lie from their centres, as shares of these, combined as independent (the root of the sum of squares).
    GBP per person and year, in prices of ``price_year``, which is that of the WELLBY in every row; missing and empty
    where no row says what a WELLBY is worth.
    """
    wellby = scales[scales["scale_id"] == LIFE_SATISFACTION]
    low, central, high = (float(wellby[f"{end}_gbp"].sum(min_count=1)) for end in ("low", "central", "high"))
    steps = scales[["low_points", "central_points", "high_points"]].abs()
    step = steps["central_points"]
    shares_low = np.hypot(1 - steps.min(axis=1) / step, 1 - low / central)
    shares_high = np.hypot(steps.max(axis=1) / step - 1, high / central - 1)
    return scales.assign(
        better_gbp=step * central,
        low_better_gbp=step * central * (1 - shares_low),
        high_better_gbp=step * central * (1 + shares_high),
        price_year="".join(wellby["price_year"]),
    )
