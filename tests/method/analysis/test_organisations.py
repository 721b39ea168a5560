"""Who takes part in contracts: which rows count, and that the same money counts once."""

from collections.abc import Callable
from datetime import date

import pandas as pd

from pipeline.method.analysis.organisations import begun_by, by_role, investments, named

Builder = Callable[..., pd.DataFrame]
TOTAL = {"role": "investor", "organisation_id": "", "name": "", "is_low_end": True, "investment_committed_gbp": 500.0}


def investor(organisation_id: str, amount: float = float("nan"), contract_id: str = "C-1") -> dict[str, object]:
    return {
        "role": "investor",
        "organisation_id": organisation_id,
        "investment_committed_gbp": amount,
        "contract_id": contract_id,
    }


def test_an_organisation_counts_once_in_a_role_and_a_group_never(make_organisations: Builder) -> None:
    rows = make_organisations(
        {"organisation_id": "O-1"},
        {"organisation_id": "O-1", "contract_id": "C-2"},
        {"organisation_id": "O-2"},
        {"organisation_id": "O-3", "is_group": True},
        {"organisation_id": "O-4", "role": "provider"},
        TOTAL,
    )
    assert by_role(named(rows)) == {"commissioner": 2, "provider": 1}


def test_the_amount_of_all_investors_is_not_added_to_that_of_each(make_organisations: Builder) -> None:
    rows = make_organisations(
        {**TOTAL, "contract_id": "C-1"},
        investor("O-1", 200.0),
        investor("O-1", 30.0, "C-2"),
        investor("O-2", 40.0, "C-2"),
        investor("O-1", contract_id="C-3"),
    )
    found = investments(rows)
    assert found["social_investment_gbp"].to_dict() == {"C-1": 500.0, "C-2": 70.0}
    assert found["is_low_end"].to_dict() == {"C-1": True, "C-2": False}


def test_without_investors_there_is_no_investment(make_organisations: Builder) -> None:
    assert investments(make_organisations({"organisation_id": "O-1"})).empty


def test_a_contract_has_begun_unless_it_starts_after_the_cut_off(make_contracts: Builder) -> None:
    contracts = make_contracts(
        {"contract_id": "C-1", "service_start": pd.Timestamp("2022-03-31")},
        {"contract_id": "C-2", "service_start": pd.Timestamp("2022-04-01")},
        {"contract_id": "C-3", "service_start": pd.NaT},
    )
    assert begun_by(contracts, date(2022, 3, 31))["contract_id"].to_list() == ["C-1", "C-3"]
    assert len(begun_by(contracts, None)) == 3
