"""What looks unusual and is kept as reported: contracts paid up to their maximum long before they end."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.tables import analysed
from pipeline.method.valuation import Valuation, value_edition

PAID_UP = "nearly all of the maximum payment is paid, long before the service ends"


def test_of_the_project_norfolk_is_paid_up_and_no_other(
    valuations: dict[str, Valuation], facts: RawFacts, reference: Reference
) -> None:
    found = analysed("flags", facts, reference, valuations["open-2026"])
    (odd,) = found[found["flag"] == PAID_UP].itertuples()
    assert odd.contract_id == "INDIGO-POJ-0178"
    assert odd.detail == "£8,626,543 paid by 2024-09-30, maximum £8,629,680; service until 2029-02-28"
    # Until the end of 2023 less had been paid.
    earlier = analysed("flags", facts, reference, valuations["atq-2024"])
    assert not (earlier["flag"] == PAID_UP).any()


@pytest.mark.parametrize(
    ("paid", "most", "service_end", "is_odd"),
    [
        (990.0, 1_000.0, "2021-06-01", True),
        (989.0, 1_000.0, "2021-06-01", False),
        # More than the maximum is as odd.
        (1_005.0, 1_000.0, "2021-06-01", True),
        # Within a year of the end everything may well have been paid.
        (1_000.0, 1_000.0, "2020-03-31", False),
        (1_000.0, 1_000.0, None, False),
        (1_000.0, 0.0, "2021-06-01", False),
    ],
)
def test_paid_up_is_near_the_maximum_and_far_from_the_end(
    paid: float,
    most: float,
    service_end: str | None,
    is_odd: bool,
    make_facts: Callable[..., RawFacts],
    make_payments: Callable[..., pd.DataFrame],
    made_up_reference: Reference,
    make_edition: Callable[..., Edition],
) -> None:
    facts = make_facts({("C-1", "started"): 100})
    contract_id = facts.contracts["contract_id"].iloc[0]
    rows = [{"amount_gbp": paid, "basis": "paid", "locator": "1"}]
    rows += [{"amount_gbp": most, "basis": "commitment", "locator": "2"}] if most else []
    payments = make_payments(*({"contract_id": contract_id, **row} for row in rows))
    ends = facts.contracts.assign(service_end=pd.Timestamp(service_end))
    facts = replace(facts, contracts=ends, payments=payments)
    found = analysed("flags", facts, made_up_reference, value_edition(facts, made_up_reference, make_edition()))
    assert (found["flag"] == PAID_UP).any() == is_odd
