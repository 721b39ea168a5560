"""Reading contract folders: small made-up ones, bad ones, and all of the project's own."""

import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.problems import Problem
from pipeline.facts.raw import RawFacts, contract_folders, read_raw
from pipeline.tables.claims import ClaimCounts, ClaimedMetrics, ClaimOverlaps
from pipeline.tables.raw import (
    Contracts,
    RawOrganisations,
    RawOutcomes,
    RawPayments,
    RawPlaces,
    RawPlannedPayments,
    RawPrices,
    RawService,
    RawTargets,
    RejectedRows,
    Restatements,
)
from pipeline.tables.reference import Corrections

pytestmark = pytest.mark.usefixtures("known_tables")
CONTRACT = """
contract_id = "C-1"
name = "Steady Homes"
policy_area = "homelessness"
outcomes_fund = ["One Fund", "Other Fund"]
stage = "complete"
service_start = 2018-10-01
service_end = 2019-09-30
service_end_basis = "actual"
people_engaged = 12
delivery_places = 1

[[sources]]
source_id = "s-1"
locator = "projects: C-1"

[[sources]]
source_id = "s-2"
"""
OUTCOMES_HEADER = (
    "metric_id,label,result_type,period_start,period_end,quantity,unit,is_net_of_deadweight,source_id,locator"
)
OUTCOME = "m1,moved in,final,2018-10-01,2019-09-30,12,person,false,s-1,results: C-1 #1"
PAYMENTS_HEADER = "payer,payer_kind,period_start,period_end,amount_gbp,basis,metric_id,source_id,locator,note"
PAYMENT = "A Council,local,2018-10-01,2019-09-30,1200.50,paid,m1,s-1,payments: C-1 #1,"
ORGANISATIONS_HEADER = "role,organisation_id,name,is_group,investment_committed_gbp,is_low_end,source_id,locator"
ORGANISATION = "provider,O-1,Steady Charity,false,,false,s-1,provisions: C-1 #1"
INVESTED = "investor,,,false,5000,true,s-1,projects: C-1 investment"
PLACES_HEADER = "place,latitude,longitude,source_id,locator"
MAXIMUM_ALONE = "maximum_basis: a maximum needs its basis, and a basis its maximum"
PRICES_HEADER = "metric_id,price_gbp,price_basis,maximum_gbp,maximum_basis,source_id,locator"
PRICE = "m1,1300,cash,11700,per_person,s-1,prices: C-1 #1"
TARGETS_HEADER = "metric_id,measure,target,unit,source_id,locator"
TARGET = "m1,users,252,person,s-1,metrics: C-1 #1"
PLANNED_HEADER = "plan_id,payer,payer_kind,period_start,period_end,amount_gbp,source_id,locator"
PLANNED = "plan2,A Council,local,2031-04-01,2031-06-30,58500,s-1,planned: C-1 #1"
SERVICE_HEADER = "fact,code,number,source_id,locator"
SERVICE = "target_group,rough_sleepers,,s-1,projects: C-1"
PLACE = "Sampleton,52.5,-1.5,s-1,locations: C-1 #1"
REJECTED_HEADER = "file,row,column,value,reason,source_id,locator"
OUTSIDE, THE_YEARS = "a date outside what is taken", "expected 2000-01-01 to 2099-12-31"
REJECTED = "projects_results.csv,2,Outcomes achieved,about half,not a number,s-1,results: C-1 #2"
HEADERS = {
    "outcomes_csv": OUTCOMES_HEADER,
    "payments_csv": PAYMENTS_HEADER,
    "organisations_csv": ORGANISATIONS_HEADER,
    "places_csv": PLACES_HEADER,
    "prices_csv": PRICES_HEADER,
    "targets_csv": TARGETS_HEADER,
    "planned_payments_csv": PLANNED_HEADER,
    "service_csv": SERVICE_HEADER,
    "rejected_csv": REJECTED_HEADER,
}
ALL_FILES = (
    "claims.csv, claims.parquet, contract.toml, metrics.csv, organisations.csv, outcomes.csv, payments.csv, "
    "places.csv, planned_payments.csv, prices.csv, rejected.csv, restatements.csv, service.csv, targets.csv"
)

A_DATE = "expected a date such as 2018-10-31"
A_NUMBER = "expected a plain whole number such as 1234"

NO_CORRECTIONS = pd.DataFrame(columns=list(Corrections.to_schema().columns))

Raw = Callable[..., Path]


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    """Write a contract folder, with the files given as text or bytes, and return the folder of all contracts."""

    def write(contract_id: str = "C-1", **files: str | bytes | None) -> Path:
        folder = tmp_path / "raw" / contract_id
        folder.mkdir(parents=True)
        default: dict[str, str | bytes | None] = {"contract_toml": CONTRACT.replace("C-1", contract_id)}
        for name, content in (default | files).items():
            if content is not None:
                data = content if isinstance(content, bytes) else content.encode()
                (folder / ".".join(name.rsplit("_", 1))).write_bytes(data)
        return tmp_path / "raw"

    return write


def problems_of(folder: Path) -> list[str]:
    _, problems = read_raw(folder, NO_CORRECTIONS)
    return [str(problem) for problem in problems]


def csv(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


# --- What is accepted ---------------------------------------------------------------------------------------


def test_a_contract_folder(raw: Raw) -> None:
    folder = raw(
        outcomes_csv=csv(OUTCOMES_HEADER, OUTCOME),
        payments_csv=csv(PAYMENTS_HEADER, PAYMENT),
        organisations_csv=csv(ORGANISATIONS_HEADER, ORGANISATION, INVESTED),
        places_csv=csv(PLACES_HEADER, PLACE, "Nowhere in particular,,,s-1,locations: C-1 #2"),
        prices_csv=csv(PRICES_HEADER, PRICE, "m9,2,cash_rising,,,s-1,prices: C-1 #2"),
        targets_csv=csv(TARGETS_HEADER, TARGET, TARGET.replace("users", "outcome").replace("person", "")),
        planned_payments_csv=csv(PLANNED_HEADER, PLANNED),
        service_csv=csv(SERVICE_HEADER, SERVICE, "months_planned,,38.5,s-1,projects: C-1"),
        rejected_csv=csv(REJECTED_HEADER, REJECTED),
    )
    facts, problems = read_raw(folder, NO_CORRECTIONS)
    assert problems == []
    (contract,) = facts.contracts.itertuples()
    assert (contract.contract_id, contract.name, contract.people_engaged) == ("C-1", "Steady Homes", 12)
    assert (contract.outcomes_fund, contract.source_id) == ("One Fund; Other Fund", "s-1; s-2")
    assert contract.service_start == pd.Timestamp("2018-10-01")
    assert pd.isna(contract.contract_signed)
    assert pd.isna(contract.people_targeted)
    assert facts.outcomes.loc[0, ["contract_id", "metric_id", "quantity"]].to_list() == ["C-1", "m1", 12]
    assert facts.outcomes["row"].to_list() == facts.payments["row"].to_list() == [2]
    assert facts.payments.loc[0, ["contract_id", "amount_gbp", "basis"]].to_list() == ["C-1", 1200.5, "paid"]
    named = facts.organisations[["role", "name", "is_group", "is_low_end", "row"]].to_numpy().tolist()
    assert named == [["provider", "Steady Charity", False, False, 2], ["investor", "", False, True, 3]]
    assert facts.organisations["investment_committed_gbp"].fillna(-1).to_list() == [-1, 5000]
    assert facts.places[["latitude", "longitude"]].fillna(0).to_numpy().tolist() == [[52.5, -1.5], [0, 0]]
    assert facts.prices[["metric_id", "price_gbp", "price_basis"]].to_numpy().tolist() == [
        ["m1", 1300, "cash"],
        ["m9", 2, "cash_rising"],
    ]
    assert facts.prices["maximum_gbp"].fillna(0).to_list() == [11700, 0]
    assert facts.targets[["measure", "target", "unit", "row"]].to_numpy().tolist() == [
        ["users", 252, "person", 2],
        ["outcome", 252, "", 3],
    ]
    planned = facts.planned_payments.loc[0]
    assert (planned["plan_id"], planned["amount_gbp"], planned["row"]) == ("plan2", 58_500, 2)
    assert planned["period_end"] == pd.Timestamp("2031-06-30")
    assert facts.service["code"].to_list() == ["rough_sleepers", ""]
    assert facts.service["number"].fillna(0).to_list() == [0, 38.5]
    assert facts.rejected_rows.loc[0, ["contract_id", "path", "row"]].to_list() == ["C-1", "projects_results.csv", 2]


def test_a_contract_may_have_reported_nothing(raw: Raw) -> None:
    facts, problems = read_raw(raw(), NO_CORRECTIONS)
    assert problems == []
    assert [len(table) for table in vars(facts).values()] == [1, *[0] * 13]
    models = (
        Contracts,
        RawOutcomes,
        RawPayments,
        RawOrganisations,
        RawPlaces,
        RejectedRows,
        Restatements,
        RawPrices,
        RawTargets,
        RawPlannedPayments,
        RawService,
        ClaimedMetrics,
        ClaimCounts,
        ClaimOverlaps,
    )
    for table, model in zip(vars(facts).values(), models, strict=True):
        assert list(table.columns) == list(model.to_schema().columns)


def test_a_date_may_be_written_as_text(raw: Raw) -> None:
    folder = raw(contract_toml=CONTRACT.replace("2018-10-01", '"2018-10-01"'))
    facts, problems = read_raw(folder, NO_CORRECTIONS)
    assert problems == []
    assert facts.contracts["service_start"].to_list() == [pd.Timestamp("2018-10-01")]


def test_hidden_folders_and_stray_files_are_no_contracts(raw: Raw) -> None:
    folder = raw("C-2")
    raw("C-1")
    raw(".git")
    for name in ("notes.txt", "README.md", ".hidden"):
        (folder / name).write_text("not a contract")
    assert contract_folders(folder) == ["C-1", "C-2"]
    facts, problems = read_raw(folder, NO_CORRECTIONS)
    assert [str(problem) for problem in problems] == [
        "raw/notes.txt:0: file: unknown file (expected only a folder for each contract)"
    ]
    assert facts.contracts["contract_id"].to_list() == ["C-1", "C-2"]


def test_results_and_payments_know_their_row_in_the_file(raw: Raw) -> None:
    later = OUTCOME.replace("m1", "m2").replace("moved in", "stayed on")
    facts, _ = read_raw(raw(outcomes_csv=csv(OUTCOMES_HEADER, "", OUTCOME, "", "", later)), NO_CORRECTIONS)
    assert facts.outcomes[["metric_id", "row"]].to_records(index=False).tolist() == [("m1", 3), ("m2", 6)]


def test_a_contract_file_with_a_byte_order_mark_and_crlf(raw: Raw) -> None:
    content = b"\xef\xbb\xbf" + CONTRACT.replace("\n", "\r\n").encode()
    facts, problems = read_raw(raw(contract_toml=content), NO_CORRECTIONS)
    assert problems == []
    assert facts.contracts["name"].to_list() == ["Steady Homes"]


def test_only_the_contracts_named_are_read(raw: Raw) -> None:
    raw("C-1")
    folder = raw("C-2", contract_toml="this is not TOML")
    facts, problems = read_raw(folder, NO_CORRECTIONS, only=["C-1"])
    assert problems == []
    assert facts.contracts["contract_id"].to_list() == ["C-1"]


# --- What is wrong ------------------------------------------------------------------------------------------


def test_a_contract_that_is_named_but_not_there(raw: Raw) -> None:
    _, problems = read_raw(raw(), NO_CORRECTIONS, only=["C-1", "C-9"])
    assert [str(problem) for problem in problems] == ["raw/C-9:0: folder: no such contract"]


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_without_contracts(tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / "raw").mkdir()
    facts, problems = read_raw(tmp_path / "raw", NO_CORRECTIONS)
    said = "no contract folder found" if exists else "missing"
    assert [str(problem) for problem in problems] == [f"raw/:0: folder: {said}"]
    assert facts.contracts.empty


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("C-1", "C-2"), "2: contract_id: not the name of its folder (found 'C-2', expected C-1)"),
        (('contract_id = "C-1"\n', ""), "1: contract_id: not the name of its folder (expected C-1)"),
        (("[[sources]]", "funder = 1\n[[sources]]"), "13: funder: unknown key"),
        (
            ("service_end_basis", "service_end_bases"),
            "9: service_end_bases: unknown key (expected 'service_end_basis')",
        ),
        (('"Steady Homes"', '""'), "3: name: missing"),
        (('name = "Steady Homes"\n', ""), "1: name: missing"),
        (("2018-10-01", '"01/10/2018"'), f"7: service_start: not a date (found '01/10/2018', {A_DATE})"),
        (
            ("2018-10-01", "2018-10-01T09:00:00"),
            f"7: service_start: not a date (found '2018-10-01 09:00:00', {A_DATE})",
        ),
        (("2019-09-30", "2018-09-30"), "8: service_end: ends before it starts (found '2018-09-30')"),
        (("= 12", "= 12.5"), f"10: people_engaged: not a whole number (found '12.5', {A_NUMBER})"),
        (
            ("= 12", '= "3600 (as of Jan 2019)"'),
            f"10: people_engaged: not a whole number (found '3600 (as of Jan 2019)', {A_NUMBER})",
        ),
        (("= 12", "= -12"), "10: people_engaged: too small (found '-12', expected at least 0)"),
        (
            ('source_id = "s-2"', 'title = "s-2"'),
            "17: source_id: missing",
        ),
        (("delivery_places = 1", "delivery_places = 1\n[extra]\nx = 1"), "12: extra: unknown key"),
        (("delivery_places = 1", "delivery_places = 1\n[ 'extra' ]\nx = 1"), "12: extra: unknown key"),
        (("delivery_places = 1", "delivery_places = 1\n[extra.inner]\nx = 1"), "12: extra: unknown key"),
        (("delivery_places = 1", "delivery_places = 1\n[[extra]]\nx = 1"), "12: extra: unknown key"),
        (('source_id = "s-2"', 'source_id = "s-2"\n[sources.more]\nx = 1'), "19: more: unknown key"),
        (("2018-10-01", "1999-12-31"), f"7: service_start: {OUTSIDE} (found '1999-12-31', {THE_YEARS})"),
        (("2018-10-01", '"2100-01-01"'), f"7: service_start: {OUTSIDE} (found '2100-01-01', {THE_YEARS})"),
        (("2018-10-01", '"2019-02-30"'), f"7: service_start: not a date (found '2019-02-30', {A_DATE})"),
        (("[[sources]]", "[[resources]]"), "13: resources: unknown key (expected 'sources')"),
        (("delivery_places", 'source_id = "s-1"\ndelivery_places'), "11: source_id: unknown key"),
        (("Steady Homes", "Steady\\nHomes"), "3: name: a line end within the cell (found 'Steady\\nHomes')"),
        (
            ("= 12", "= 0x" + "f" * 4000),
            f"10: people_engaged: not a whole number (found 'a number of thousands of digits', {A_NUMBER})",
        ),
    ],
)
def test_a_contract_file_that_is_not_as_required(raw: Raw, change: tuple[str, str], said: str) -> None:
    assert f"raw/C-1/contract.toml:{said}" in problems_of(raw(contract_toml=CONTRACT.replace(*change)))


@pytest.mark.parametrize(
    ("change", "words"),
    [(("homelessness", "housing"), "found 'housing'"), (('"complete"', '"over"'), "found 'over'")],
)
def test_words_of_a_contract_that_are_not_allowed(raw: Raw, change: tuple[str, str], words: str) -> None:
    (line,) = problems_of(raw(contract_toml=CONTRACT.replace(*change)))
    assert "not one of the words allowed" in line
    assert words in line


@pytest.mark.parametrize(
    "sources",
    [
        "sources = [1]",
        'sources = ["s-1"]',
        "sources = 5",
        "[[sources]]\nsource_id = 5",
        "[[sources]]\nsource_id = ['s-1']",
    ],
)
def test_sources_of_another_shape_are_a_problem(raw: Raw, sources: str) -> None:
    before, _, _ = CONTRACT.partition("[[sources]]")
    (line,) = problems_of(raw(contract_toml=before + sources))
    wrong = len(before.split("\n")) + sources.count("\n")
    assert line.startswith(f"raw/C-1/contract.toml:{wrong}: source")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("people_engaged = 404", "unknown key (expected people_engaged above the first [[sources]])"),
        ('locater = "page 3"', "unknown key"),
        ("locator = 5", "not a text (found '5', expected a text in quotation marks)"),
    ],
)
def test_a_key_below_the_sources_is_not_lost(raw: Raw, key: str, said: str) -> None:
    """A fact written there would count for nothing, and nobody would notice."""
    (line,) = problems_of(raw(contract_toml=CONTRACT + key + "\n"))
    assert line == f"raw/C-1/contract.toml:19: {key.partition(' ')[0]}: {said}"


@pytest.mark.parametrize("value", ['{en="x"}', "42", '["a","b"]', "true", "2018-10-01"])
def test_a_text_that_is_none_is_refused(raw: Raw, value: str) -> None:
    (line,) = problems_of(raw(contract_toml=CONTRACT.replace('"Steady Homes"', value)))
    assert line.startswith("raw/C-1/contract.toml:3: name: not a text (found ")


def test_nothing_wrong_with_a_contract_file_hides_another(raw: Raw) -> None:
    before, _, _ = CONTRACT.partition("[[sources]]")
    wrong = before.replace("C-1", "C-2").replace("homelessness", "housing").replace("= 12", "= -1") + "x = 1\n"
    assert sorted(line.partition(" (")[0] for line in problems_of(raw(contract_toml=wrong))) == [
        "raw/C-1/contract.toml:10: people_engaged: too small",
        "raw/C-1/contract.toml:13: x: unknown key",
        "raw/C-1/contract.toml:1: sources: missing",
        "raw/C-1/contract.toml:2: contract_id: not the name of its folder",
        "raw/C-1/contract.toml:4: policy_area: not one of the words allowed",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name = ", "1: file: not readable as TOML: Invalid value"),
        ("a = 1\n\nname = x\n", "3: file: not readable as TOML: Invalid value"),
        ("x = 1\nx = 2", "2: file: not readable as TOML: Cannot overwrite a value"),
        ("x = " + "[" * 4_900, "1: file: not readable as TOML: nested too deeply"),
        ("x = " + "9" * 4_900, "1: file: not readable as TOML: Exceeds the limit"),
        ("a." * 50_000 + "a = 1", "0: file: larger than 0.1 MB"),
        ("x = 1\n" + "a." * 3_000 + "a = 1", "2: file: not readable as TOML: a line of more than 5,000 characters"),
        (
            b"\xff\xfe",
            "1: file: text in UTF-16 (expected UTF-8 text; save it again as UTF-8)",
        ),
        ('\nname = "\xa3"'.encode("latin-1"), "2: file: not UTF-8 text (expected UTF-8; save it again)"),
        (b"#" * 1_000_001, "0: file: larger than 0.1 MB (found '1,000,001 bytes')"),
    ],
    ids=[
        "no value",
        "third line",
        "key twice",
        "nested",
        "digits",
        "many parts",
        "long line",
        "UTF-16",
        "Latin-1",
        "too large",
    ],
)
def test_a_contract_file_that_is_no_toml(raw: Raw, content: str | bytes, said: str) -> None:
    (line,) = problems_of(raw(contract_toml=content))
    assert line.startswith(f"raw/C-1/contract.toml:{said}")


def test_a_folder_without_its_contract_file(raw: Raw) -> None:
    folder = raw(contract_toml=None, outcomes_csv=csv(OUTCOMES_HEADER, OUTCOME))
    assert problems_of(folder) == ["raw/C-1/contract.toml:0: file: missing"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (OUTCOME.replace(",12,", ",12.5,"), "quantity: a fraction of a person or an event (found '12.5')"),
        (OUTCOME.replace(",12,", ",-1,"), "quantity: too small (found '-1', expected at least 0)"),
        (OUTCOME.replace("2019-09-30", "2018-09-30"), "period_end: ends before it starts (found '2018-09-30')"),
        (OUTCOME.replace("m1", ""), "metric_id: missing"),
        (OUTCOME.replace("s-1", ""), "source_id: missing"),
        (OUTCOME.replace("results: C-1 #1", ""), "locator: missing"),
    ],
)
def test_a_result_that_breaks_a_rule(raw: Raw, row: str, said: str) -> None:
    good = OUTCOME.replace("m1", "m0").replace("#1", "#0")
    assert problems_of(raw(outcomes_csv=csv(OUTCOMES_HEADER, good, row))) == [f"raw/C-1/outcomes.csv:3: {said}"]


def test_a_fraction_of_a_day_is_no_problem(raw: Raw) -> None:
    row = OUTCOME.replace(",12,person,", ",12.5,day,")
    assert problems_of(raw(outcomes_csv=csv(OUTCOMES_HEADER, row))) == []


def test_a_metric_reported_twice_for_the_same_period(raw: Raw) -> None:
    other = OUTCOME.replace(",12,", ",13,")
    assert problems_of(raw(outcomes_csv=csv(OUTCOMES_HEADER, OUTCOME, OUTCOME, other))) == [
        "raw/C-1/outcomes.csv:3: row: the same row twice (expected each row once; first in row 2)",
        "raw/C-1/outcomes.csv:4: row: the same key twice "
        "(found 'C-1, m1, final, 2018-10-01, 2019-09-30, s-1', expected contract_id, metric_id, result_type, "
        "period_start, period_end and source_id together once; first in row 2)",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            PAYMENT.replace("1200.50", "-1"),
            "amount_gbp: too small: only money that went back is below 0, with basis 'returned' (found '-1')",
        ),
        (
            PAYMENT.replace("1200.50,paid", "-1,commitment"),
            "amount_gbp: too small: only money that went back is below 0, with basis 'returned' (found '-1')",
        ),
        (
            PAYMENT.replace("1200.50,paid", "1200.50,returned"),
            "amount_gbp: not below 0, though of basis 'returned': money that went back is (found '1200.50')",
        ),
        (
            PAYMENT.replace("1200.50,paid", "0,returned"),
            "amount_gbp: not below 0, though of basis 'returned': money that went back is (found '0')",
        ),
        (
            PAYMENT.replace("2018-10-01,2019-09-30,1200.50,paid", ",,-3,returned"),
            "period_start: a payment needs its period (only a commitment may lack it)",
        ),
        (
            PAYMENT.replace("2018-10-01,2019-09-30", ","),
            "period_start: a payment needs its period (only a commitment may lack it)",
        ),
        (PAYMENT.replace("2019-09-30", "2018-09-30"), "period_end: ends before it starts (found '2018-09-30')"),
    ],
)
def test_a_payment_that_breaks_a_rule(raw: Raw, row: str, said: str) -> None:
    assert problems_of(raw(payments_csv=csv(PAYMENTS_HEADER, row))) == [f"raw/C-1/payments.csv:2: {said}"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            ORGANISATION.replace("O-1", ""),
            "organisation_id: empty (only the amount of all investors may be without)",
        ),
        (ORGANISATION.replace("Steady Charity", ""), "name: empty, or without an organisation_id"),
        (
            ORGANISATION.replace("false,,", "false,10,"),
            "investment_committed_gbp: of a role that does not invest (found '10')",
        ),
        (
            INVESTED.replace("5000", "=D41-D36"),
            "investment_committed_gbp: not a number (found '=D41-D36', expected a plain number such as 1234.5)",
        ),
        (INVESTED.replace("5000", "-1"), "investment_committed_gbp: too small (found '-1', expected at least 0)"),
        (
            ORGANISATION.replace("false", "perhaps", 1),
            "is_group: not a truth (found 'perhaps', expected true or false)",
        ),
        (
            ORGANISATION.replace("Steady", "Other"),
            "name: not the name that the same organisation_id has elsewhere (found 'Other Charity')",
        ),
    ],
)
def test_an_organisation_that_breaks_a_rule(raw: Raw, row: str, said: str) -> None:
    good = ORGANISATION.replace("#1", "#0")
    found = problems_of(raw(organisations_csv=csv(ORGANISATIONS_HEADER, good, row)))
    assert f"raw/C-1/organisations.csv:3: {said}" in found


def test_an_organisation_named_twice_at_one_place(raw: Raw) -> None:
    again = ORGANISATION.replace("provider", "investor")
    assert problems_of(raw(organisations_csv=csv(ORGANISATIONS_HEADER, ORGANISATION, again))) == [
        "raw/C-1/organisations.csv:3: row: the same key twice "
        "(found 's-1, provisions: C-1 #1, O-1', expected source_id, locator and organisation_id together "
        "once; first in row 2)"
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (PLACE.replace("52.5", "48.8"), "latitude: too small (found '48.8', expected at least 49.8)"),
        (PLACE.replace("-1.5", "2.4"), "longitude: too large (found '2.4', expected at most 1.8)"),
        (PLACE.replace("-1.5", ""), "longitude: a point needs a latitude and a longitude, or neither"),
        (PLACE.replace("Sampleton", ""), "place: missing"),
    ],
)
def test_a_place_that_breaks_a_rule(raw: Raw, row: str, said: str) -> None:
    assert problems_of(raw(places_csv=csv(PLACES_HEADER, row))) == [f"raw/C-1/places.csv:2: {said}"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (PRICE.replace("1300", "0"), "price_gbp: too small (found '0', expected more than 0)"),
        (PRICE.replace("1300", "250001"), "price_gbp: too large (found '250001', expected at most 250000)"),
        (PRICE.replace("11700", "1299"), "maximum_gbp: less than the price of one (found '1299')"),
        (PRICE.replace("11700", ""), f"{MAXIMUM_ALONE} (found 'per_person')"),
        (PRICE.replace("per_person", ""), MAXIMUM_ALONE),
        (PRICE.replace("m1", ""), "metric_id: missing"),
        (
            PRICE.replace("cash", "2019-20"),
            "price_basis: not one of the words allowed (found '2019-20', expected ['cash', 'cash_rising'])",
        ),
    ],
)
def test_a_price_that_breaks_a_rule(raw: Raw, row: str, said: str) -> None:
    assert f"raw/C-1/prices.csv:2: {said}" in problems_of(raw(prices_csv=csv(PRICES_HEADER, row)))


def test_a_metric_has_one_price(raw: Raw) -> None:
    again = PRICE.replace("#1", "#2").replace("1300", "900")
    (problem,) = problems_of(raw(prices_csv=csv(PRICES_HEADER, PRICE, again)))
    assert problem.startswith("raw/C-1/prices.csv:3: row: the same key twice")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (TARGET.replace("252", "-1"), "target: too small (found '-1', expected at least 0)"),
        (TARGET.replace("252", ""), "target: missing"),
        (TARGET.replace("users", "hope"), "measure: not one of the words allowed (found 'hope'"),
        (TARGET.replace("person", "people"), "unit: not one of the words allowed (found 'people'"),
    ],
)
def test_a_target_that_breaks_a_rule(raw: Raw, row: str, said: str) -> None:
    (problem,) = problems_of(raw(targets_csv=csv(TARGETS_HEADER, row)))
    assert problem.startswith(f"raw/C-1/targets.csv:2: {said}")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (PLANNED.replace("58500", "-1"), "amount_gbp: too small (found '-1', expected at least 0)"),
        (PLANNED.replace("2031-04-01", ""), "period_start: missing"),
        (PLANNED.replace("2031-04-01", "2031-07-01"), "period_end: ends before it starts"),
        (PLANNED.replace("A Council", "A Council; A Council"), "payer: a payer without a name, or twice the same"),
    ],
)
def test_a_planned_payment_that_breaks_a_rule(raw: Raw, row: str, said: str) -> None:
    (problem,) = problems_of(raw(planned_payments_csv=csv(PLANNED_HEADER, row)))
    assert problem.startswith(f"raw/C-1/planned_payments.csv:2: {said}")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (SERVICE.replace("target_group", "intervention"), "code: not one of that fact"),
        (SERVICE.replace("rough_sleepers", ""), "code: not one of that fact"),
        (SERVICE.replace("target_group", "months_planned"), "code: not one of that fact"),
        (SERVICE.replace(",,", ",3,"), "number: missing, or beside a code"),
        ("return_most,,,s-1,projects: C-1", "number: missing, or beside a code"),
        ("return_most,,-0.1,s-1,projects: C-1", "number: too small"),
        ("mood,,1,s-1,projects: C-1", "fact: not one of the words allowed"),
    ],
)
def test_a_fact_about_a_service_that_breaks_a_rule(raw: Raw, row: str, said: str) -> None:
    problems = problems_of(raw(service_csv=csv(SERVICE_HEADER, row)))
    assert any(problem.startswith(f"raw/C-1/service.csv:2: {said}") for problem in problems)


@pytest.mark.parametrize("basis", ["commitment", "evaluation"])
def test_a_total_may_lack_its_period(raw: Raw, basis: str) -> None:
    row = PAYMENT.replace("2018-10-01,2019-09-30", ",").replace("paid", basis)
    assert problems_of(raw(payments_csv=csv(PAYMENTS_HEADER, row))) == []


@pytest.mark.parametrize(
    ("said", "places", "expected"),
    [
        ("delivery_places = 3\n", 2, 3),
        ("", 2, 2),
        # Where nothing is named nobody knows: that is not no place.
        ("", 0, None),
    ],
)
def test_places_that_are_not_counted_are_those_that_are_named(
    raw: Raw, said: str, places: int, expected: int | None
) -> None:
    rows = [PLACE.replace("#1", f"#{number}") for number in range(1, places + 1)]
    files = {"places_csv": csv(PLACES_HEADER, *rows)} if rows else {}
    folder = raw(contract_toml=CONTRACT.replace("delivery_places = 1\n", said), **files)
    facts, problems = read_raw(folder, NO_CORRECTIONS)
    assert problems == []
    (found,) = facts.contracts["delivery_places"]
    assert (None if pd.isna(found) else found) == expected


def test_a_place_of_a_source_is_read_once(raw: Raw) -> None:
    raw("C-2", payments_csv=csv(PAYMENTS_HEADER, PAYMENT))
    assert problems_of(raw("C-1", payments_csv=csv(PAYMENTS_HEADER, PAYMENT))) == [
        "raw/C-2/payments.csv:2: row: the same key twice "
        "(found 's-1, payments: C-1 #1', expected source_id and locator together once; first in raw/C-1/payments.csv:2)"
    ]


def test_problems_of_all_folders_and_files_are_gathered(raw: Raw) -> None:
    raw(
        "C-1",
        contract_toml="x",
        outcomes_csv="",
        payments_csv=csv(PAYMENTS_HEADER, PAYMENT.replace("1200.50", "£1,200")),
    )
    folder = raw("C-2", rejected_csv=csv(REJECTED_HEADER, REJECTED.replace(",2,", ",two,")))
    _, problems = read_raw(folder, NO_CORRECTIONS)
    assert {(problem.path, problem.row, problem.column) for problem in problems} == {
        ("raw/C-1/contract.toml", 1, "file"),
        ("raw/C-1/outcomes.csv", 1, "header"),
        ("raw/C-1/payments.csv", 2, "row"),
        ("raw/C-2/rejected.csv", 2, "row"),
    }


@pytest.mark.parametrize("file", list(HEADERS))
def test_a_file_with_nothing_to_say_is_left_out(raw: Raw, file: str) -> None:
    assert problems_of(raw(**{file: csv(HEADERS[file])})) == [
        f"raw/C-1/{'.'.join(file.rsplit('_', 1))}:1: row: no rows "
        "(expected at least one row; a file with nothing to say is left out)"
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Outcomes.csv", "unknown file (expected 'outcomes.csv')"),
        ("outcome.csv", "unknown file (expected 'outcomes.csv')"),
        ("payments (1).csv", "unknown file (expected 'payments.csv')"),
        ("contract.tml", "unknown file (expected 'contract.toml')"),
        ("minutes.docx", f"unknown file (expected only {ALL_FILES})"),
    ],
)
def test_a_file_that_would_be_lost(raw: Raw, name: str, said: str) -> None:
    folder = raw()
    (folder / "C-1" / name).write_text("x")
    (folder / "C-1" / ".hidden").write_text("x")
    assert problems_of(folder) == [f"raw/C-1/{name}:0: file: {said}"]


def test_a_folder_within_a_contract_would_be_lost(raw: Raw) -> None:
    folder = raw()
    (folder / "C-1" / "payments").mkdir()
    assert problems_of(folder) == ["raw/C-1/payments:0: file: unknown folder (expected 'payments.csv')"]


def test_a_file_that_is_a_folder(raw: Raw) -> None:
    folder = raw()
    (folder / "C-1" / "payments.csv").mkdir()
    assert problems_of(folder) == ["raw/C-1/payments.csv:0: file: not a file"]


def test_links_that_lead_out_are_not_read(raw: Raw, tmp_path: Path) -> None:
    folder = raw("C-1", outcomes_csv=csv(OUTCOMES_HEADER, OUTCOME))
    (tmp_path / "C-2").mkdir()
    (tmp_path / "C-2" / "contract.toml").write_text("this is not TOML")
    (folder / "C-2").symlink_to(tmp_path / "C-2")
    (tmp_path / "secret.csv").write_text("secret")
    (folder / "C-1" / "payments.csv").symlink_to("../../secret.csv")
    assert problems_of(folder) == [
        "raw/C-1/payments.csv:0: file: a link out of the folder",
        "raw/C-2:0: folder: a link out of the folder",
    ]


def test_links_within_the_folder_are_read(raw: Raw) -> None:
    folder = raw("C-1", outcomes_csv=csv(OUTCOMES_HEADER, OUTCOME))
    raw("C-2")
    (folder / "C-2" / "outcomes.csv").symlink_to("../C-1/outcomes.csv")
    facts, problems = read_raw(folder, NO_CORRECTIONS)
    assert problems == []
    assert facts.outcomes["contract_id"].to_list() == ["C-1", "C-2"]


def test_a_link_to_nothing_is_a_missing_file(raw: Raw) -> None:
    folder = raw()
    (folder / "C-1" / "outcomes.csv").symlink_to("nothing.csv")
    assert problems_of(folder) == ["raw/C-1/outcomes.csv:0: file: missing"]


@pytest.mark.parametrize("name", ["C 1", "c-1", "C-1.", "C_1", "Ç-1", "C-\N{FULLWIDTH DIGIT ONE}", "C" * 101])
def test_a_folder_with_another_name_than_a_contract_may_have(raw: Raw, name: str) -> None:
    toml = CONTRACT.replace('contract_id = "C-1"', f"contract_id = {json.dumps(name)}")
    folder = raw(name, contract_toml=toml, outcomes_csv=csv(OUTCOMES_HEADER, OUTCOME))
    (line,) = problems_of(folder)
    expected = "an id of capital letters, digits and hyphens, of at most 100 characters"
    assert line == f"raw/{name}:0: folder: not the id of a contract (expected {expected})"


def test_a_folder_whose_name_commands_the_terminal(raw: Raw) -> None:
    (line,) = problems_of(raw("C-1\x1b[31m", contract_toml=None))
    assert line.startswith("raw/C-1\\x1b[31m:0: folder: not the id of a contract")


def test_a_folder_into_which_nobody_may_look(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = raw()
    look = Path.iterdir

    def may_not(path: Path) -> Iterator[Path]:
        if path.name == "C-1":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(Path, "iterdir", may_not)
    assert problems_of(folder) == ["raw/C-1:0: folder: cannot be read: Permission denied"]


def test_a_folder_whose_name_is_no_text(raw: Raw) -> None:
    folder = raw()
    (folder / os.fsdecode(b"caf\xe9")).mkdir()
    (folder / "C-1" / os.fsdecode(b"caf\xe9.csv")).touch()
    assert [line.partition(" (")[0] for line in problems_of(folder)] == [
        "raw/caf\\udce9:0: folder: not the id of a contract",
        "raw/C-1/caf\\udce9.csv:0: file: unknown file",
    ]


def test_with_a_problem_the_facts_have_the_row_with_an_empty_cell(raw: Raw) -> None:
    bad = OUTCOME.replace("m1", "m2").replace(",12,", ",twelve,")
    facts, problems = read_raw(raw(outcomes_csv=csv(OUTCOMES_HEADER, OUTCOME, bad)), NO_CORRECTIONS)
    assert problems == [
        Problem("raw/C-1/outcomes.csv", 3, "quantity", "not a number", "twelve", "a plain number such as 1234.5")
    ]
    assert facts.outcomes["metric_id"].to_list() == ["m1", "m2"]
    assert facts.outcomes["quantity"].isna().to_list() == [False, True]


# --- The project's own contracts -----------------------------------------------------------------------------


def from_results(facts: RawFacts) -> pd.DataFrame:
    return facts.outcomes[facts.outcomes["locator"].str.startswith("results:")]


def test_the_project_has_a_hundred_contracts(facts: RawFacts, project_root: Path) -> None:
    assert len(facts.contracts) == 100
    assert sorted(facts.contracts["contract_id"]) == contract_folders(project_root / "raw")


def test_no_result_is_lost_or_multiplied(facts: RawFacts) -> None:
    results = from_results(facts)
    assert len(results) == 415
    assert results["contract_id"].nunique() == 41
    assert not results["locator"].duplicated().any()
    assert len(facts.outcomes[["contract_id", "metric_id"]].drop_duplicates()) == 436


def test_project_apollo_has_its_23_results_once_each(facts: RawFacts) -> None:
    apollo = from_results(facts)[lambda table: table["contract_id"] == "INDIGO-POJ-0123"]
    assert len(apollo) == 23
    assert apollo["metric_id"].nunique() == 23
    assert list(apollo["locator"]) == [f"results: INDIGO-POJ-0123 #{number}" for number in range(1, 24)]


@pytest.mark.parametrize("contract_id", ["INDIGO-POJ-0121", "INDIGO-POJ-0122", "INDIGO-POJ-0123"])
def test_the_tariff_of_the_care_leaver_contracts_proves_their_numbering(facts: RawFacts, contract_id: str) -> None:
    """The sister contracts pay £4,730 for a level 2 qualification; the second paid for one more than it counts."""
    results = facts.outcomes.set_index(["contract_id", "metric_id"])["quantity"]
    paid = facts.payments.groupby(["contract_id", "metric_id"])["amount_gbp"].sum()
    people_paid_for = paid[contract_id, "outcomemetric10"] / 4730
    assert people_paid_for == int(people_paid_for)
    assert 0 <= people_paid_for - results[contract_id, "outcomemetric10"] <= 1


def test_payments_are_those_published(facts: RawFacts) -> None:
    by_basis = facts.payments.groupby("basis").agg(pounds=("amount_gbp", "sum"), contracts=("contract_id", "nunique"))
    assert by_basis.loc["paid"].to_list() == [122_852_596, 31]
    assert by_basis.loc["reported"].to_list() == [14_799_818, 7]
    of_headline = facts.payments[facts.payments["basis"].isin(["paid", "reported"])]
    assert of_headline["amount_gbp"].sum() == 137_652_414
    assert of_headline["contract_id"].nunique() == 38


def test_prices_per_person_are_left_out_of_the_maximum_payments_and_shown(facts: RawFacts) -> None:
    left_out = {"INDIGO-POJ-0156", "INDIGO-POJ-0164", "INDIGO-POJ-0165"}
    shown = facts.rejected_rows[facts.rejected_rows["reason"].str.contains("a price for each")]
    assert set(shown["contract_id"]) == left_out
    assert not ((facts.payments["basis"] == "commitment") & (facts.payments["amount_gbp"] == 11_800)).any()


def test_organisations_are_those_published(facts: RawFacts) -> None:
    named = facts.organisations[facts.organisations["organisation_id"] != ""]
    assert named.groupby("role")["organisation_id"].nunique().to_dict() == {
        "commissioner": 145,
        "provider": 208,
        "investor": 76,
    }
    assert named[named["is_group"]].groupby("role")["organisation_id"].nunique().to_dict() == {
        "commissioner": 3,
        "provider": 2,
        "investor": 5,
    }
    assert set(named["contract_id"]) == set(facts.contracts["contract_id"])


def test_investments_of_a_contract_are_known_as_a_whole_or_not_at_all(facts: RawFacts) -> None:
    amounts = facts.organisations[facts.organisations["investment_committed_gbp"].notna()]
    totals = amounts[amounts["organisation_id"] == ""]
    assert (len(totals), totals["contract_id"].nunique(), int(totals["is_low_end"].sum())) == (75, 75, 7)
    assert set(amounts["contract_id"]) == set(totals["contract_id"])


def test_each_place_of_delivery_is_there_and_lies_where_it_can(facts: RawFacts) -> None:
    by_contract = facts.contracts.set_index("contract_id")["delivery_places"]
    assert facts.places["contract_id"].value_counts().reindex(by_contract.index).to_list() == by_contract.to_list()
    assert facts.places[facts.places["latitude"].isna()]["contract_id"].to_list() == ["INDIGO-POJ-0133"]
    in_london = facts.places[facts.places["place"].str.contains("London") & facts.places["latitude"].notna()]
    assert in_london["longitude"].between(-0.75, 0.15).all()


def test_every_row_has_a_contract_a_source_and_a_place_in_it(facts: RawFacts) -> None:
    contracts = set(facts.contracts["contract_id"])
    for table in (facts.outcomes, facts.payments, facts.organisations, facts.places, facts.rejected_rows):
        assert set(table["contract_id"]) <= contracts
        assert (table["source_id"].str.strip() != "").all()
        assert (table["locator"].str.strip() != "").all()


def test_periods_lie_in_the_years_of_outcomes_contracts(facts: RawFacts) -> None:
    for table in (facts.outcomes, facts.payments):
        for column in ("period_start", "period_end"):
            days = table[column].dropna()
            assert days.between(pd.Timestamp("2010-01-01"), pd.Timestamp("2035-12-31")).all()
