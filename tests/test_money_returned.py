"""Money that goes back: a clawback or a credit, from the row in raw/ to the ratio, the pages and what is checked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipeline.checks.payments import payments_as_recorded
from pipeline.checks.sums import payments_of_contracts
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.load import find_problems, load
from pipeline.method.analysis.tables import published_tables
from pipeline.method.steps.scope import counted_bases
from pipeline.method.valuation import Valuation, value_edition
from pipeline.report.text.explain import as_text, explain
from pipeline.tables.catalogue import ENTRIES, PUBLISHED_TABLES

C_1 = "raw/C-1/payments.csv"
# C-1 was paid £100,000 in 2018-19 and £45,000, as corrected, in 2019-20; GDP deflators are 94, 97 and, in the year of
# the edition's prices, 100.
PAID_REAL = round(100_000 * 100 / 94, 2) + round(45_000 * 100 / 97, 2)


@pytest.fixture
def give_back(small_project: Path) -> Callable[..., tuple[RawFacts, Reference]]:
    """Add a row of money returned to the payments of C-1, and load the project."""

    def added(amount: str, start: str = "2018-04-01", end: str = "2019-03-31") -> tuple[RawFacts, Reference]:
        with (small_project / C_1).open("a") as payments:
            payments.write(f"A Council,local,{start},{end},{amount},returned,,survey-2021,C-1 clawback,\n")
        return load(small_project / "raw", small_project / "reference")

    return added


def valued(facts: RawFacts, reference: Reference, cut_off: date | None = None) -> Valuation:
    return value_edition(facts, reference, replace(reference.editions["main"], cut_off=cut_off))


def of_c_1(table: pd.DataFrame) -> pd.Series:
    return table.set_index("contract_id").loc["C-1"]


@pytest.mark.parametrize(
    ("start", "end", "deflator"), [("2018-04-01", "2019-03-31", 94), ("2020-04-01", "2021-03-31", 100)]
)
def test_what_went_back_is_taken_off_in_the_prices_of_its_own_period(
    give_back: Callable[..., tuple[RawFacts, Reference]], start: str, end: str, deflator: int
) -> None:
    facts, reference = give_back("-30000", start, end)
    valuation = valued(facts, reference)
    value = of_c_1(valuation.contract_value)
    real = round(PAID_REAL - round(30_000 * 100 / deflator, 2), 2)
    assert value["outcome_payments_gbp"] == 115_000
    assert value["outcome_payments_real_gbp"] == real
    assert value["bcr"] == pytest.approx(value["public_value_gbp"] / real)
    market = valuation.market_value.iloc[0]
    assert market["outcome_payments_gbp"] == 115_000 + 250_000
    assert market["outcome_payments_in_bcr_real_gbp"] == pytest.approx(
        valuation.contract_value.loc[valuation.contract_value["is_in_bcr"], "outcome_payments_real_gbp"].sum()
    )


def test_it_is_said_wherever_payments_are(give_back: Callable[..., tuple[RawFacts, Reference]]) -> None:
    facts, reference = give_back("-30000")
    valuation = valued(facts, reference)
    text = as_text(explain(facts, reference, valuation, "C-1"))
    assert "returned: −£30,000 in cash, −£31,914.89 in 2020-21 prices; 1 row" in text
    assert f"outcome payments £{PAID_REAL - 31_914.89:,.2f}\n" in text
    tables = published_tables(facts, reference, valuation)
    for name, table in tables.items():
        PUBLISHED_TABLES[name].validate(table, lazy=True)
    coverage = tables["coverage"].set_index("measure")["ours"]
    assert coverage["payments_returned_gbp"] == -30_000
    assert coverage["payments_paid_gbp"] == 395_000
    assert coverage["outcome_payments_gbp"] == 365_000
    tried = tables["scenarios"].query("changes == 0 or changed == 'payment_bases'")
    assert len(set(tried["outcome_payments_gbp"])) == 1, "all that is known was paid, and the same went back"
    shares = tables["market_facts"].query("scope == 'market'").set_index("measure")["ours"]
    assert shares["payments_local_share"] == pytest.approx(115 / 365)
    laid = tables["payer_beneficiary"].query("payer_kind == 'local'")
    assert set(laid["payer_payments_real_gbp"]) == {round(PAID_REAL - 31_914.89, 2)}


@pytest.mark.parametrize("cut_off", [None, date(2018, 10, 31), date(2019, 3, 31), date(2019, 12, 31)])
def test_the_checks_hold_with_it(give_back: Callable[..., tuple[RawFacts, Reference]], cut_off: date | None) -> None:
    facts, reference = give_back("-30000.05")
    valuation = valued(facts, reference, cut_off)
    ENTRIES["payments_in_scope"].model.validate(valuation.payments_in_scope, lazy=True)
    edition, counted = valuation.edition, valuation.payments_in_scope
    recorded = payments_as_recorded(edition, counted, facts.payments)
    assert recorded["found"].between(recorded["lowest"], recorded["highest"]).all()
    assert "returned" in set(recorded["basis"])
    summed = payments_of_contracts(edition, valuation.contract_value, counted)
    assert (summed["found"] - summed["expected"]).abs().max() < 0.01
    lost = payments_as_recorded(edition, counted[counted["basis"] != "returned"], facts.payments)
    is_straddled = cut_off == date(2018, 10, 31)
    assert is_straddled or not lost["found"].between(lost["lowest"], lost["highest"]).all()


def test_no_more_can_go_back_than_was_paid(
    small_project: Path, give_back: Callable[..., tuple[RawFacts, Reference]]
) -> None:
    give_back("-100000")
    payments = small_project / C_1
    # Of what was paid in the year after, nothing can have gone back yet.
    payments.write_text(payments.read_text().replace("-100000", "-100000.01"))
    problems = find_problems(small_project / "raw", small_project / "reference")[2]
    assert [str(problem) for problem in problems] == [
        f"{C_1}:5: amount_gbp: more was paid back than had been paid "
        "(found '100000.01 by 2019-03-31', expected at most 100000, which is what was paid by then)"
    ]


def test_no_more_can_go_back_in_earlier_prices_than_was_paid(
    small_project: Path, give_back: Callable[..., tuple[RawFacts, Reference]]
) -> None:
    """£130,000 of £145,000 in the prices of 2018-19 would be more of it than it was."""
    give_back("-100000", "2018-04-01", "2020-03-31")
    payments = small_project / C_1
    payments.write_text(payments.read_text().replace("-100000", "-130000"))
    problems = find_problems(small_project / "raw", small_project / "reference")[2]
    assert [str(problem) for problem in problems] == [
        f"{C_1}:5: amount_gbp: more was paid back than had been paid "
        "(found '130000 by 2019-04-01, the middle of its period', "
        "expected at most 100000, which is what was paid by then)"
    ]


def test_a_contract_of_which_all_went_back_has_no_ratio(
    small_project: Path, give_back: Callable[..., tuple[RawFacts, Reference]]
) -> None:
    accepted = small_project / "reference/accepted.csv"
    accepted.write_text(
        "check,key,value,reason,source_id,accepted_on\n"
        "contracts_like_others,C-1 paid,0,all was paid back,survey-2021,2026-01-31\n"
    )
    facts, reference = give_back("-145000", "2019-04-01", "2020-03-31")
    valuation = valued(facts, reference)
    value = of_c_1(valuation.contract_value)
    assert value["outcome_payments_gbp"] == 0
    # In real terms something stays, since it went back in the lower prices of a later year; nobody paid that.
    assert value["outcome_payments_real_gbp"] > 0
    assert not value["is_in_bcr"]
    assert pd.isna(value["bcr"])
    assert "no ratio: at least as much was paid back as was paid" in as_text(
        explain(facts, reference, valuation, "C-1")
    )


def test_money_that_went_back_counts_where_what_was_paid_does() -> None:
    assert counted_bases(("paid",)) == ("paid", "returned")
    assert counted_bases(("reported", "evaluation")) == ("reported", "evaluation", "returned")
    assert counted_bases(("paid", "returned")) == ("paid", "returned")
    assert counted_bases(("evaluation", "commitment")) == ("evaluation", "commitment")
    assert counted_bases(()) == ()
