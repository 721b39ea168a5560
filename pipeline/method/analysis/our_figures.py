"""Our figure for each published measure: its range, what it covers, how much of its data is public.

Belongs here: one function for each measure, of what is known about the contracts of a scope, and the sentence about
what it covers. ``published_scopes`` has these contracts, ``reconciliation`` judges ours and the published figure.
Nothing here changes a value.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from pipeline.method.analysis.published_scopes import FUND, INVESTOR, Scope
from pipeline.method.steps.ratios import ratio
from pipeline.tables.vocabulary import ORGANISATION_ROLES, POLICY_AREAS

NONE = math.nan
# What a measure counts of contracts.
DONE, BEGUN, REPORTED = "done by the cut-off", "begun by the cut-off", "reported so far"
MILLION = 1e6
WITH_UNIT_COST = "a result with a unit cost"
# Who paid, by kind of payer, after "by".
PAYERS = {
    "central": "central bodies alone",
    "mixed": "central and local bodies together",
    "local": "local bodies alone",
    "unknown": "payers who are not named",
}


@dataclass(frozen=True)
class Asked:
    """What of a published figure decides which of ours answers it.

    ``paid_gbp``: the payments that the same study published of the same scope, in pounds, not a number without any.
    ``metrics``: of each contract, those that count who reached the outcome; ``engaged_metric``: that of all who began;
    ``before``: the cut-off of the edition that reproduces the study before.
    """

    metrics: tuple[str, ...] = ()
    engaged_metric: str = ""
    paid_gbp: float = NONE
    before: date | None = None


@dataclass(frozen=True)
class Ours:
    """Our figure: a number, or, where public data leave it open, a range without one.

    ``low, high``: of a number the least and the most of any one contract where there are several, else the number;
    ``data_share``: the share of the data it needs that is public, not a number where nothing is known to be missing;
    ``share_of``: of what it is a share; ``covers``: what ours counts, in a sentence; ``brought_gbp``,
    ``payments_gbp``: of a ratio to payments the value and the payments, in prices of the edition.
    """

    value: float = NONE
    low: float = NONE
    high: float = NONE
    data_share: float = NONE
    covers: str = ""
    share_of: str = "contracts"
    brought_gbp: float = NONE
    payments_gbp: float = NONE

    def __post_init__(self) -> None:
        """Let a number be its own range where there is no other."""
        for name in ("low", "high"):
            if math.isnan(getattr(self, name)):
                object.__setattr__(self, name, self.value)

    @property
    def is_known(self) -> bool:
        """Whether public data give anything."""
        return not math.isnan(self.low)


@dataclass(frozen=True)
class Measure:
    """A measure of which there is one of ours.

    ``words``: what it is called; ``unit``: of ours; ``is_sum``: it adds up over contracts, so that data which are not
    public make it smaller; ``counts``: what of contracts it counts, so that a day makes a difference: what they did by
    the cut-off, that they had begun by then, or what has been reported of them so far.
    """

    words: str
    unit: str
    of: Callable[[Scope, Asked], Ours]
    is_sum: bool = False
    counts: str = DONE


def gbp(amount: float) -> str:
    """Return pounds in words: millions with one place from a million on, else whole pounds."""
    if math.isnan(amount):
        return "nothing known"
    sign, size = ("−" if amount < 0 else ""), abs(amount)
    return f"{sign}£{size / MILLION:,.1f}m" if size >= MILLION else f"{sign}£{size:,.0f}"


def percent(share: float) -> str:
    """Return a share in whole per cent; one of less than one as such."""
    return "under 1%" if 0 < share < 0.01 else f"{share:.0%}"


def day_of(day: date) -> str:
    """Return a day as it is read."""
    return f"{day.day} {day:%B} {day.year}"


def contracts_of(scope: Scope) -> str:
    """Return how many contracts a scope has, and of what."""
    return f"{scope.begun} {'contract' if scope.begun == 1 else 'contracts'}{_which(scope)}"


def _which(scope: Scope) -> str:
    """Which contracts a scope has, after the noun: ``that name the … Fund and began by 31 March 2022``."""
    name, that = ("names" if scope.begun == 1 else "name"), []
    if scope.name.startswith(FUND):
        that.append(f"{name} the {scope.name.removeprefix(FUND).replace('+', ' or the ')}")
    elif scope.name.startswith(INVESTOR):
        that.append(f"{name} {scope.name.removeprefix(INVESTOR).replace('+', ' or ')} as investor")
    if scope.cut_off:
        that.append(f"began by {day_of(scope.cut_off)}")
    is_of_areas = set(scope.name.split("+")) <= set(POLICY_AREAS)
    areas = f" in {_and(scope.name.replace('_', ' ').split('+'))}" if is_of_areas else ""
    return f"{areas} that {' and '.join(that)}" if that else areas


def _and(parts: Sequence[str]) -> str:
    """Several in one list: ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _tell(scope: Scope, *facts: tuple[int, str, str, str]) -> str:
    """How many contracts of a scope do what, in one sentence.

    ``facts``: how many, the verb of one and of several, and what: ``(2, "publishes", "publish", "results")``.
    """
    if scope.begun == 1:
        parts = [f"{one} {what}" if count else f"does not {several} {what}" for count, one, several, what in facts]
        return f"The one contract{_which(scope)} {_and(parts)}"
    numbers = {0: "none", scope.begun: f"all {scope.begun}"}
    parts = [f"{numbers.get(n, n)} {several if n > 1 else one} {what}" for n, one, several, what in facts]
    return f"Of {contracts_of(scope)}, {_and(parts)}"


def _share(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole > 0 else 0.0


def _number(count: float) -> str:
    return f"{count:,.0f}"


# --- Contracts, payments and value ----------------------------------------------------------------------------


def _contracts(scope: Scope, _: Asked) -> Ours:
    begun = scope.contracts[scope.contracts["is_begun"]]
    known, valued = int(begun["has_results"].sum()), int(scope.sums["contracts_valued"])
    said = _tell(scope, (known, "publishes", "publish", "results"), (valued, "has", "have", WITH_UNIT_COST))
    return Ours(valued, data_share=_share(known, len(begun)), covers=f"{said}: our figure")


def _contracts_launched(scope: Scope, _: Asked) -> Ours:
    return Ours(scope.begun, covers=f"Public data list {contracts_of(scope)}")


def _valued_of(is_new: bool) -> Callable[[Scope, Asked], Ours]:
    """Valued contracts of those that began after the study before, or of those that ran on from it."""

    def of(scope: Scope, asked: Asked) -> Ours:
        if asked.before is None:
            return Ours(covers="No edition reproduces an earlier study, so we do not know from which day to count")
        began_since = scope.contracts["service_start"] > pd.Timestamp(asked.before)
        ran_on = ~began_since & ~(scope.contracts["service_end"] <= pd.Timestamp(asked.before))
        meant = scope.contracts[(began_since if is_new else ran_on) & scope.contracts["is_begun"]]
        known, valued = int(meant["has_results"].sum()), int(meant["is_valued"].sum())
        if meant.empty:
            did = "began" if is_new else "continued"
            return Ours(
                0, data_share=0.0, covers=f"Public data list no contract that {did} after {day_of(asked.before)}"
            )
        said = (
            f"Of {len(meant)} contracts that {'began' if is_new else 'continued'} after {day_of(asked.before)}, "
            f"{known or 'none'} {'publish' if known > 1 else 'publishes'} results and {valued or 'none'} "
            f"{'have' if valued > 1 else 'has'} {WITH_UNIT_COST}: our figure"
        )
        return Ours(valued, data_share=_share(known, len(meant)), covers=said)

    return of


def _outcome_payments(scope: Scope, _: Asked) -> Ours:
    paid, known = float(scope.sums["outcome_payments_gbp"]), int(scope.sums["contracts_with_payments"])
    said = _tell(scope, (known, "has", "have", "public payments"))
    said += f": {gbp(paid)} in cash" if known else ""
    return Ours(paid, data_share=_share(known, scope.begun), covers=said)


def _value(*kinds: str) -> Callable[[Scope, Asked], Ours]:
    def of(scope: Scope, asked: Asked) -> Ours:
        value = float(sum(scope.sums[kind] for kind in kinds))
        return replace(_valued(scope, asked), value=value, low=value, high=value)

    return of


def _ratio(value_in_bcr: str, measure: str) -> Callable[[Scope, Asked], Ours]:
    def of(scope: Scope, asked: Asked) -> Ours:
        brought, paid = (float(scope.sums[name]) for name in (value_in_bcr, "outcome_payments_in_bcr_real_gbp"))
        value = float(scope.sums[measure])
        valued = _valued(scope, asked)
        return replace(valued, value=value, low=value, high=value, brought_gbp=brought, payments_gbp=paid)

    return of


def _fiscal_or_public(scope: Scope, asked: Asked) -> Ours:
    public = _value("public_value_gbp")(scope, asked)
    unclear = (
        f"{public.covers}. Their fiscal value is {gbp(float(scope.sums['fiscal_gbp']))}; it is unclear which value the "
        "published figure means"
    )
    return replace(public, covers=unclear)


def _fiscal_share(scope: Scope, asked: Asked) -> Ours:
    fiscal, public = (float(scope.sums[name]) for name in ("fiscal_gbp", "public_value_gbp"))
    valued, value = _valued(scope, asked), ratio(fiscal, public)
    sums = f"Fiscal value, with transfers, is {gbp(fiscal)}; public value, without them, is {gbp(public)}"
    return replace(valued, value=value, low=value, high=value, covers=f"{valued.covers}. {sums}")


def _implied_deadweight(scope: Scope, asked: Asked) -> Ours:
    net, gross = (float(scope.sums[name]) for name in ("public_value_gbp", "gross_public_value_gbp"))
    valued, value = _valued(scope, asked), 1 - ratio(net, gross)
    taken = f"Their public value is {gbp(gross)} before deadweight and {gbp(net)} after it"
    return replace(valued, value=value, low=value, high=value, covers=f"{valued.covers}. {taken}")


def _valued(scope: Scope, asked: Asked) -> Ours:
    """How much of the data behind a value is public, and of which contracts it is; no value yet."""
    valued, both = int(scope.sums["contracts_valued"]), int(scope.sums["contracts_in_bcr"])
    paid, paying = float(scope.sums["outcome_payments_in_bcr_gbp"]), int(scope.sums["contracts_with_payments"])
    said = _tell(scope, (paying, "has", "have", "public payments"), (valued, "has", "have", WITH_UNIT_COST))
    if both:
        of_both = f"The {both} with both {'have' if both > 1 else 'has'}" if scope.begun > 1 else "It has"
        said += f". {of_both} {gbp(paid)} of payments in cash"
    elif scope.begun > 1:
        said += ". None has both"
    if math.isnan(asked.paid_gbp):
        return Ours(data_share=_share(both, scope.begun), covers=said)
    share = _share(paid, asked.paid_gbp)
    said += f", {percent(share)} of the published {gbp(asked.paid_gbp)}" if both else ""
    return Ours(data_share=share, covers=said, share_of="payments")


# --- People, organisations, investors -------------------------------------------------------------------------


def _people(scope: Scope, asked: Asked) -> Ours:
    told = _engaged(scope, asked)
    known = int(told.notna().sum())
    undated = ", but not up to which day" if known else ""
    said = _tell(scope, (known, "says", "say", "how many people were engaged")) + undated
    share = _share(int((told.notna() & scope.contracts["is_begun"]).sum()), scope.begun)
    return Ours(float(told.sum(min_count=1)), data_share=share, covers=said)


def _people_into_work(scope: Scope, _: Asked) -> Ours:
    told = scope.contracts["into_work"]
    known = int(told.notna().sum())
    said = _tell(scope, (known, "says", "say", "how many people started a job"))
    return Ours(float(told.sum(min_count=1)), data_share=_share(known, scope.begun), covers=said)


def _social_investment(scope: Scope, _: Asked) -> Ours:
    begun = scope.contracts[scope.contracts["is_begun"]]
    invested = begun["social_investment_gbp"]
    ranges = int((begun["is_low_end"] == True).sum())  # noqa: E712 (missing where nothing is known)
    known = int(invested.notna().sum())
    said = _tell(scope, (known, "has", "have", "a public investment"))
    if ranges:
        said += f". For {ranges} of these it is a range, and we count the low end"
    share = _share(known, scope.begun)
    return Ours(float(invested.sum(min_count=1)), data_share=share, covers=said)


def _count_of(role: str) -> Callable[[Scope, Asked], Ours]:
    def of(scope: Scope, _: Asked) -> Ours:
        begun = scope.contracts[scope.contracts["is_begun"]]
        count, whole = scope.roles.get(role, 0), int(begun[f"names_{role}"].sum())
        said = (
            f"{_tell(scope, (whole, 'names', 'name', f'each {role} rather than a group'))}. The data do not name every "
            "member of a consortium, and some bodies may be counted twice"
        )
        return Ours(float(count), data_share=_share(whole, scope.begun), covers=said)

    return of


def _local_areas(scope: Scope, _: Asked) -> Ours:
    begun = scope.contracts[scope.contracts["is_begun"]]
    said = f"We add up the places that {contracts_of(scope)} list; a place that two of them list counts twice"
    return Ours(float(begun["delivery_places"].sum(min_count=1)), covers=said)


# --- Who pays -------------------------------------------------------------------------------------------------


def _central_share(scope: Scope, _: Asked) -> Ours:
    paid = {kind: float(scope.contracts[f"paid_{kind}"].sum()) for kind in PAYERS}
    total, known = sum(paid.values()), int(scope.sums["contracts_with_payments"])
    by = [f"{gbp(paid[kind])} by {who}" for kind, who in PAYERS.items() if paid[kind] > 0]
    said = _tell(scope, (known, "has", "have", "public payments"))
    said += f", {gbp(total)} in cash: {_and(by)}" if by else ""
    low = ratio(paid["central"], total)
    high = 1 - ratio(paid["local"], total)
    value = low if low == high else NONE
    return Ours(value, low, high, _share(known, scope.begun), said)


def _central_leverage(scope: Scope, asked: Asked) -> Ours:
    share = _central_share(scope, asked)
    value, low, high = ((1 / each if each > 0 else NONE) for each in (share.value, share.high, share.low))
    return replace(share, value=value, low=low, high=high if not math.isnan(high) else math.inf)


# --- Rates and costs of people --------------------------------------------------------------------------------


def _engaged(scope: Scope, asked: Asked) -> "pd.Series[float]":
    """All who began, by contract: people engaged, else those whom the metric of all who began counts."""
    people = scope.contracts["people_engaged"]
    return people.fillna(_reported(scope, asked.engaged_metric)) if asked.engaged_metric else people


def _reported(scope: Scope, metric: str) -> "pd.Series[float]":
    of_metric = scope.reported[scope.reported.index.get_level_values(1) == metric].droplevel(1)
    return of_metric["quantity"].reindex(scope.contracts.index).astype(float)


def _labels(scope: Scope, metrics: Sequence[str]) -> str:
    contract, metric = (scope.reported.index.get_level_values(level) for level in (0, 1))
    is_meant = contract.isin(scope.contracts.index) & metric.isin(metrics)
    return " or ".join(scope.reported.loc[is_meant, "label"].unique())


def _outcome_rate(scope: Scope, asked: Asked) -> Ours:
    reached = sum((_reported(scope, metric) for metric in asked.metrics), pd.Series(0.0, scope.contracts.index))
    engaged = _engaged(scope, asked)
    both = reached.notna() & (engaged > 0)
    if not asked.metrics or not both.any():
        return Ours(
            covers=f"Of {contracts_of(scope)}, none says how many people started and how many reached the outcome"
        )
    reached, engaged = reached[both], engaged[both]
    rates = reached / engaged
    labels = _labels(scope, asked.metrics)
    said = f"Of {_number(engaged.sum())} people who started, {_number(reached.sum())} are reported as “{labels}”"
    spread = f", between {percent(rates.min())} and {percent(rates.max())} by contract" if len(rates) > 1 else ""
    share = _share(int(both.sum()), scope.begun)
    rate = float(reached.sum() / engaged.sum())
    return Ours(rate, float(rates.min()), float(rates.max()), share, said + spread)


def _reconviction_rate(scope: Scope, asked: Asked) -> Ours:
    """At most: whoever is not yet reported to have stayed out of court counts as reconvicted."""
    kept = _outcome_rate(scope, asked)
    if not kept.is_known:
        return kept
    said = (
        f"{kept.covers}. We count all others as reconvicted, so our figure is the highest that the rate can be. It is "
        "a share of everybody who started; the published share may be of fewer people"
    )
    return Ours(1 - kept.value, 1 - kept.high, 1 - kept.low, kept.data_share, said)


def _cost_per_person(scope: Scope, asked: Asked) -> Ours:
    paid, engaged = scope.contracts["outcome_payments_gbp"], _engaged(scope, asked)
    # Who was engaged is told without a day, so that payments up to a cut-off are of fewer while a contract runs on.
    both = (paid > 0) & (engaged > 0)
    if scope.cut_off:
        both &= scope.contracts["service_end"] <= pd.Timestamp(scope.cut_off)
    if not both.any():
        return Ours(covers=f"Of {contracts_of(scope)}, none has public payments and people engaged up to the same day")
    costs = paid[both] / engaged[both]
    said = (
        f"We divide {gbp(float(paid[both].sum()))} of payments in cash by {_number(engaged[both].sum())} people "
        f"engaged. {_public_for(int(both.sum()), scope)}"
    )
    pooled = float(paid[both].sum() / engaged[both].sum())
    return Ours(pooled, float(costs.min()), float(costs.max()), _share(int(both.sum()), scope.begun), said)


def _engaged_per_targeted(scope: Scope, asked: Asked) -> Ours:
    targeted, engaged = scope.contracts["people_targeted"], _engaged(scope, asked)
    both = (targeted > 0) & engaged.notna()
    if not both.any():
        return Ours(covers=f"Of {contracts_of(scope)}, none says how many people were targeted and how many engaged")
    rates = engaged[both] / targeted[both]
    said = (
        f"We divide {_number(engaged[both].sum())} people engaged by {_number(targeted[both].sum())} targeted. "
        f"{_public_for(int(both.sum()), scope)}"
    )
    pooled = float(engaged[both].sum() / targeted[both].sum())
    return Ours(pooled, float(rates.min()), float(rates.max()), _share(int(both.sum()), scope.begun), said)


def _value_per_pound_invested(scope: Scope, _: Asked) -> Ours:
    invested, value = scope.contracts["social_investment_gbp"], scope.contracts["public_value_gbp"]
    both = (invested > 0) & value.notna()
    if not both.any():
        return Ours(covers=f"Of {contracts_of(scope)}, none has both a public investment and a value")
    said = (
        f"We divide {gbp(float(value[both].sum()))} of public value by {gbp(float(invested[both].sum()))} from all "
        f"investors. {_public_for(int(both.sum()), scope)}"
    )
    ratios = value[both] / invested[both]
    pooled = float(value[both].sum() / invested[both].sum())
    return Ours(pooled, float(ratios.min()), float(ratios.max()), _share(int(both.sum()), scope.begun), said)


def _public_for(known: int, scope: Scope) -> str:
    """For how many contracts of a scope two numbers are public."""
    if scope.begun == known:
        return f"Both are public for {'the one contract' if known == 1 else f'all {known} contracts'}{_which(scope)}"
    return f"Both are public for {known} of {contracts_of(scope)}"


MEASURES: Mapping[str, Measure] = {
    "contracts": Measure("contracts analysed", "contracts", _contracts, is_sum=True),
    "contracts_launched": Measure("contracts launched", "contracts", _contracts_launched, is_sum=True, counts=BEGUN),
    "contracts_with_added_value": Measure(
        "contracts with further results", "contracts", _valued_of(is_new=False), is_sum=True
    ),
    "contracts_new_to_analysis": Measure(
        "contracts new to the analysis", "contracts", _valued_of(is_new=True), is_sum=True
    ),
    "outcome_payments_gbp": Measure("outcome payments", "GBP", _outcome_payments, is_sum=True),
    "public_value_gbp": Measure("public value", "GBP", _value("public_value_gbp"), is_sum=True),
    "saving_gbp": Measure("value", "GBP", _fiscal_or_public, is_sum=True),
    "fiscal_value_gbp": Measure("fiscal value", "GBP", _value("fiscal_gbp"), is_sum=True),
    "non_fiscal_value_gbp": Measure("non-fiscal value", "GBP", _value("economic_gbp", "social_gbp"), is_sum=True),
    "bcr": Measure("public value per £1", "ratio", _ratio("public_value_in_bcr_gbp", "bcr")),
    "fiscal_bcr": Measure("fiscal value per £1", "ratio", _ratio("fiscal_in_bcr_gbp", "fiscal_bcr")),
    "fiscal_share": Measure("fiscal value as a share of public value", "share", _fiscal_share),
    "implied_deadweight_share": Measure("deadweight as a share of value", "share", _implied_deadweight),
    "people": Measure("people engaged", "people", _people, is_sum=True, counts=REPORTED),
    "people_into_work": Measure("people into work", "people", _people_into_work, is_sum=True),
    "social_investment_gbp": Measure("social investment", "GBP", _social_investment, is_sum=True, counts=BEGUN),
    **{
        f"{role}s": Measure(f"{role}s", "organisations", _count_of(role), is_sum=True, counts=BEGUN)
        for role in ORGANISATION_ROLES
    },
    "local_areas": Measure("local areas", "areas", _local_areas, is_sum=True, counts=BEGUN),
    "central_payments_share": Measure("share of payments by central funds", "share", _central_share),
    "central_leverage": Measure("payments for each £1 of central funds", "times", _central_leverage),
    "outcome_rate": Measure("share of people who reached the outcome", "share", _outcome_rate, counts=REPORTED),
    "reconviction_rate": Measure("reconviction rate", "share", _reconviction_rate, counts=REPORTED),
    "cost_per_person_gbp": Measure("payments for each person engaged", "GBP per person", _cost_per_person),
    "engaged_per_targeted": Measure(
        "people engaged as a share of those targeted", "share", _engaged_per_targeted, counts=REPORTED
    ),
    "value_per_pound_invested": Measure(
        "public value for each £1 invested", "GBP per GBP of capital", _value_per_pound_invested
    ),
}
# Measures without a figure of ours: what each is called, and what would be needed that no table here has.
MISSING: Mapping[str, tuple[str, str]] = {
    "saving_per_child_gbp": ("value per child", "the value for each child by a published method"),
    "fund_size_gbp": ("the size of the fund", "how much the fund had to spend"),
    "fall_in_rough_sleeping_share": ("fall in rough sleeping", "how many people slept rough there, before and after"),
    "lower_cost_share": ("lower cost", "the cost of the service it is compared with"),
    "better_outcomes_share": ("better outcomes", "what was achieved elsewhere, or by everyone who started"),
    "more_families_share": ("more families reached", "how many families the earlier service reached"),
    "reconviction_rate_of_comparison": (
        "reconviction rate of the comparison group",
        "how many people outside the contract were reconvicted",
    ),
}


def words_of(measure: str) -> str:
    """Return what a measure is called."""
    if measure in MEASURES:
        return MEASURES[measure].words
    return MISSING[measure][0] if measure in MISSING else measure.removesuffix("_gbp").replace("_", " ")


def our_figure(scope: Scope | None, measure: str, asked: Asked) -> Ours:
    """Return our figure for a measure of a scope; of a measure or a scope that there is none of, what is missing."""
    if scope is None:
        return Ours(covers="No contract in public data belongs to it")
    if measure in MEASURES:
        return MEASURES[measure].of(scope, asked)
    results, paying = int(scope.contracts["has_results"].sum()), int(scope.sums["contracts_with_payments"])
    paid = f" ({gbp(float(scope.sums['outcome_payments_gbp']))} in cash)" if paying else ""
    needed = MISSING[measure][1] if measure in MISSING else words_of(measure)
    said = _tell(scope, (results, "publishes", "publish", "results"), (paying, "has", "have", f"public payments{paid}"))
    return Ours(covers=f"{said}. {'It does not say' if scope.begun == 1 else 'None says'} {needed}")
