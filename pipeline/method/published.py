"""The tables of an edition as they are published.

Belongs here: putting facts and valuation into the columns that readers rely on. Every reported row is there, also
those that the edition does not count; no value is worked out here.
"""

from collections.abc import Iterable

import pandas as pd

from pipeline.claims.disclosure import KEY
from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import of_edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.bounds import bounds
from pipeline.method.coverage import coverage, flags, not_valued
from pipeline.method.evidence import concentration, evidence_age, evidence_quality, payer_beneficiary, robustness
from pipeline.method.market_facts import market_facts
from pipeline.method.outcome_units import mapped_outcomes, with_ladder
from pipeline.method.protection import PAIR, protected_claims, protected_facts, protected_overlaps
from pipeline.method.reconciliation import published_ratios, reconciliation
from pipeline.method.scenarios import scenarios
from pipeline.method.sensitivity import sensitivity, switching_values
from pipeline.method.uncertainty import Draws, Simulation, acceptability, parameters, ratios, uncertainty
from pipeline.method.valuation import Valuation, value_edition
from pipeline.tables.base import in_natural_order
from pipeline.tables.results import PUBLISHED_TABLES, columns_of, shaped

BY_DEFAULT = Simulation()
AS_READ = ("organisations", "places", "rejected_rows", "corrections", "accepted", "optimism_bias")
VALUED = ("valued_outcomes", "overlaps", "contract_value", "policy_area_value", "market_value")
OUTCOME_KEY = ["contract_id", "metric_id", "result_type", "period_start", "period_end", "source_id"]


def published_tables(
    facts: RawFacts, reference: Reference, valuation: Valuation, simulation: Simulation = BY_DEFAULT
) -> dict[str, pd.DataFrame]:
    """Return all published tables of an edition by name, as ``published_editions`` does."""
    (tables,) = published_editions(facts, reference, [valuation], simulation).values()
    return tables


def published_editions(
    facts: RawFacts,
    reference: Reference,
    valuations: Iterable[Valuation],
    simulation: Simulation,
    *,
    is_validated: bool = False,
) -> dict[str, dict[str, pd.DataFrame]]:
    """Return all published tables by edition and name, each validated against its model.

    Those that are published as they were read were validated then, and are not again; nor are those of a valuation of
    which that is said (``is_validated``). Raises ``pandera.errors.SchemaErrors`` when a table is not what it should be,
    before anything is written.
    """
    draws = Draws(simulation)
    made = {valuation.edition.edition: _tables(facts, reference, valuation, draws) for valuation in valuations}
    as_they_are = {*AS_READ, *(VALUED if is_validated else ())}
    published: dict[str, dict[str, pd.DataFrame]] = {edition: {} for edition in made}
    for name in next(iter(made.values())):
        tables = {edition: made[edition][name] for edition in made}
        shown = {e: columns_of(t, name) for e, t in tables.items()} if name in as_they_are else shaped(tables, name)
        for edition, table in shown.items():
            published[edition][name] = table
    return published


def simulated_tables(reference: Reference, valuation: Valuation, draws: Draws) -> dict[str, pd.DataFrame]:
    """Return ``uncertainty``, ``acceptability``, ``sensitivity`` and ``switching_values`` of an edition."""
    lines, rates, contracts = valuation.valued_outcomes, reference.deadweight, valuation.contract_value
    used = parameters(lines, reference)
    model = ratios(lines, contracts, used, rates)
    values = draws.of(used, valuation.edition)
    simulated = model.of(values)
    published = published_ratios(reference.published_figures, valuation.edition)
    return {
        "uncertainty": uncertainty(model, used, simulated, contracts, published, draws.simulation.seed),
        "acceptability": acceptability(model, simulated),
        "sensitivity": sensitivity(model, used, simulated, values),
        "switching_values": switching_values(model, used),
    }


def _tables(facts: RawFacts, reference: Reference, valuation: Valuation, draws: Draws) -> dict[str, pd.DataFrame]:
    """The published tables of an edition, in the order in which they are shown."""
    every_list, reference = reference, of_edition(reference, valuation.edition)
    before = _contracts_before(facts, every_list, valuation.edition)
    tables = {
        **simulated_tables(reference, valuation, draws),
        "contracts": published_contracts(facts, valuation),
        "reported_outcomes": reported_outcomes(facts, reference, valuation),
        "claims": published_claims(facts, reference, valuation),
        "double_counting": double_counting(facts, reference, valuation),
        "payments": published_payments(facts, valuation),
        "organisations": facts.organisations,
        "places": facts.places,
        "rejected_rows": facts.rejected_rows,
        "valued_outcomes": valuation.valued_outcomes,
        "overlaps": valuation.overlaps,
        "contract_value": valuation.contract_value,
        "policy_area_value": valuation.policy_area_value,
        "market_value": valuation.market_value,
        "market_facts": market_facts(facts.contracts, facts.organisations, valuation, reference.published_figures),
        "reconciliation": reconciliation(facts.contracts, facts.organisations, valuation, reference.published_figures),
        "coverage": coverage(facts.contracts, valuation, reference.published_figures),
        "not_valued": not_valued(valuation, reference.outcome_types),
        "concentration": concentration(valuation.valued_outcomes, valuation.contract_value),
        "evidence_quality": evidence_quality(valuation.valued_outcomes, valuation.contract_value),
        "evidence_age": evidence_age(valuation.valued_outcomes, valuation.contract_value, reference),
        "robustness": robustness(valuation.valued_outcomes, valuation.contract_value, before),
        "payer_beneficiary": payer_beneficiary(
            valuation.valued_outcomes,
            valuation.payments_in_scope,
            valuation.contract_value,
            valuation.edition.payment_bases,
        ),
        "bounds": bounds(
            facts.contracts,
            valuation.payments_in_scope,
            valuation.contract_value,
            reference.gdp_deflators,
            valuation.edition.price_year,
        ),
        "scenarios": scenarios(facts, every_list, valuation, draws),
        "flags": flags(facts, valuation),
        "corrections": reference.corrections,
        "accepted": reference.accepted,
        "optimism_bias": reference.optimism_bias,
    }
    return {name: tables[name] for name in PUBLISHED_TABLES if name in tables}


def published_contracts(facts: RawFacts, valuation: Valuation) -> pd.DataFrame:
    """Return the contracts with what is known of each."""
    contracts = facts.contracts
    values = valuation.contract_value
    paid = set(values.loc[values["outcome_payments_gbp"] > 0, "contract_id"])
    return contracts.assign(
        has_outcomes=contracts["contract_id"].isin(facts.outcomes["contract_id"]),
        has_payments=contracts["contract_id"].isin(paid),
    )


def reported_outcomes(facts: RawFacts, reference: Reference, valuation: Valuation) -> pd.DataFrame:
    """Return every reported result with its treatment and the share of it that the edition counts.

    Those of contracts with claims have protected counts, missing where they are withheld.
    """
    outcomes = protected_facts(facts, valuation.edition).outcomes
    counted = valuation.outcomes_in_scope[[*OUTCOME_KEY, "share_counted", "quantity_counted", "is_estimated"]]
    mapped = mapped_outcomes(outcomes, reference.metric_outcomes, reference.outcome_types)
    table = mapped.merge(counted, on=OUTCOME_KEY, how="left", validate="one_to_one")
    table = table.fillna({"share_counted": 0.0, "quantity_counted": 0.0})
    table["is_estimated"] = table["is_estimated"].eq(True)
    # Nothing of a result that is withheld is nothing; some of it is not known.
    is_unknown = table["quantity"].isna() & (table["share_counted"] > 0)
    table["quantity_counted"] = table["quantity_counted"].mask(is_unknown)
    # As the analyst has put them; those that were counted from claims have no order of their own.
    is_claimed = table["contract_id"].isin(facts.claim_counts["contract_id"])
    order = in_natural_order(table["metric_id"]).where(is_claimed, "")
    return table.assign(order=order).sort_values(["contract_id", "order"], kind="stable").drop(columns="order")


def published_claims(facts: RawFacts, reference: Reference, valuation: Valuation) -> pd.DataFrame:
    """Return the protected counts of claims by metric and year, up to the cut-off, with the outcome of each metric."""
    mapping = reference.metric_outcomes[["contract_id", "metric_id", "outcome_id"]]
    claims = protected_claims(facts, valuation.edition)
    claims = claims.merge(mapping, on=["contract_id", "metric_id"], validate="many_to_one")
    claims = claims.sort_values(KEY, kind="stable", key=in_natural_order, ignore_index=True)
    return claims.rename(columns={"total": "total_to_year_end"})


def double_counting(facts: RawFacts, reference: Reference, valuation: Valuation) -> pd.DataFrame:
    """Return how many people each two ladders of a contract with claims share, and whether only one of them counts."""
    mapping = reference.metric_outcomes[["contract_id", "metric_id", "outcome_id", "treatment"]]
    of_other = mapping.rename(columns=lambda name: name if name == "contract_id" else f"other_{name}")
    table = protected_overlaps(facts, valuation.edition)
    for described in (mapping, of_other):
        table = table.merge(described, on=list(described.columns[:2]), validate="many_to_one")
    table = table.sort_values(PAIR, kind="stable", key=in_natural_order, ignore_index=True)
    once = _pairs_that_count_once(reference)
    pairs = zip(table["outcome_id"], table["other_outcome_id"], strict=True)
    is_overlap = (table[["treatment", "other_treatment"]] == "overlap").any(axis=1)
    return table.assign(
        is_withheld=table["people"].isna(),
        is_counted_once=is_overlap | pd.Series([pair in once for pair in pairs], dtype=bool),
    )


def _contracts_before(facts: RawFacts, reference: Reference, edition: Edition) -> list[str] | None:
    """The contracts in the ratio of the edition that this one superseded, None where there is none."""
    for other in reference.editions.values():
        if other.superseded_by == edition.edition:
            values = value_edition(facts, reference, other).contract_value
            return list(values.loc[values["is_in_bcr"], "contract_id"])
    return None


def _pairs_that_count_once(reference: Reference) -> set[tuple[str, str]]:
    """Outcomes on two ladders with unit costs of one overlap group, of which only one counts: ``without_overlaps``."""
    types = with_ladder(reference.outcome_types)[["outcome_id", "ladder"]]
    costs = reference.outcome_unit_costs.merge(types, on="outcome_id", validate="many_to_one")
    costs = costs.loc[costs["overlap_group"] != "", ["outcome_id", "ladder", "overlap_group"]]
    both = costs.merge(costs, on="overlap_group", suffixes=("", "_of_other"))
    both = both[both["ladder"] != both["ladder_of_other"]]
    return set(zip(both["outcome_id"], both["outcome_id_of_other"], strict=True))


def published_payments(facts: RawFacts, valuation: Valuation) -> pd.DataFrame:
    """Return every payment and commitment with the share of it that the edition counts."""
    added = ["share_counted", "amount_counted_gbp", "amount_real_gbp", "price_year", "is_estimated"]
    key = ["contract_id", "source_id", "locator"]
    table = facts.payments.merge(valuation.payments_in_scope[[*key, *added]], on=key, how="left", validate="one_to_one")
    table = table.fillna({"share_counted": 0.0, "amount_counted_gbp": 0.0, "price_year": ""})
    table["is_estimated"] = table["is_estimated"].eq(True)
    return table
