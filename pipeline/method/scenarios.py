"""One choice of an edition changed at a time.

Belongs here: which choices are varied and how the result is laid side by side. Ranges of parameters and
simulations are another matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import pandas as pd

from pipeline.facts.editions import AnnualRung, Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.outcome_units import mapped_outcomes, outcome_units
from pipeline.method.scope import counted_share, outcomes_in_scope, payments_in_scope
from pipeline.method.sums import contract_value, summed
from pipeline.method.valuation import (
    Valuation,
    edition_factors,
    edition_unit_values,
    net_lines,
    with_choices,
)
from pipeline.method.value import without_overlaps
from pipeline.tables.vocabulary import DEADWEIGHT_LAYERS, TIME_CONVENTIONS, UNIT_VALUE_LEVELS

VARIED_CHOICES = {
    "time_convention": tuple(TIME_CONVENTIONS),
    "deadweight_layer": tuple(DEADWEIGHT_LAYERS),
    "unit_value_level": UNIT_VALUE_LEVELS,
    "annual_rung": get_args(AnnualRung),
}
OTHER_CHOICES = {"price_base": ("edition's prices", "cash"), "straddling": ("pro rata", "left out")}
# In which order the rows are shown.
ORDER = {
    place: number
    for number, place in enumerate(
        (choice, option) for choice, options in (VARIED_CHOICES | OTHER_CHOICES).items() for option in options
    )
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


@dataclass(frozen=True)
class _Scenario:
    """An option of a choice, with what it changes: lines of net value, overlaps among them, and payments."""

    choice: str
    option: str
    lines: pd.DataFrame
    payments: pd.DataFrame


def scenarios(facts: RawFacts, reference: Reference, valuation: Valuation) -> pd.DataFrame:
    """Return one row per choice and option, all other choices as in the edition.

    Columns: ``choice, option, is_edition, contracts_in_bcr, outcome_payments_gbp, public_value_gbp, bcr, fiscal_bcr``;
    payments and value are those of the contracts in the ratio. Choice ``price_base`` holds the ratio to payments in
    the edition's prices against that to cash; ``straddling`` leaves out what was counted pro rata.
    """
    edition, own = valuation.edition, valuation.market_value.iloc[0]
    chosen = {choice: getattr(edition, choice) for choice in VARIED_CHOICES}
    changed = [_changed(reference, valuation, *variant) for variant in _variants(edition)]
    rows = [_row(choice, option, True, own) for choice, option in chosen.items() if _has_a_say(choice, edition)]
    rows += [_row("price_base", "edition's prices", True, own), _row("price_base", "cash", False, own, suffix="_cash")]
    if edition.cut_off is not None:
        rows.append(_row("straddling", "pro rata", True, own))
        changed.append(_without_straddling(facts, reference, valuation))
    markets = _markets(facts, edition, changed)
    rows += [_row(s.choice, s.option, False, market) for s, market in zip(changed, markets, strict=True)]
    return pd.DataFrame(sorted(rows, key=lambda row: ORDER[row["choice"], row["option"]]))


def _has_a_say(choice: str, edition: Edition) -> bool:
    return choice != "annual_rung" or edition.time_convention == "annual"


def _variants(edition: Edition) -> Iterator[tuple[str, str]]:
    """Each choice with each option that is not the edition's own."""
    for choice, options in VARIED_CHOICES.items():
        if _has_a_say(choice, edition):
            yield from ((choice, option) for option in options if option != getattr(edition, choice))


def _changed(reference: Reference, valuation: Valuation, choice: str, option: str) -> _Scenario:
    """Another option; none of those varied here changes what is in scope, few the units or the unit values."""
    edition = with_choices(valuation.edition, **{choice: option})
    units, values = valuation.units, valuation.unit_values
    if choice in ("time_convention", "annual_rung"):
        units = outcome_units(valuation.mapped, edition, edition_factors(reference))
    if choice == "unit_value_level":
        values = edition_unit_values(reference, edition)
    return _Scenario(choice, option, net_lines(units, values, reference, edition), valuation.payments)


def _without_straddling(facts: RawFacts, reference: Reference, valuation: Valuation) -> _Scenario:
    """The edition on whole periods only."""
    edition = valuation.edition
    whole = whole_periods_only(facts, edition)
    in_scope = outcomes_in_scope(whole.outcomes, edition)
    mapped = mapped_outcomes(in_scope, reference.metric_outcomes, reference.outcome_types)
    units = outcome_units(mapped, edition, edition_factors(reference))
    payments = payments_in_scope(whole.payments, edition, reference.gdp_deflators)
    lines = net_lines(units, valuation.unit_values, reference, edition)
    return _Scenario("straddling", "left out", lines, payments)


def _markets(facts: RawFacts, edition: Edition, changed: Sequence[_Scenario]) -> "list[pd.Series[Any]]":
    """The sums of the market of each scenario.

    All in one go, each scenario with contracts of its own: a table of all costs hardly more than a table of one.
    """
    contracts = _of_each([facts.contracts] * len(changed))
    lines, _ = without_overlaps(_of_each([scenario.lines for scenario in changed]))
    payments = _of_each([scenario.payments for scenario in changed])
    values = contract_value(contracts, lines, payments, edition.payment_bases)
    scenario = contracts["scenario"].to_numpy()
    return [row for _, row in summed(values.assign(scenario=scenario), "scenario").iterrows()]


def _of_each(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables of the scenarios as one, the number of its scenario before the name of each contract."""
    numbered = [t.assign(scenario=n, contract_id=f"{n}/" + t["contract_id"]) for n, t in enumerate(tables)]
    # An empty table would take the types of the others away.
    return pd.concat([table for table in numbered if len(table)] or numbered[:1], ignore_index=True)


def _row(choice: str, option: str, is_edition: bool, market: "pd.Series[Any]", suffix: str = "") -> dict[str, Any]:
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
