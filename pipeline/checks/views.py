"""What each check compares: one row per thing compared, what was found beside what it has to be.

Belongs here: pure functions from the tables of one edition to a view. A view has key columns, then ``found`` and
either ``expected`` or ``lowest`` and ``highest``. Each works out what it expects by another way than the method does:
what is copied from the method would agree with it however wrong it was. Nothing is judged here.

Tables are taken by the names of their assets. ``published_…`` are those about to be published; ``last_…`` are those
of the edition as it was last published, empty where there is none.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from pipeline.claims.disclosure import protected_counts
from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import mapping_of_list, price_list
from pipeline.method.steps.protection import policy_of
from pipeline.method.steps.sums import IN_BCR, MONEY
from pipeline.method.steps.unit_values import at_level
from pipeline.tables.dates import financial_year
from pipeline.tables.units import conversion
from pipeline.tables.vocabulary import COUNTED_TREATMENTS, DEADWEIGHT_LAYERS

Tables = Mapping[str, pd.DataFrame]
View = Callable[[Tables, Edition], pd.DataFrame]

METRIC = ["contract_id", "metric_id"]
RESULT = [*METRIC, "result_type", "period_start", "period_end", "source_id"]
PAYMENT = ["contract_id", "source_id", "locator"]
UNITS = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"]
# Columns of areas and of the market that add up those of contracts.
COUNTS = ["contracts", "contracts_valued", "contracts_with_payments", "contracts_in_bcr"]
SUMS_OF_CONTRACTS = [*MONEY, *COUNTS, *IN_BCR.values()]
COVERED = (*COUNTS, "outcome_payments_gbp")
HEADLINE_FIGURES = ("public_value_gbp", "fiscal_gbp", "outcome_payments_gbp", "bcr", "fiscal_bcr")

# Bounds on what may change from one publication of an edition to the next without somebody saying that it is right.
MARKET_MAY_CHANGE_BY = 0.25
CONTRACT_MAY_CHANGE_BY = 0.5
UNIT_COST_MAY_CHANGE_BY = 0.5
PAST_MAY_CHANGE_BY = 0.1
# Results and payments of periods: what each is about, its figure, and how much that may change whatever its share.
PAST = {
    "reported_outcomes": (["contract_id", "metric_id", "result_type"], "quantity", 10.0),
    "payments": (["contract_id", "basis", "payer", "metric_id"], "amount_gbp", 10_000.0),
}
# What a contract may have that nobody has seen before: three times the most that any has today (£6.60 for each £1), and
# five times (£69,130 for each person).
NEW_MAY_HAVE = {"bcr": 20.0, "public_value_per_person_gbp": 350_000.0}
# Small contracts may change by this much whatever their share.
CONTRACT_MAY_CHANGE_GBP = 100_000.0


def _side_by_side(found: "pd.Series[float]", expected: "pd.Series[float]") -> pd.DataFrame:
    """Two series by key; what is only on one side is nothing on the other. Pounds to the penny."""
    table = pd.concat({"found": found, "expected": expected}, axis=1).fillna(0.0).round(2)
    return table.rename_axis(index=found.index.names).reset_index()


def _counts(table: pd.DataFrame, keys: list[str]) -> "pd.Series[float]":
    return table.groupby(keys, dropna=False).size().astype(float)


def _long(table: pd.DataFrame, keys: list[str], columns: list[str]) -> "pd.Series[float]":
    """The columns of a table one below the other, by key and measure."""
    long = table.melt(id_vars=keys, value_vars=columns, var_name="measure")
    return long.set_index([*keys, "measure"])["value"].astype(float)


# --- What of the reported results and payments is counted ------------------------------------------------------


def _may_count(table: pd.DataFrame, edition: Edition) -> "pd.Series[bool]":
    """Rows of which the cut-off leaves something: all without one; else those that have begun by then."""
    if edition.cut_off is None:
        return pd.Series(True, index=table.index)
    has_period = table["period_start"].notna() & table["period_end"].notna()
    return has_period & (table["period_start"] <= pd.Timestamp(edition.cut_off))


def metrics_counted(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each reported metric: how often it counts, and whether any of its reports can (1) or none (0)."""
    reported = tables["outcomes"]
    countable = reported.assign(n=_may_count(reported, edition).astype(float)).groupby(METRIC)["n"].max()
    return _side_by_side(_counts(tables["outcomes_in_scope"], METRIC), countable)


def quantities_counted(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each counted result that is no count of claims: its quantity beside that of the row from which it comes."""
    counted, reported = tables["outcomes_in_scope"], tables["outcomes"]
    counted = counted[~counted["contract_id"].isin(tables["claim_counts"]["contract_id"])]
    first = reported.drop_duplicates(RESULT)[[*RESULT, "quantity"]].rename(columns={"quantity": "expected"})
    joined = counted.merge(first, on=RESULT, how="left").rename(columns={"quantity": "found"})
    return joined[[*METRIC, "found", "expected"]]


def counts_protected(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each counted result: shown as it is if it is no count of claims; else protected, or withheld if it must be.

    In words, since an exact count of claims is not to be seen here either. Beside what disclosure control decides
    stands what has to be withheld whatever it decides: a total of too few people.
    """
    counted, claims = tables["outcomes_in_scope"].reset_index(drop=True), tables["claim_counts"]
    years = pd.Series(["" if pd.isna(day) else financial_year(day) for day in counted["period_end"]], dtype="str")
    behind = _people_behind(counted.assign(financial_year=years), claims)
    protected = protected_counts(claims, policy_of(edition))
    totals = {(c, m, year): n for c, m, year, n in protected[[*METRIC, "financial_year", "total"]].to_numpy()}
    keys = zip(counted["contract_id"], counted["metric_id"], years, strict=True)
    total = pd.Series([totals.get(key, 0.0) for key in keys], dtype="float64")
    is_claimed = counted["contract_id"].isin(claims["contract_id"])
    is_small = (behind > 0) & (behind < edition.disclosure_threshold)
    as_it_has_to_be = (counted["quantity"] == total).map({True: "as protected", False: "otherwise"})
    found = as_it_has_to_be.where(is_claimed, "as reported").mask(counted["quantity"].isna(), "withheld")
    expected = pd.Series("as reported", counted.index).mask(is_claimed, "as protected")
    return counted[METRIC].assign(found=found, expected=expected.mask(is_small | total.isna(), "withheld"))


def _people_behind(totals: pd.DataFrame, claims: pd.DataFrame) -> "pd.Series[float]":
    """The people behind each total up to a year, as far as claims tell: of other units the most in any one year."""
    joined = totals.reset_index(names="place")[["place", *METRIC, "financial_year"]].merge(
        claims[[*METRIC, "financial_year", "unit", "people"]], on=METRIC, suffixes=("", "_claimed")
    )
    joined = joined[joined["financial_year_claimed"] <= joined["financial_year"]].astype({"people": float})
    people = joined.groupby(["place", "unit"])["people"].agg(["sum", "max"]).reset_index("unit")
    behind = people["sum"].where(people["unit"] == "person", people["max"])
    return behind.reindex(totals.index, fill_value=0.0)


def treatments_applied(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each counted result: outcome and treatment beside those of its row in ``metric_outcomes``, by the price list."""
    _, listed = price_list(tables["unit_costs"], tables["outcome_unit_costs"], edition.value_set)
    mapping = mapping_of_list(tables["metric_outcomes"], listed, edition.value_set)
    found, expected = (
        table["outcome_id"] + " " + table["treatment"]
        for table in (each.drop_duplicates(METRIC).set_index(METRIC) for each in (tables["outcomes_in_scope"], mapping))
    )
    return pd.DataFrame({"found": found, "expected": expected.reindex(found.index).fillna("")}).reset_index()


def rungs_of_ladders(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each rung above the first of its ladder: its count beside the most there can be, the count of the one below.

    Nothing is compared with a rung that is withheld, nor with one that counts by a total of an earlier year.
    """
    counted = tables["outcomes_in_scope"]
    is_claimed = counted["contract_id"].isin(tables["claim_counts"]["contract_id"])
    last = counted.groupby("contract_id")["period_end"].transform("max")
    is_of_last_day = ~is_claimed | (counted["period_end"] == last)
    rungs = counted[(counted["treatment"] == "rung") & counted["quantity"].notna() & is_of_last_day]
    years = [m * conversion(u, "year") if u != "pound" else m for m, u in zip(*_milestones(rungs), strict=True)]
    rungs = rungs.assign(place=years).sort_values(["contract_id", "outcome_id", "place"], kind="stable")
    below = rungs.groupby(["contract_id", "outcome_id"])["quantity_counted"].shift()
    view = rungs.assign(found=rungs["quantity_counted"], lowest=0.0, highest=below)[below.notna()]
    return view[[*METRIC, "outcome_id", "found", "lowest", "highest"]]


def _milestones(rungs: pd.DataFrame) -> tuple["pd.Series[float]", "pd.Series[str]"]:
    return rungs["milestone"], rungs["milestone_unit"]


def payments_counted(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each recorded payment: how often it counts, and whether it can (1) or lies after the cut-off (0)."""
    recorded = tables["payments"]
    countable = _may_count(recorded, edition) | (recorded["basis"] == "commitment")
    expected = recorded.assign(n=countable.astype(float)).groupby(PAYMENT)["n"].sum()
    return _side_by_side(_counts(tables["payments_in_scope"], PAYMENT), expected)


def payments_as_recorded(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract and basis: the cash counted, between what ended by the cut-off and what began by then.

    Of money that went back, below 0, what began is the lower end.
    """
    recorded = tables["payments"]
    begun = _may_count(recorded, edition) | (recorded["basis"] == "commitment")
    ended = begun
    if edition.cut_off is not None:
        ended = begun & ~(recorded["period_end"] > pd.Timestamp(edition.cut_off)) | (recorded["basis"] == "commitment")
    keys = ["contract_id", "basis"]
    view = pd.concat(
        {
            "found": tables["payments_in_scope"].groupby(keys)["amount_counted_gbp"].sum(),
            "ended": recorded[ended].groupby(keys)["amount_gbp"].sum(),
            "begun": recorded[begun].groupby(keys)["amount_gbp"].sum(),
        },
        axis=1,
    )
    view = view.fillna(0.0).round(2).rename_axis(keys)
    # Each payment that straddles the cut-off is rounded to the penny by itself.
    lowest, highest = view[["ended", "begun"]].min(axis=1), view[["ended", "begun"]].max(axis=1) + 0.01
    view = view.assign(lowest=lowest - 0.01 * (lowest < 0), highest=highest)
    return view[["found", "lowest", "highest"]].reset_index()


# --- Lines of value ------------------------------------------------------------------------------------------


def _lines(tables: Tables) -> pd.DataFrame:
    """All lines of value, those that count and those left out as overlaps."""
    return pd.concat([tables["valued_outcomes"], tables["overlaps"]], ignore_index=True)


def lines_of_outcomes(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each outcome of each contract: its lines of value, one for each unit cost of the outcome."""
    _, listed = price_list(tables["unit_costs"], tables["outcome_unit_costs"], edition.value_set)
    lines_each = listed.groupby("outcome_id").size()
    units = tables["outcome_units"].drop_duplicates(UNITS)
    expected = units.assign(n=units["outcome_id"].map(lines_each).astype(float)).set_index(UNITS)["n"]
    return _side_by_side(_counts(_lines(tables), UNITS), expected)


def net_value_split(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract: net value that counts or is left out as an overlap, beside all of it."""
    found = _lines(tables).groupby("contract_id")["net_gbp"].sum()
    return _side_by_side(found, tables["net_value"].groupby("contract_id")["net_gbp"].sum())


def _with_register(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Lines with their unit cost as it stands in the register, taken at the level of the edition."""
    costs, _ = price_list(tables["unit_costs"], tables["outcome_unit_costs"], edition.value_set)
    costs = costs.assign(taken_gbp=at_level(costs, edition.unit_value_level))
    costs = costs.drop_duplicates("unit_cost_id").set_index("unit_cost_id")
    return _lines(tables).join(costs.add_prefix("registered_"), on="unit_cost_id")


def unit_costs_used(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each line: the unit cost used beside the one in the register, at the level of the edition."""
    lines = _with_register(tables, edition)
    lines = lines.assign(found=lines["unit_cost_gbp"], expected=lines["registered_taken_gbp"])
    return lines[["contract_id", "outcome_id", "unit_cost_id", "found", "expected"]]


def units_of_unit_costs(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each line: unit of the cost, unit of the outcome and their ratio, beside those of the two registers."""
    lines = _with_register(tables, edition)
    types = tables["outcome_types"].drop_duplicates("outcome_id").set_index("outcome_id")["unit"]
    outcome_unit = lines["outcome_id"].map(types)
    used = zip(lines["unit_cost_unit"], lines["unit"], lines["cost_units_per_unit"], strict=True)
    registered = zip(lines["registered_unit"], outcome_unit, strict=True)
    return lines.assign(
        found=[f"{n:.6g} {cost} per {outcome}" for cost, outcome, n in used],
        expected=[f"{conversion(outcome, cost):.6g} {cost} per {outcome}" for cost, outcome in registered],
    )[["contract_id", "outcome_id", "unit_cost_id", "found", "expected"]]


def values_of_units(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each line: pounds for one unit of the outcome, beside the product of cost and factors in the registers."""
    lines = _with_register(tables, edition)
    deflators = tables["gdp_deflators"].drop_duplicates("price_year").set_index("price_year")["gdp_deflator"]
    _, listed = price_list(tables["unit_costs"], tables["outcome_unit_costs"], edition.value_set)
    weights = listed.drop_duplicates(["outcome_id", "unit_cost_id"])
    lines = lines.drop(columns="units_per_outcome").merge(
        weights[["outcome_id", "unit_cost_id", "units_per_outcome"]], on=["outcome_id", "unit_cost_id"], how="left"
    )
    types = tables["outcome_types"].drop_duplicates("outcome_id").set_index("outcome_id")
    hours = tables["hours_weights"].drop_duplicates("hours_weight_id").set_index("hours_weight_id")["central"]
    expected = (
        lines["registered_taken_gbp"]
        * deflators[edition.price_year]
        / lines["registered_price_year"].map(deflators)
        * [conversion(u, c) for u, c in zip(lines["unit"], lines["registered_unit"], strict=True)]
        * lines["units_per_outcome"]
        * lines["outcome_id"].map(types["hours_weight_id"]).map(hours).fillna(1.0)
    )
    view = lines.assign(found=lines["unit_value_gbp"].round(6), expected=expected.round(6))
    return view[["contract_id", "outcome_id", "unit_cost_id", "found", "expected"]]


def deadweight_taken(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each line: the rate taken off, between the rates that the register holds for that outcome and contract."""
    lines, rates = _lines(tables), tables["deadweight"]
    layers = list(DEADWEIGHT_LAYERS)[: list(DEADWEIGHT_LAYERS).index(edition.deadweight_layer) + 1]
    rates = rates[rates["layer"].isin(layers)]
    keys = ["outcome_id", "contract_id"]
    for_all = rates[rates["contract_id"] == ""].groupby("outcome_id")["central"].agg(["min", "max"])
    for_one = rates.groupby(keys)["central"].agg(["min", "max"]).add_suffix("_one")
    takes_none = lines["is_net_of_deadweight"] | (edition.deadweight_layer == "none")
    bounds = lines[keys].join(for_all, on="outcome_id").join(for_one, on=keys)
    return lines.assign(
        found=lines["deadweight"],
        lowest=bounds[["min", "min_one"]].min(axis=1).mask(takes_none, 0.0),
        highest=bounds[["max", "max_one"]].max(axis=1).mask(takes_none, 0.0),
    )[["contract_id", "outcome_id", "unit_cost_id", "found", "lowest", "highest"]]


def ladders_of_overlap_groups(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each overlap group of each contract: how many ladders of it count, which is one."""
    _, listed = price_list(tables["unit_costs"], tables["outcome_unit_costs"], edition.value_set)
    groups = listed.drop_duplicates(["outcome_id", "unit_cost_id"])
    keys = ["outcome_id", "unit_cost_id"]
    lines = tables["valued_outcomes"].drop(columns="overlap_group", errors="ignore")
    lines = lines.merge(groups[[*keys, "overlap_group"]], on=keys, how="left")
    lines = lines[lines["overlap_group"] != ""]
    found = lines.groupby(["contract_id", "overlap_group"])["ladder"].nunique().astype(float)
    return _side_by_side(found, found.clip(1, 1))


def ladders_left_out(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract: metrics treated as overlap that stand among the lines that count, which is none."""
    mapped = tables["outcomes_in_scope"]
    never = mapped[~mapped["treatment"].isin(COUNTED_TREATMENTS)]
    counted = tables["valued_outcomes"]
    pairs = counted.assign(metric_id=counted["metric_ids"].str.split("; ")).explode("metric_id")[METRIC]
    wrong = never[METRIC].merge(pairs.drop_duplicates(), on=METRIC)
    found = _counts(wrong, ["contract_id"]).reindex(sorted(set(mapped["contract_id"])), fill_value=0.0)
    return _side_by_side(found.rename_axis("contract_id"), found * 0)


# --- Contracts, policy areas, the market ---------------------------------------------------------------------


def contracts_kept(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract: its rows among the values, one for each contract that is known."""
    key = ["contract_id"]
    return _side_by_side(_counts(tables["contract_value"], key), _counts(tables["contracts"], key))


def value_of_contracts(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract and kind of value: its sum beside that of its lines."""
    lines, key = tables["valued_outcomes"], ["contract_id"]
    public = lines[~lines["is_transfer"]]
    parts = {f"{kind}_gbp": lines.loc[lines["kind"] == kind] for kind in ("fiscal", "economic", "social")}
    parts |= {"transfers_gbp": lines[lines["is_transfer"]], "public_value_gbp": public}
    sums = {name: part.groupby(key)["net_gbp"].sum() for name, part in parts.items()}
    sums["gross_public_value_gbp"] = public.groupby(key)["gross_gbp"].sum()
    expected = pd.concat(sums, names=["measure"]).reorder_levels(["contract_id", "measure"])
    return _side_by_side(_long(tables["contract_value"], key, list(sums)), expected)


def payments_of_contracts(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract: its payments, in cash and in real terms, beside the sum of the payments of the bases counted."""
    paid, key = tables["payments_in_scope"], ["contract_id"]
    paid = paid[paid["basis"].isin(edition.payment_bases) | _goes_back(paid, edition)]
    paid = paid.assign(
        outcome_payments_gbp=paid["amount_counted_gbp"], outcome_payments_real_gbp=paid["amount_real_gbp"]
    )
    names = ["outcome_payments_gbp", "outcome_payments_real_gbp"]
    expected = _long(paid.groupby(key, as_index=False)[names].sum(), key, names)
    return _side_by_side(_long(tables["contract_value"], key, names), expected)


def _goes_back(payments: pd.DataFrame, edition: Edition) -> "pd.Series[bool]":
    """Which rows are money that went back, where what was paid counts: then it counts too, whether named or not."""
    counts_what_was_paid = not {"paid", "reported"}.isdisjoint(edition.payment_bases)
    return (payments["basis"] == "returned") & counts_what_was_paid


def _summed(contracts: pd.DataFrame) -> pd.DataFrame:
    """Contracts with the counts and the sums over those in the ratio that areas and the market add up."""
    in_bcr = contracts["is_in_bcr"]
    return contracts.assign(
        contracts=1,
        contracts_valued=contracts["is_valued"],
        contracts_with_payments=contracts["outcome_payments_gbp"] > 0,
        contracts_in_bcr=in_bcr,
        **{matched: contracts[column].where(in_bcr, 0.0) for column, matched in IN_BCR.items()},
    )


def policy_areas_summed(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each policy area and measure: its sum beside that of its contracts."""
    key = ["policy_area"]
    contracts = _long(_summed(tables["contract_value"]), key, SUMS_OF_CONTRACTS)
    return _side_by_side(
        _long(tables["policy_area_value"], key, SUMS_OF_CONTRACTS), contracts.groupby([*key, "measure"]).sum()
    )


def market_summed(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each measure of the market: its sum beside that of all contracts."""
    contracts = _long(_summed(tables["contract_value"]), [], SUMS_OF_CONTRACTS)
    return _side_by_side(_long(tables["market_value"], [], SUMS_OF_CONTRACTS), contracts.groupby("measure").sum())


# --- What is about to be published ----------------------------------------------------------------------------


def levels_published(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each measure of the market: its figure in the headline beside the sum over the published policy areas."""
    headline = tables["published_headline"].set_index("figure")["value"]
    said = [measure for measure in SUMS_OF_CONTRACTS if measure in headline.index]
    areas = _long(tables["published_policy_area_value"], [], said).groupby("measure").sum()
    return _side_by_side(headline[said].rename_axis("measure"), areas)


def rows_published(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract and table: rows published beside rows read, whether the edition counts them or not."""
    # By the name under which they are published: that under which they are read.
    names = {name: name for name in ("contracts", "payments", "organisations", "places", "rejected_rows")}
    names["reported_outcomes"] = "outcomes"
    key = ["contract_id"]
    found = {name: _counts(tables[f"published_{name}"], key) for name in names}
    expected = {name: _counts(tables[read], key) for name, read in names.items()}
    return _side_by_side(pd.concat(found, names=["table"]), pd.concat(expected, names=["table"]))


def claims_published(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each reported metric: its published years of claims, one for each report of a claimed one by the cut-off."""
    reported, claims = tables["outcomes"], tables["claim_counts"][METRIC].drop_duplicates()
    ended = reported["period_end"] <= pd.Timestamp(edition.cut_off or pd.Timestamp.max)
    expected = _counts(reported[ended].merge(claims, on=METRIC), METRIC)
    every = pd.MultiIndex.from_frame(reported[METRIC].drop_duplicates()).union(expected.index)
    found = _counts(tables["published_claims"], METRIC)
    return _side_by_side(found.reindex(every.union(found.index), fill_value=0.0), expected)


def small_counts_published(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract: published counts and totals of claims of fewer people than may be shown, of which there are none.

    Of a unit other than people the most in any one year are counted, as nobody knows here who came again.
    """
    published, claims = tables["published_claims"].reset_index(drop=True), tables["claim_counts"]
    of_year = claims.set_index([*METRIC, "financial_year"])["people"].astype(float)
    behind = {
        "quantity": published[[*METRIC, "financial_year"]].join(of_year, on=[*METRIC, "financial_year"])["people"],
        "total_to_year_end": _people_behind(published, claims),
    }
    shown = [
        published.loc[published[column].notna() & (people > 0) & (people < edition.disclosure_threshold), "contract_id"]
        for column, people in behind.items()
    ]
    return _none_of(pd.concat(shown), tables)


def small_overlaps_published(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract: published numbers of people on two ladders who are too few, or leave too few on one of them."""
    overlaps, reported = tables["claim_overlaps"].astype({"people": float}), tables["outcomes"]
    is_ended = reported["period_end"] <= pd.Timestamp(edition.cut_off or pd.Timestamp.max)
    reports = reported[is_ended & reported["contract_id"].isin(overlaps["contract_id"])]
    last = {c: financial_year(day) for c, day in reports.groupby("contract_id")["period_end"].max().items()}
    years = zip(overlaps["contract_id"], overlaps["financial_year"], strict=True)
    is_in_scope = pd.Series(
        [year <= last.get(contract_id, "") for contract_id, year in years], overlaps.index, dtype=bool
    )
    people = overlaps[is_in_scope].groupby([*METRIC, "other_metric_id"])["people"].sum().to_dict()

    def is_small(contract_id: str, one: str, other: str) -> bool:
        both = people.get((contract_id, one, other), 0.0)
        rest = (people.get((contract_id, metric, metric), 0.0) - both for metric in (one, other))
        return any(0 < number < edition.disclosure_threshold for number in (both, *rest))

    shown = tables["published_double_counting"].dropna(subset="people")
    pairs = shown[[*METRIC, "other_metric_id"]].itertuples(index=False, name=None)
    small = pd.Series([is_small(*pair) for pair in pairs], shown.index, dtype=bool)
    return _none_of(shown.loc[small, "contract_id"], tables)


def _none_of(contract_ids: "pd.Series[str]", tables: Tables) -> pd.DataFrame:
    """Each contract: how often it is among some, of which there must be none."""
    found = contract_ids.value_counts().reindex(sorted(set(tables["contracts"]["contract_id"])), fill_value=0)
    found = found.rename_axis("contract_id").astype(float)
    return _side_by_side(found, found * 0)


def lines_published(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract: public value as published beside the sum of its published lines."""
    lines = tables["published_valued_outcomes"]
    found = tables["published_contract_value"].set_index("contract_id")["public_value_gbp"]
    return _side_by_side(found, lines[~lines["is_transfer"]].groupby("contract_id")["net_gbp"].sum())


def figures_held_beside_ours(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each figure that others published: its rows in the reconciliation, one for each."""
    key = ["figure_id"]
    return _side_by_side(_counts(tables["published_reconciliation"], key), _counts(tables["published_figures"], key))


# --- Beside the last edition ----------------------------------------------------------------------------------


def contracts_of_last(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each contract of the last edition: its rows in this one, which must be there."""
    last = tables["last_contract_value"]
    now = _counts(tables["published_contract_value"], ["contract_id"])
    found = now.reindex(last["contract_id"]).fillna(0.0)
    return found.rename("found").reset_index().assign(expected=1.0)


def coverage_of_last(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each measure of coverage, of the market and of each area: this edition has at least as much as the last."""
    view = _headline_beside_last(tables)
    # Not the scenarios: what they cover follows from the choice that they try.
    is_covered = [f.rpartition(".")[2] in COVERED and not f.startswith("by_choice.") for f in view["figure"]]
    view = view[pd.Series(is_covered, index=view.index, dtype=bool)]
    return view.assign(lowest=view["last"], highest=float("inf"))[["figure", "found", "lowest", "highest"]]


def market_beside_last(tables: Tables, edition: Edition) -> pd.DataFrame:
    """The figures of the market, within a quarter of the last."""
    view = _headline_beside_last(tables)
    view = view[view["figure"].isin(HEADLINE_FIGURES)]
    return _within(view, MARKET_MAY_CHANGE_BY)[["figure", "found", "lowest", "highest"]]


def contracts_beside_last(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Value and payments of each contract, within half of the last or £100,000."""
    key, names = ["contract_id"], ["public_value_gbp", "outcome_payments_gbp"]
    # What becomes known, or is known no longer, has changed from or to nothing.
    last, now = (_long(tables[f"{when}_contract_value"], key, names).fillna(0.0) for when in ("last", "published"))
    view = pd.concat({"last": last, "found": now}, axis=1, join="inner").reset_index()
    return _within(view, CONTRACT_MAY_CHANGE_BY, CONTRACT_MAY_CHANGE_GBP)[
        [*key, "measure", "found", "lowest", "highest"]
    ]


def past_periods(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Results and payments of one period, then and now: within a tenth of the last, or 10 or £10,000 if that is more.

    A period that is reported anew with a later end is none of these; nor is a count that is withheld, then or now.
    """
    views = []
    for name, (columns, measure, at_least) in PAST.items():
        last, now = (
            table.groupby(_of_a_period(table, columns))[measure].sum(min_count=1)
            for table in (tables[f"last_{name}"], tables[f"published_{name}"])
        )
        view = pd.concat({"last": last, "found": now}, axis=1, join="inner").dropna().rename_axis("key").reset_index()
        views.append(_within(view, PAST_MAY_CHANGE_BY, at_least))
    return pd.concat(views, ignore_index=True)[["key", "found", "lowest", "highest"]]


def _of_a_period(table: pd.DataFrame, columns: list[str]) -> "pd.Series[str]":
    """What each row is about, as one text: what its columns say, and from when to when."""
    rows = zip(*(table[name] for name in [*columns, "period_start", "period_end"]), strict=True)
    texts = [
        " ".join([*filter(None, said), *("?" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in (start, end))])
        for *said, start, end in rows
    ]
    return pd.Series(texts, index=table.index, dtype="str")


def new_contracts(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Value for each £1 and for each person of contracts that were not in the last edition: as much as others have.

    ``key`` is that of ``accepted.csv``: contract, edition, measure.
    """
    contracts = tables["published_contract_value"].merge(
        tables["published_contracts"][["contract_id", "people_engaged"]], on="contract_id"
    )
    new = contracts[~contracts["contract_id"].isin(tables["last_contract_value"]["contract_id"])]
    people = new["people_engaged"].astype(float)
    each = new.assign(public_value_per_person_gbp=(new["public_value_gbp"] / people).where(people > 0))
    view = _long(each, ["contract_id"], list(NEW_MAY_HAVE)).dropna().rename("found").reset_index()
    highest = view["measure"].map(NEW_MAY_HAVE).astype(float)
    view = view.assign(key=view["contract_id"] + f" {edition.edition} " + view["measure"], highest=highest)
    # What somebody has accepted may be as it is, and no more.
    rows = tables["published_accepted"].query("check == 'new_contracts_like_others'")
    accepted = set(zip(rows["key"], rows["value"], strict=True))
    is_accepted = pd.Series([(row.key, plain(row.found)) in accepted for row in view.itertuples()], view.index, bool)
    highest = view["highest"].mask(is_accepted, view["found"].abs())
    return view.assign(lowest=-highest, highest=highest)[["key", "found", "lowest", "highest"]]


def plain(number: float) -> str:
    """Return a figure to the hundredth, as it stands in ``accepted.csv``."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def unit_costs_beside_last(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each unit cost used, in the prices of the edition, within half of what it was in the last."""
    key = ["outcome_id", "unit_cost_id"]
    last, now = (
        tables[f"{when}_valued_outcomes"].drop_duplicates(key).set_index(key)["unit_value_gbp"]
        for when in ("last", "published")
    )
    view = pd.concat({"last": last, "found": now}, axis=1, join="inner").reset_index()
    return _within(view, UNIT_COST_MAY_CHANGE_BY)[[*key, "found", "lowest", "highest"]]


def figures_without_cause(tables: Tables, edition: Edition) -> pd.DataFrame:
    """Each figure of the headline beside the last, if data, reference, code, draws and seed are the same; else none."""
    versions = [tables[f"{when}_versions"].set_index("version")["hash"].to_dict() for when in ("last", "published")]
    view = _headline_beside_last(tables)
    drawn = view[view["figure"].isin(["uncertainty.draws", "uncertainty.seed"])]
    if versions[0] != versions[1] or (drawn["found"] != drawn["last"]).any():
        view = view.iloc[:0]
    return view.rename(columns={"last": "expected"})[["figure", "found", "expected"]]


def _headline_beside_last(tables: Tables) -> pd.DataFrame:
    """Figures that both headlines have: ``figure, found, last``."""
    last, now = (tables[f"{when}_headline"].set_index("figure")["value"] for when in ("last", "published"))
    return pd.concat({"last": last, "found": now}, axis=1, join="inner").rename_axis("figure").reset_index()


def _within(view: pd.DataFrame, share: float, at_least: float = 0.0) -> pd.DataFrame:
    """Add the bounds: the last figure less and plus a share of it, or an amount where that is more."""
    room = (view["last"].abs() * share).clip(lower=at_least)
    return view.assign(lowest=view["last"] - room, highest=view["last"] + room)
