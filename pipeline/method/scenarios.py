"""One choice of an edition changed at a time.

Belongs here: which choices are varied and how the result is laid side by side. Ranges of parameters and
simulations are another matter.
"""

from dataclasses import replace
from typing import get_args

import pandas as pd

from pipeline.facts.editions import AnnualRung, Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.outcome_units import outcome_units
from pipeline.method.scope import counted_share
from pipeline.method.sums import contract_value, summed
from pipeline.method.valuation import (
    Valuation,
    edition_factors,
    edition_unit_values,
    value_edition,
    valued_lines,
    with_choices,
)
from pipeline.tables.vocabulary import DEADWEIGHT_LAYERS, TIME_CONVENTIONS, UNIT_VALUE_LEVELS

VARIED_CHOICES = {
    "time_convention": tuple(TIME_CONVENTIONS),
    "deadweight_layer": tuple(DEADWEIGHT_LAYERS),
    "unit_value_level": UNIT_VALUE_LEVELS,
    "annual_rung": get_args(AnnualRung),
}


def whole_periods_only(facts: RawFacts, edition: Edition) -> RawFacts:
    """Return the facts without results and payments whose period straddles the cut-off."""
    outcomes = counted_share(facts.outcomes, edition.cut_off)
    payments = counted_share(facts.payments, edition.cut_off)
    return replace(
        facts,
        outcomes=facts.outcomes[(outcomes == 0) | (outcomes == 1)],
        payments=facts.payments[(payments == 0) | (payments == 1)],
    )


def scenarios(facts: RawFacts, reference: Reference, valuation: Valuation) -> pd.DataFrame:
    """Return one row per choice and option, all other choices as in the edition.

    Columns: ``choice, option, is_edition, contracts_in_bcr, outcome_payments_gbp, public_value_gbp, bcr, fiscal_bcr``;
    payments and value are those of the contracts in the ratio. Choice ``price_base`` holds the ratio to payments in
    the edition's prices against that to cash; ``straddling`` leaves out what was counted pro rata.
    """
    edition, market = valuation.edition, valuation.market_value
    rows = []
    for choice, options in VARIED_CHOICES.items():
        if choice == "annual_rung" and edition.time_convention != "annual":
            continue
        for option in options:
            is_edition = getattr(edition, choice) == option
            changed = market if is_edition else _revalued(facts, reference, valuation, choice, option)
            rows.append(_row(choice, option, is_edition, changed))
    rows.append(_row("price_base", "edition's prices", True, market))
    rows.append(_row("price_base", "cash", False, market, suffix="_cash"))
    if edition.cut_off is not None:
        whole = value_edition(whole_periods_only(facts, edition), reference, edition)
        rows.append(_row("straddling", "pro rata", True, market))
        rows.append(_row("straddling", "left out", False, whole.market_value))
    return pd.DataFrame(rows)


def _revalued(facts: RawFacts, reference: Reference, valuation: Valuation, choice: str, option: str) -> pd.DataFrame:
    """The market with another choice; none of those varied here changes what is in scope, few the units or values."""
    edition = with_choices(valuation.edition, **{choice: option})
    units, values = valuation.units, valuation.unit_values
    if choice in ("time_convention", "annual_rung"):
        units = outcome_units(valuation.mapped, edition, edition_factors(reference))
    if choice == "unit_value_level":
        values = edition_unit_values(reference, edition)
    lines, _ = valued_lines(units, values, reference, edition)
    return summed(contract_value(facts.contracts, lines, valuation.payments, edition.payment_bases))


def _row(choice: str, option: str, is_edition: bool, market_value: pd.DataFrame, suffix: str = "") -> dict[str, object]:
    market = market_value.iloc[0]
    payments = "outcome_payments_in_bcr_gbp" if suffix else "outcome_payments_in_bcr_real_gbp"
    return {
        "choice": choice,
        "option": option,
        "is_edition": is_edition,
        "contracts_in_bcr": int(market["contracts_in_bcr"]),
        "outcome_payments_gbp": market[payments],
        "public_value_gbp": market["public_value_in_bcr_gbp"],
        "bcr": market[f"bcr{suffix}"],
        "fiscal_bcr": market[f"fiscal_bcr{suffix}"],
    }
