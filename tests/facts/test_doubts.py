"""What can hardly be, and what cannot: each rule has a case just inside its limit and one just outside."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.facts.rules import cross_table_problems
from pipeline.facts.rules.doubts import DOUBTED
from pipeline.tables.reference import Accepted
from pipeline.tables.vocabulary import DOUBTS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("known_rules")]

Builder = Callable[..., pd.DataFrame]
Row = dict[str, Any]
Run = Callable[..., tuple[int, str, str]]
TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def said(
    make_contracts: Builder,
    make_outcomes: Builder,
    make_payments: Builder,
    make_organisations: Builder,
    make_places: Builder,
    make_rejected_rows: Builder,
    make_unit_costs: Builder,
    made_up_reference: Reference,
) -> Callable[..., list[tuple[str, int, str, str, str]]]:
    """Say what cannot be, or hardly, of a made-up contract and reference tables: path, row, column, what, found.

    ``places``: so many are listed; ``others``: what other contracts of its area were paid.
    """
    small = replace(
        made_up_reference,
        unit_costs=make_unit_costs({}),
        sources=made_up_reference.sources.head(1).assign(source_id="s-1", published="").set_axis([2]),
    )

    def of(
        contract: Row | None = None,
        outcomes: list[Row] | None = None,
        payments: list[Row] | None = None,
        accepted: pd.DataFrame | None = None,
        places: int = 0,
        others: dict[str, float] | None = None,
        **tables: pd.DataFrame,
    ) -> list[tuple[str, int, str, str, str]]:
        rows = [
            {"amount_gbp": 50_000.0, "row": 2 + n, "locator": f"#{n}"} | row for n, row in enumerate(payments or [])
        ]
        results = [
            {"metric_id": "days", "row": 2 + n, "locator": f"#{n}"} | row for n, row in enumerate(outcomes or [])
        ]
        paid_to_others = [
            {"contract_id": other, "amount_gbp": amount, "row": 2, "locator": other}
            for other, amount in (others or {}).items()
        ]
        facts = RawFacts(
            contracts=make_contracts(contract or {}, *({"contract_id": other} for other in others or {})),
            outcomes=make_outcomes(*results),
            payments=make_payments(*rows, *paid_to_others),
            organisations=make_organisations(),
            places=make_places(*({"place": f"P{n}", "locator": f"#{n}"} for n in range(places))),
            rejected_rows=make_rejected_rows(),
        )
        reference = replace(small, accepted=Accepted.empty() if accepted is None else accepted, **tables)
        found = cross_table_problems(facts, reference, contracts=["C-1", *(others or {})], today=TODAY)
        other = ("metric_id", "contract_id", "source_id", "outcome_id", "unit_cost_id")
        return [(p.path, p.row, p.column, p.what, p.found) for p in found if p.column not in other]

    return of


Said = Callable[..., list[tuple[str, int, str, str, str]]]
OUTCOMES, PAYMENTS, CONTRACT = "raw/C-1/outcomes.csv", "raw/C-1/payments.csv", "raw/C-1/contract.toml"


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


# --- Doubts: one row of accepted.csv lets them pass ------------------------------------------------------------


# 100 people for the 365 days of the financial year 2018-19.
MOST_DAYS = 36_500.0


@pytest.mark.parametrize(
    ("contract", "unit", "inside", "outside"),
    [
        ({}, "day", MOST_DAYS, MOST_DAYS + 1),
        ({}, "week", 5_214.0, 5_215.0),
        ({}, "year", 99.9, 100.1),
        ({"people_engaged": pd.NA}, "day", MOST_DAYS, MOST_DAYS + 1),
        # Where nobody says how many people there are, they are as many as any contract may have.
        ({"people_engaged": pd.NA, "people_targeted": pd.NA}, "day", 36_500_000.0, 36_500_001.0),
    ],
)
def test_time_is_that_of_the_people(said: Said, contract: Row, unit: str, inside: float, outside: float) -> None:
    assert said(contract, outcomes=[{"unit": unit, "quantity": inside}]) == []
    assert said(contract, outcomes=[{"unit": unit, "quantity": outside}]) == [
        (OUTCOMES, 2, "quantity", "more time than its people had", f"{outside:.15g}")
    ]


def test_nobody_has_no_time(said: Said) -> None:
    nobody: Row = {"people_targeted": pd.NA, "people_engaged": 0}
    assert [found[3] for found in said(nobody, outcomes=[{"unit": "day", "quantity": 1.0}])] == [
        "more time than its people had"
    ]


@pytest.mark.parametrize(("quantity", "paid", "is_said"), [(0.0, 50_000.0, True), (1.0, 50_000.0, False)])
def test_what_was_paid_for_was_achieved(said: Said, quantity: float, paid: float, is_said: bool) -> None:
    found = said(outcomes=[{"quantity": quantity}], payments=[{"amount_gbp": paid}])
    nothing = (OUTCOMES, 2, "quantity", "nothing achieved, though something was paid", "0")
    assert found == ([nothing] if is_said else [])
    assert said(outcomes=[{"quantity": quantity}]) == []


def test_time_of_no_known_days_is_that_of_the_longest_service(said: Said) -> None:
    unknown: Row = {"service_start": pd.NaT, "service_end": pd.NaT}
    days: Row = {"period_start": pd.NaT, "period_end": pd.NaT, "unit": "day"}
    assert said(unknown, outcomes=[{**days, "quantity": 547_800.0}]) == []
    assert len(said(unknown, outcomes=[{**days, "quantity": 547_801.0}])) == 1


def test_a_period_that_ends_before_it_begins_is_told_once(said: Said) -> None:
    backward: Row = {"period_start": day("2019-03-31"), "period_end": day("2018-04-01")}
    assert said(outcomes=[{**backward, "unit": "day", "quantity": 1.0}]) == []


@pytest.mark.parametrize(("most", "is_said"), [(pd.NA, False), (100, False), (99, True)])
def test_no_more_people_reach_an_outcome_than_were_engaged(said: Said, most: object, is_said: bool) -> None:
    found = said({"people_engaged": most}, outcomes=[{"unit": "person", "quantity": 100.0}])
    more = (OUTCOMES, 2, "quantity", "more people than were engaged", "100")
    assert found == ([more] if is_said else [])


def test_time_without_a_period_is_that_of_the_service(said: Said) -> None:
    dates: Row = {"period_start": pd.NaT, "period_end": pd.NaT, "unit": "day"}
    assert said(outcomes=[{**dates, "quantity": MOST_DAYS}]) == []
    assert len(said(outcomes=[{**dates, "quantity": MOST_DAYS + 1}])) == 1


@pytest.mark.parametrize("basis", ["paid", "reported"])
def test_paid_is_within_the_maximum(said: Said, basis: str) -> None:
    most: Row = {"amount_gbp": 100_000.0, "basis": "commitment"}
    other: Row = {"amount_gbp": 60_000.0, "period_end": day("2018-06-30")}
    assert said(payments=[most, other, {"amount_gbp": 50_000.0, "basis": basis}]) == []
    assert said(payments=[most, other, {"amount_gbp": 50_001.0, "basis": basis}]) == [
        (PAYMENTS, 3, "amount_gbp", "more was paid than the maximum", "110001")
    ]


def test_what_went_back_is_taken_off_before_the_maximum_is_looked_at(said: Said) -> None:
    most: Row = {"amount_gbp": 100_000.0, "basis": "commitment"}
    back: Row = {"amount_gbp": -1_000.0, "basis": "returned"}
    assert said(payments=[most, {"amount_gbp": 111_000.0}, back]) == []


def test_no_payment_stands_twice(said: Said) -> None:
    assert said(payments=[{}, {"amount_gbp": 50_000.01}]) == []
    assert said(payments=[{}, {"payer": "Another"}]) == []
    assert said(payments=[{"amount_gbp": 0.0}, {"amount_gbp": 0.0}, {}]) == []
    assert said(payments=[{}, {}]) == [(PAYMENTS, 3, "amount_gbp", "the same payment twice", "50000")]


def test_a_total_does_not_stand_beside_its_parts(said: Said) -> None:
    parts: list[Row] = [
        {"amount_gbp": 10_000.0, "payer": "A"},
        {"amount_gbp": 20_000.0, "payer": "B"},
        {"amount_gbp": 30_000.0, "payer": "C"},
    ]
    assert said(payments=[*parts, {"amount_gbp": 60_000.01, "payer": "D"}]) == []
    total = (PAYMENTS, 5, "amount_gbp", "a total beside its parts", "60000")
    assert said(payments=[*parts, {"amount_gbp": 60_000.0, "payer": "D"}]) == [total]


def test_a_year_does_not_stand_beside_its_quarters(said: Said) -> None:
    quarters: list[Row] = [
        {"amount_gbp": 10_000.0, "period_start": day("2018-04-01"), "period_end": day("2018-06-30")},
        {"amount_gbp": 20_000.0, "period_start": day("2018-07-01"), "period_end": day("2018-09-30")},
        {"amount_gbp": 12_345.0, "period_start": day("2019-04-01"), "period_end": day("2019-06-30")},
    ]
    assert said(payments=[*quarters, {"amount_gbp": 30_001.0}]) == []
    year = (PAYMENTS, 5, "amount_gbp", "a total beside its parts", "30000")
    assert said(payments=[*quarters, {"amount_gbp": 30_000.0}]) == [year]


@pytest.mark.parametrize(("name", "path"), [("outcomes", OUTCOMES), ("payments", PAYMENTS)])
@pytest.mark.parametrize(
    ("inside", "outside", "column", "what"),
    [
        ("2017-04-01", "2017-03-31", "period_start", "long before the service begins"),
        ("2022-03-31", "2022-04-01", "period_end", "long after the service has ended"),
    ],
)
def test_what_is_paid_or_achieved_belongs_to_the_service(
    said: Said, name: str, path: str, inside: str, outside: str, column: str, what: str
) -> None:
    assert said(**{name: [{column: day(inside)}]}) == []
    assert said(**{name: [{column: day(outside)}]}) == [(path, 2, column, what, outside)]


def test_a_contract_has_the_size_of_one(said: Said) -> None:
    what = "more of basis 'paid' than any contract has"
    assert said(payments=[{"amount_gbp": 25_000_000.0}]) == []
    assert said(payments=[{"amount_gbp": 25_000_001.0}]) == [(PAYMENTS, 2, "amount_gbp", what, "25000001")]
    many: Row = {"people_targeted": 1_000, "people_engaged": 1_000}
    assert said(many, payments=[{"amount_gbp": 100_000_000.0}]) == []
    assert len(said(many, payments=[{"amount_gbp": 100_000_001.0}])) == 1
    assert said(payments=[{"amount_gbp": 10_000.0}]) == []
    less = (PAYMENTS, 2, "amount_gbp", "less than any contract was paid", "9999.99")
    assert said(payments=[{"amount_gbp": 9_999.99}]) == [less]
    back: Row = {"amount_gbp": -50_000.0, "basis": "returned"}
    assert said(payments=[{}, back]) == [(PAYMENTS, 2, "amount_gbp", less[3], "0")]
    assert said({"people_targeted": 50_000, "people_engaged": 100_000}) == []
    too_many = (CONTRACT, 1, "people_engaged", "more people than any contract has", "100001")
    assert said({"people_targeted": 50_000, "people_engaged": 100_001}) == [too_many]


@pytest.mark.parametrize(
    ("targeted", "engaged", "stage", "is_far"),
    [
        (100, 300, "complete", False),
        (100, 301, "complete", True),
        (100, 13, "complete", False),
        (100, 12, "complete", True),
        (100, 0, "implementation", False),
        (100, 301, "implementation", True),
        (pd.NA, 5, "complete", False),
    ],
)
def test_those_engaged_are_as_many_as_those_targeted(
    said: Said, targeted: object, engaged: int, stage: str, is_far: bool
) -> None:
    found = said({"people_targeted": targeted, "people_engaged": engaged, "stage": stage})
    far = (CONTRACT, 1, "people_engaged", "far from those targeted", str(engaged))
    assert found == ([far] if is_far else [])


@pytest.mark.parametrize(
    ("places", "listed", "what"),
    [
        (400, 0, ""),
        (401, 0, "more places than any contract has"),
        (2, 2, ""),
        (1, 2, "fewer places than are listed"),
        (pd.NA, 2, ""),
    ],
)
def test_places_are_at_least_those_listed(said: Said, places: object, listed: int, what: str) -> None:
    found = said({"delivery_places": places}, places=listed)
    assert found == ([(CONTRACT, 1, "delivery_places", what, str(places))] if what else [])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"contract_signed": day("2015-04-02")}, ""),
        ({"contract_signed": day("2015-03-31")}, "too far from the day it was signed"),
        ({"contract_signed": day("2021-03-31")}, ""),
        ({"contract_signed": day("2021-04-02")}, "too far from the day it was signed"),
        ({"service_end": day("2033-03-31")}, ""),
        ({"service_end": day("2033-04-02")}, "longer than any service"),
    ],
)
def test_a_service_is_near_its_signing_and_lasts_as_long_as_one(said: Said, change: Row, what: str) -> None:
    assert [found[3] for found in said({"service_start": day("2018-04-01"), **change})] == ([what] if what else [])


OTHERS = {"C-2": 200_000.0, "C-3": 100_000.0, "C-4": 400_000.0}


@pytest.mark.parametrize(
    ("amount", "stage", "others", "is_said"),
    [
        (2_000_000.0, "complete", OTHERS, False),
        (2_000_001.0, "complete", OTHERS, True),
        (20_000.0, "complete", OTHERS, False),
        (19_999.0, "complete", OTHERS, True),
        (19_999.0, "implementation", OTHERS, False),  # more is to come
        (2_000_001.0, "implementation", OTHERS, True),
        (2_000_001.0, "complete", {"C-2": 200_000.0, "C-4": 400_000.0}, False),  # two others are too few
    ],
)
def test_payments_for_each_person_are_like_those_of_others_of_the_area(
    said: Said, amount: float, stage: str, others: dict[str, float], is_said: bool
) -> None:
    """100 people in each: the others were paid £1,000 to £4,000 for each."""
    found = said({"stage": stage}, payments=[{"amount_gbp": amount}], others=others)
    what = "payments_per_person_gbp unlike others in its policy area"
    assert found == ([(PAYMENTS, 2, "amount_gbp", what, f"{amount / 100:.2f}")] if is_said else [])


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"high_gbp": 500_000.0}, ""),
        ({"high_gbp": 500_001.0}, "more than any unit cost"),
        ({"unit": "day", "high_gbp": 1_368.0}, ""),
        ({"unit": "day", "high_gbp": 1_370.0}, "more than any unit cost"),
        ({"unit": "incident", "high_gbp": 150_000.0}, ""),
        ({"unit": "incident", "high_gbp": 150_001.0}, "more than any unit cost"),
        # A lifetime.
        ({"unit": "person", "high_gbp": 250_000.0}, ""),
        ({"unit": "person", "high_gbp": 250_001.0}, "more than any unit cost"),
        ({"central_gbp": 100.0, "high_gbp": 1_000.0}, ""),
        ({"central_gbp": 100.0, "high_gbp": 1_001.0}, "a wider range than any other"),
        ({"central_gbp": 0.0, "high_gbp": 1_001.0}, ""),
    ],
)
def test_a_unit_cost_has_the_size_of_one(said: Said, make_unit_costs: Builder, row: Row, what: str) -> None:
    central = {"low_gbp": row["high_gbp"] / 2, "central_gbp": row["high_gbp"] / 2}
    costs = make_unit_costs(central | row)
    assert [found[3] for found in said(unit_costs=costs) if found[2] == "high_gbp"] == ([what] if what else [])


@pytest.mark.parametrize(("low", "is_said"), [(10.0, False), (9.9, True)])
def test_each_end_of_a_range_is_held_beside_central(
    said: Said, make_unit_costs: Builder, low: float, is_said: bool
) -> None:
    """Ten times on each side: low and high may be a hundred times apart."""
    costs = make_unit_costs({"low_gbp": low, "central_gbp": 100.0, "high_gbp": 1_000.0})
    found = [(column, what) for _, _, column, what, _ in said(unit_costs=costs) if "review" not in what]
    assert found == ([("central_gbp", "a wider range than any other")] if is_said else [])
    assert (
        "its central is at most ten times its low, and its high ten times its central"
        in (DOUBTS["unit_costs_like_others"])
    )


# --- What somebody has looked at -----------------------------------------------------------------------------


def accepted(value: str, key: str = "C-1 #0", check: str = "time_within_people") -> pd.DataFrame:
    row = {"check": check, "key": key, "value": value, "reason": "made up", "source_id": "s-1"}
    return Accepted.validate(pd.DataFrame([row | {"accepted_on": day("2026-01-01")}], index=pd.RangeIndex(2, 3)))


def test_what_is_true_though_odd_is_accepted_for_that_value_only(said: Said) -> None:
    odd: list[Row] = [{"unit": "day", "quantity": 40_000.0}]
    assert said(outcomes=odd, accepted=accepted("40000")) == []
    assert [found[3] for found in said(outcomes=odd, accepted=accepted("40001"))] == [
        "more time than its people had",
        "accepts nothing that is doubted",
    ]
    assert [found[3] for found in said(outcomes=odd, accepted=accepted("40000", key="C-1 #1"))] == [
        "more time than its people had",
        "accepts nothing that is doubted",
    ]


def test_what_only_a_run_doubts_is_left_to_it(said: Said) -> None:
    assert said(accepted=accepted("36.05", key="C-1 open-2026 bcr", check="new_contracts_like_others")) == []


def test_a_row_that_accepts_nothing_is_a_problem(said: Said) -> None:
    assert said(accepted=accepted("40000")) == [
        ("reference/accepted.csv", 2, "value", "accepts nothing that is doubted", "time_within_people C-1 #0 40000")
    ]


def test_each_doubt_has_a_name_that_can_be_accepted() -> None:
    assert {find.__name__ for find in DOUBTED} == set(DOUBTS)


def test_the_line_says_which_row_would_accept_it(small_project: Path, publicvalue: Run) -> None:
    outcomes = small_project / "raw" / "C-2" / "outcomes.csv"
    outcomes.write_text(outcomes.read_text().replace(",7300,", ",7300000,"))
    status, _, err = publicvalue("check")
    line = err.splitlines()[0]
    row = line.partition("a row in reference/accepted.csv: ")[2].removesuffix(")")
    assert (status, line.startswith("raw/C-2/outcomes.csv:2: quantity: more time than its people had")) == (1, True)
    table = small_project / "reference" / "accepted.csv"
    table.write_text(f"check,key,value,reason,source_id,accepted_on\n{row},made up,survey-2021,2026-01-31\n")
    assert publicvalue("check")[0] == 0
    outcomes.write_text(outcomes.read_text().replace(",7300000,", ",7300001,"))
    assert publicvalue("check")[0] == 1


# --- What cannot be -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"outcomes": [{"period_end": day("2026-06-30")}]}, []),
        ({"outcomes": [{"period_end": day("2026-07-01")}]}, [(OUTCOMES, 2, "period_end", "2026-07-01")]),
        ({"payments": [{"period_end": day("2026-07-01")}]}, [(PAYMENTS, 2, "period_end", "2026-07-01")]),
        ({"payments": [{"period_end": day("2099-01-01"), "basis": "commitment"}]}, []),
        ({"contract": {"contract_signed": day("2026-07-01")}}, [(CONTRACT, 1, "contract_signed", "2026-07-01")]),
        ({"contract": {"service_end": day("2030-01-01")}}, []),
    ],
)
def test_nothing_has_happened_after_today(said: Said, given: Row, found: list[tuple[str, int, str, str]]) -> None:
    ongoing: Row = {"contract": {"service_end": day("2030-01-01")}}
    said_of_it = [(p, r, c, f) for p, r, c, what, f in said(**(ongoing | given)) if what == "after today"]
    assert said_of_it == found


@pytest.mark.parametrize(
    ("published", "is_wrong"),
    [("2026", False), ("2026-06", False), ("2026-06-30", False), ("2026-07", True), ("2030-05", True), ("", False)],
)
def test_no_source_was_published_after_today(
    said: Said, made_up_reference: Reference, published: str, is_wrong: bool
) -> None:
    sources = made_up_reference.sources.head(1).assign(published=published).set_axis([2])
    problems = [found for found in said(sources=sources) if found[3] == "after today"]
    assert problems == ([("reference/sources.csv", 2, "published", "after today", published)] if is_wrong else [])


@pytest.mark.parametrize(("price_year", "is_wrong"), [("2019-20", False), ("2020-21", True), ("1998-99", False)])
def test_a_source_gives_no_prices_of_a_later_year(
    said: Said, made_up_reference: Reference, make_unit_costs: Builder, price_year: str, is_wrong: bool
) -> None:
    sources = made_up_reference.sources.head(1).assign(source_id="s-1", published="2020-03")
    problems = said(sources=sources, unit_costs=make_unit_costs({"price_year": price_year}))
    wrong = ("reference/unit_costs.csv", 2, "price_year", "prices of a year after their source", price_year)
    assert [found for found in problems if found[3].startswith("prices")] == ([wrong] if is_wrong else [])


@pytest.mark.parametrize(
    ("index", "is_wrong"),
    [
        (0.0, False),
        (-1.0, False),
        (150.0, False),
        (150.1, True),
        (66.7, False),
        (66.6, True),
        (1_000.0, True),
        (0.01, True),
    ],
)
def test_a_deflator_is_near_that_of_the_year_before(
    said: Said, make_deflators: Builder, index: float, is_wrong: bool
) -> None:
    # What is not above 0 is told by the model of the table.
    deflators = make_deflators({"price_year": "2019-20"}, {"price_year": "2020-21", "gdp_deflator": index})
    wrong = ("reference/gdp_deflators.csv", 3, "gdp_deflator", "far from the year before", f"{index:g} after 100")
    assert [found for found in said(gdp_deflators=deflators) if found[3].startswith("far")] == (
        [wrong] if is_wrong else []
    )


def test_a_hundred_times_the_days_and_pounds_of_a_real_contract_are_refused(
    project_root: Path, tmp_path: Path, publicvalue: Run
) -> None:
    """404 people would have 399,321 years, and £28bn of value."""
    raw = tmp_path / "raw"
    shutil.copytree(project_root / "raw", raw)
    folder = raw / "INDIGO-POJ-0178"
    (folder / "outcomes.csv").write_text((folder / "outcomes.csv").read_text().replace(",145852,", ",145852000,"))
    table = pd.read_csv(folder / "payments.csv", dtype=str, keep_default_na=False)
    table["amount_gbp"] = [f"{float(amount) * 100:.15g}" for amount in table["amount_gbp"]]
    table.to_csv(folder / "payments.csv", index=False)
    status, _, err = publicvalue("check", "--raw", str(raw), "--reference", str(project_root / "reference"))
    assert status == 1
    assert [line.partition(" (")[0] for line in err.splitlines()[:-1]] == [
        "raw/INDIGO-POJ-0178/outcomes.csv:2: quantity: more time than its people had",
        "raw/INDIGO-POJ-0178/payments.csv:2: amount_gbp: payments_per_person_gbp unlike others in its policy area",
        "raw/INDIGO-POJ-0178/payments.csv:22: amount_gbp: more of basis 'paid' than any contract has",
        "raw/INDIGO-POJ-0178/payments.csv:23: amount_gbp: maximum_per_person_gbp unlike others in its policy area",
        "raw/INDIGO-POJ-0178/payments.csv:23: amount_gbp: more of basis 'commitment' than any contract has",
    ]


def test_nothing_of_today_is_doubted(facts: RawFacts, reference: Reference) -> None:
    assert [str(p) for p in cross_table_problems(facts, reference, today=date(2026, 11, 28)) if not p.is_warning] == []
    assert list(reference.accepted["key"].str[11:15]) == ["0130", "0130", "0135", "0192", "0192"]


def test_the_docs_name_each_doubt_with_its_limit(project_root: Path) -> None:
    page = (project_root / "docs/checks.md").read_text(encoding="utf-8")
    assert [name for name, meaning in DOUBTS.items() if f"| `{name}` | {meaning} |" not in page] == []
    rows = (project_root / "reference/accepted.csv").read_text(encoding="utf-8").splitlines()
    assert [row for row in page.splitlines() if row.startswith("people_within_engaged,")] == [rows[4]]
