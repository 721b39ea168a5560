"""Deflation and discounting.

Belongs here: the GDP deflator and discount factors (HM Treasury, The Green Book 2022, Annex 6 for the rates). What
is deflated or discounted is decided elsewhere.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.tables.parameters import DiscountRates, GdpDeflators
from pipeline.tables.typed import DataFrame


class NoDeflatorError(KeyError):
    """There is no GDP deflator for a year."""

    def __str__(self) -> str:
        """Return the message without the quotes that a key error puts around it."""
        return str(self.args[0])


def price_factors(gdp_deflators: DataFrame[GdpDeflators], to_year: str) -> "pd.Series[float]":
    """Return the factors that restate pounds of each financial year in the prices of one of them, by price year.

    ``factor = D[to] / D[year]``. Raises ``KeyError`` when there is no deflator for ``to_year``.
    """
    index = gdp_deflators.set_index("price_year")["gdp_deflator"]
    return index[to_year] / index


def discount_factors(
    discount_rates: DataFrame[DiscountRates], years: int, schedule: str = "standard"
) -> npt.NDArray[np.float64]:
    """Return the discount factors of years 0 to ``years``.

    Cumulative over a declining schedule: ``DF(0) = 1``, ``DF(t) = DF(t-1) / (1 + r(t))``. Raises ``ValueError``
    when the schedule has no rate for a year.
    """
    spans = discount_rates.loc[discount_rates["schedule"] == schedule, ["year_from", "year_to", "discount_rate"]]
    rates = np.full(years + 1, np.nan)
    rates[0] = 0.0
    for year_from, year_to, rate in zip(*(spans[name].to_list() for name in spans), strict=True):
        rates[int(year_from) : int(year_to) + 1] = rate
    if np.isnan(rates).any():
        raise ValueError(f"no {schedule} discount rate for year {int(np.flatnonzero(np.isnan(rates))[0])}")
    return np.cumprod(1 / (1 + rates), dtype=np.float64)
