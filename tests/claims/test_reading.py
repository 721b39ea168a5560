"""Claims as raw data: what is read, what is refused and in which words, and that nobody is given away."""

import csv
import io
import math
from datetime import date
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.claims.engines import EngineChoice, opened
from pipeline.claims.identifiers import OF_COLUMN
from pipeline.claims.marks import CONTRACT_PREFIX
from pipeline.claims.reading import read_facts
from pipeline.claims.row_rules import COLUMNS, SHOWN_ROWS, problems_of_rows
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import read_reference
from pipeline.load import find_problems, load
from tests.claims.made_up_claims import Claim, Write, as_csv, reported_claims

pytestmark = pytest.mark.slow

CLAIMS = "raw/C-1/claims.csv"


def problems_of(project: Path) -> list[str]:
    _, _, problems = find_problems(project / "raw", project / "reference")
    return [str(problem) for problem in sorted(set(problems))]


def totals(facts: RawFacts) -> dict[str, float]:
    """The last total of each metric of C-1."""
    outcomes = facts.outcomes[facts.outcomes["contract_id"] == "C-1"].sort_values("period_end")
    return {
        str(metric): float(quantity) for metric, quantity in outcomes.groupby("metric_id")["quantity"].last().items()
    }


def read(project: Path) -> RawFacts:
    facts, _ = load(project / "raw", project / "reference")
    return facts


# --- What is read ---------------------------------------------------------------------------------------------


def test_claims_come_to_what_the_contract_reported(claiming: Write, small_project: Path) -> None:
    facts = read(claiming(reported_claims()))
    assert totals(facts) == {"started": 60, "weeks_13": 40, "weeks_26": 30, "crimes": 12}
    outcomes = facts.outcomes[facts.outcomes["contract_id"] == "C-1"]
    started = outcomes[outcomes["metric_id"] == "started"]
    # 9 days lie between two beginnings: 41 of them by 31 March 2019.
    assert started["quantity"].to_list() == [41, 60]
    assert [f"{day:%Y-%m-%d}" for day in started["period_end"]] == ["2019-03-31", "2019-09-30"]
    assert started["result_type"].to_list() == ["interim", "final"]
    assert set(outcomes["locator"]) == {"claims.csv to March 2019", "claims.csv to September 2019"}
    assert set(outcomes["label"]) == {
        "started a job", "in the job for 13 weeks", "in the job for 26 weeks", "crimes avoided"
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["date", "timestamp", "text"])
def test_parquet_says_the_same_as_csv(claiming: Write, kind: str) -> None:
    project = claiming(reported_claims())
    expected = read(project)
    claims = pd.read_csv(project / CLAIMS, dtype={"participant_id": str})
    if kind != "text":
        claims["achieved_on"] = pd.to_datetime(claims["achieved_on"])
    if kind == "date":
        claims["achieved_on"] = claims["achieved_on"].dt.date
    (project / CLAIMS).unlink()
    claims.to_parquet(project / "raw" / "C-1" / "claims.parquet", index=False)
    facts = read(project)
    pd.testing.assert_frame_equal(facts.claim_counts, expected.claim_counts)
    assert totals(facts) == totals(expected)


def test_the_order_of_rows_and_columns_says_nothing(claiming: Write) -> None:
    project = claiming(reported_claims())
    expected = read(project).claim_counts
    rows = list(csv.reader(io.StringIO((project / CLAIMS).read_text())))
    turned = [",".join(reversed(row)) for row in [rows[0], *reversed(rows[1:])]]
    (project / CLAIMS).write_bytes(b"\xef\xbb\xbf" + "\r\n".join(turned).encode())
    pd.testing.assert_frame_equal(read(project).claim_counts, expected)


def test_without_a_description_of_its_metrics_a_claim_counts_a_person_or_an_event(claiming: Write) -> None:
    project = claiming([claim for claim in reported_claims() if claim.metric_id in ("weeks_13", "crimes")])
    (project / "raw" / "C-1" / "metrics.csv").unlink()
    facts = read(project)
    assert totals(facts) == {"started": 0, "weeks_13": 40, "weeks_26": 0, "crimes": 12}
    labels = facts.outcomes.drop_duplicates("metric_id").set_index("metric_id")["label"]
    assert labels["weeks_13"] == "job, 13 weeks"
    assert labels["started"] == "job"


def test_the_last_period_ends_with_the_month_of_the_last_claim(claiming: Write) -> None:
    facts = read(claiming([Claim("a", "started", "0", "2019-11-07")]))
    outcomes = facts.outcomes[facts.outcomes["contract_id"] == "C-1"]
    assert {day.date() for day in outcomes["period_end"]} == {date(2019, 11, 30)}


def test_it_is_said_whose_claims_are_counted(claiming: Write) -> None:
    project = claiming(reported_claims())
    reference, _ = read_reference(project / "reference")
    said: list[str] = []
    read_facts(project / "raw", reference, on_step=said.append)
    assert said == ["counting the claims of C-1 (0.0 MB)"]


# --- What is refused ------------------------------------------------------------------------------------------


WRONG = [
    (Claim("", "started"), "participant_id: missing"),
    (Claim("a ", "started"), "participant_id: blanks around it (expected the id alone)"),
    (Claim("a", ""), "metric_id: missing"),
    (
        Claim("a", "begun"),
        "metric_id: not a metric of the contract (expected one of crimes, started, weeks_13, weeks_26)",
    ),
    (Claim("a", "weeks_13", "12"), "milestone: not the milestone of its metric"),
    (
        Claim("a", "crimes", "12"),
        "milestone: its metric has no milestone (expected none, or a metric for each milestone)",
    ),
    (Claim("a", "weeks_13", "a year"), "milestone: not a number (expected a plain number such as 13)"),
    (Claim("a", "started", "0", ""), "achieved_on: missing"),
    (Claim("a", "started", "0", "07/11/2019"), "achieved_on: not a date (expected a date such as 2018-10-31)"),
    (Claim("a", "started", "0", "2019-02-30"), "achieved_on: a day that no calendar has"),
    (
        Claim("a", "started", "0", "2021-07-01"),
        "achieved_on: after its source was published (expected 2021-06-30 at the latest)",
    ),
    (
        Claim("a", "started", "0", amount_gbp="£12"),
        "amount_gbp: not a number (expected a plain number such as 1234.50)",
    ),
    (
        Claim("a", "started", "0", amount_gbp="0120"),
        "amount_gbp: not a number (expected a plain number such as 1234.50)",
    ),
    (
        Claim("a", "started", "0", amount_gbp="1e9"),
        "amount_gbp: not a number (expected a plain number such as 1234.50)",
    ),
    (Claim("a", "started", "0", amount_gbp="2000000000"), "amount_gbp: too large (expected at most 1,000,000,000)"),
    (Claim("a", "started", "0", amount_gbp="-1"), "amount_gbp: too small (expected at least 0)"),
    (Claim("a", "started", "0", evidence_id=""), "evidence_id: missing"),
    (
        Claim("a", "started", "0", evidence_id="synthetic-1"),
        f"evidence_id: a synthetic claim in a real contract (expected a contract {CONTRACT_PREFIX}…)",
    ),
]


def test_a_wrong_row_is_refused_with_its_number(claiming: Write) -> None:
    project = claiming([Claim("b", "started", "0"), Claim("c", "weeks_13", ""), *(claim for claim, _ in WRONG)])
    assert problems_of(project) == sorted(
        (f"{CLAIMS}:{row}: {said}" for row, (_, said) in enumerate(WRONG, 4)), key=lambda line: int(line.split(":")[1])
    )


@pytest.mark.parametrize("amount", ["0", "0.00", "0.004"])
def test_a_claim_of_no_pounds_is_none_of_a_metric_that_counts_them(claiming: Write, amount: str) -> None:
    project = claiming([Claim("a", "crimes", amount_gbp=amount)])
    metrics = project / "raw" / "C-1" / "metrics.csv"
    metrics.write_text(metrics.read_text().replace("crimes avoided,incident", "crimes avoided,pound"))
    said = f"{CLAIMS}:2: amount_gbp: no pounds: the metric is counted in them (expected 0.01 or more)"
    assert said in problems_of(project)


def test_of_each_kind_the_first_hundred_are_shown_and_all_are_counted(claiming: Write) -> None:
    wrong = [Claim(f"p{n}", "started", "0", evidence_id="") for n in range(1_234)]
    project = claiming([Claim("b", "started", "0"), *wrong, Claim("c", "begun")])
    said = problems_of(project)
    missing = [line for line in said if line.endswith("evidence_id: missing")]
    assert missing == [f"{CLAIMS}:{row}: evidence_id: missing" for row in range(3, 3 + SHOWN_ROWS)]
    assert f"{CLAIMS}:0: evidence_id: missing: 1,234 rows in all, of which the first 100 are listed" in said
    assert sum("not a metric of the contract" in line for line in said) == 1


IDENTIFIER_FORMS = [kind.form for kind in OF_COLUMN["participant_id"]]
IDENTIFIERS = [
    ("jo@example.org", "an e-mail address"),
    ("Jo Bloggs <jo@example.org>", "an e-mail address"),
    ("QQ 12 34 56 C", "a National Insurance number"),
    ("qq123456c", "a National Insurance number"),
    ("M1 1AE", "a postcode"),
    ("12 High Street, Leeds LS1 4AP", "a postcode"),
    ("Jo Bloggs", "a name"),
    ("Bloggs, Jo", "a name"),
    ("Mary O'Neill-Smith", "a name"),
    ("jo bloggs", "a name"),
    ("Zoë Brontë", "a name"),
    ("BLOGGS, JO A.", "a name"),
    ("07700 900123", "a telephone number"),
    ("+44 20 7946 0018", "a telephone number"),
    ("(0121) 496 0000", "a telephone number"),
    ("31/12/1984", "a date of birth"),
    ("1984-12-31", "a date of birth"),
    ("19841231", "a date of birth"),
]


def test_one_direct_identifier_refuses_the_file_and_is_not_repeated(claiming: Write) -> None:
    project = claiming([*reported_claims(), *(Claim(identifier, "started", "0") for identifier, _ in IDENTIFIERS)])
    said = problems_of(project)
    assert said == [
        f"{CLAIMS}:{row}: participant_id: looks like {kind}: a direct identifier "
        "(expected a pseudonym that only the commissioner can resolve)"
        for row, (_, kind) in enumerate(IDENTIFIERS, len(reported_claims()) + 2)
    ]
    assert not [identifier for identifier, _ in IDENTIFIERS if identifier in "".join(said)]


def test_evidence_may_not_identify_either_but_may_be_dated(claiming: Write) -> None:
    dated = claiming([Claim("a", "started", "0", evidence_id="2019-06-30")])
    assert problems_of(dated) == []
    titled = claiming([Claim("a", "started", "0", evidence_id="letter of the employer")])
    assert problems_of(titled) == []
    for evidence, kind in (("letter of Jo Bloggs jo@example.org", "an e-mail address"), ("Łukasz Żak", "a name")):
        assert f"looks like {kind}" in problems_of(claiming([Claim("a", "started", "0", evidence_id=evidence)]))[0]


# An identifier that is not found is shown as it is: making it smaller takes minutes.
@settings(max_examples=60, phases=[Phase.generate])
@given(st.sampled_from(IDENTIFIER_FORMS).flatmap(lambda form: st.from_regex(form, fullmatch=True)))
def test_whatever_has_the_form_of_an_identifier_is_found(identifier: str) -> None:
    """Most ids are passed over without a look at these forms: none that has one of them."""
    row = {name: "x" for name in COLUMNS} | {"participant_id": identifier}
    with opened(EngineChoice()) as backend:
        found = problems_of_rows(backend, ibis.memtable([row]), [], "claims.csv", 2)
    assert "looks like" in " ".join(problem.what for problem in found)
    assert {problem.column for problem in found} == {"participant_id"}


# Valid NHS numbers of the range kept for tests, of which 999 is the beginning.
NHS_NUMBERS = ["999 000 0018", "9990000026", "999-000-0034", "9990000042"]


def test_nhs_numbers_are_known_by_their_check_digit(claiming: Write) -> None:
    valid = claiming([Claim(number, "started", "0") for number in NHS_NUMBERS])
    assert sum("looks like an NHS number" in line for line in problems_of(valid)) == len(NHS_NUMBERS)
    others = [f"{1_000_000_000 + 7_919 * n}" for n in range(100)]
    assert problems_of(claiming([Claim(number, "started", "0") for number in others])) == []


def test_pseudonyms_of_the_usual_kinds_pass(claiming: Write) -> None:
    kinds = [
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "5d41402abc4b2a76b9719d911017c592",
        "P000123",
        "A1234BC",
        "LON/2019/00042",
        "client 17",
        "k4x2bc",
    ]
    assert problems_of(claiming([Claim(kind, "started", "0") for kind in kinds])) == []


@pytest.mark.parametrize("column", ["name", "Surname", "date_of_birth", "DOB", "post code", "NHS number", "e-mail"])
def test_a_column_of_identifiers_is_refused_by_its_name(claiming: Write, column: str) -> None:
    project = claiming(reported_claims())
    text = (project / CLAIMS).read_text().replace("evidence_id", f"evidence_id,{column}", 1)
    (project / CLAIMS).write_text("\n".join(f"{line},x" if n else line for n, line in enumerate(text.splitlines())))
    expected = "(expected claims without it: take the column out of the file)"
    assert problems_of(project) == [f"{CLAIMS}:1: {column}: a direct identifier {expected}"]


def test_a_file_without_a_header_does_not_show_its_first_claim(claiming: Write) -> None:
    project = claiming(reported_claims())
    (project / CLAIMS).write_text((project / CLAIMS).read_text().partition("\n")[2])
    said = "\n".join(problems_of(project))
    assert "column missing" in said
    assert "person-0000" not in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", [f"{name}: column missing" for name in sorted(COLUMNS)]),
        (as_csv([]), ["row: no rows (expected at least one claim)"]),
    ],
)
def test_an_empty_file(claiming: Write, content: str, said: list[str]) -> None:
    project = claiming([])
    (project / CLAIMS).write_text(content)
    assert problems_of(project) == [f"{CLAIMS}:1: {words}" for words in said]


def test_a_ragged_row_is_named_by_its_number_only(claiming: Write) -> None:
    project = claiming(reported_claims())
    with (project / CLAIMS).open("a") as file:
        file.write("Jo Bloggs,started,0,2019-06-30,,file 1,one too many\n")
    (said,) = problems_of(project)
    assert said.startswith(f"{CLAIMS}:{len(reported_claims()) + 2}: file: not readable as CSV")
    assert "Bloggs" not in said


def test_what_is_no_parquet_and_columns_of_other_types(claiming: Write) -> None:
    project = claiming([])
    (project / CLAIMS).unlink()
    path = project / "raw" / "C-1" / "claims.parquet"
    path.write_text("Jo Bloggs")
    (said,) = problems_of(project)
    assert said.startswith("raw/C-1/claims.parquet:0: file: not readable as PARQUET")
    table = pa.table({name: [1.5] if name != "amount_gbp" else [True] for name in COLUMNS})
    pq.write_table(table, path)
    assert [line.partition(": a column")[0].split(": ")[1] for line in problems_of(project)] == [
        "achieved_on", "amount_gbp", "evidence_id", "metric_id", "participant_id"
    ]  # fmt: skip


def test_claims_or_outcomes_not_both(claiming: Write) -> None:
    project = claiming(reported_claims())
    folder = project / "raw" / "C-1"
    (folder / "claims.parquet").write_bytes(b"")
    assert problems_of(project) == [f"{CLAIMS}:0: file: claims given twice (expected only this or claims.parquet)"]
    (folder / "claims.parquet").unlink()
    (folder / "claims.csv").unlink()
    assert f"{folder.relative_to(project)}/metrics.csv:0: file: metrics without claims " in problems_of(project)[0]


def test_a_payment_may_not_name_its_metric(claiming: Write) -> None:
    project = claiming(reported_claims())
    path = project / "raw" / "C-1" / "payments.csv"
    path.write_text(path.read_text().replace("54000,paid,,", "54000,paid,weeks_26,"))
    assert problems_of(project) == [
        "raw/C-1/payments.csv:3: metric_id: a payment that gives a count away "
        "(expected no metric where there are claims: the payments of a period together)"
    ]


def test_synthetic_contracts_stay_among_themselves(claiming: Write) -> None:
    project = claiming(reported_claims())
    (project / "raw" / "C-1").rename(project / "raw" / f"{CONTRACT_PREFIX}1")
    assert f"raw/{CONTRACT_PREFIX}1:0: folder: a synthetic contract beside real ones" in "\n".join(problems_of(project))


def test_an_engine_that_does_not_exist(claiming: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLICVALUE_CLAIMS_ENGINE", "abacus")
    with pytest.raises(ValueError, match="no such engine: 'abacus'; known: duckdb, pyspark"):
        read(claiming(reported_claims()))


def test_a_milestone_that_is_no_number_in_parquet_is_none_that_is_named(claiming: Write) -> None:
    """Some libraries write missing numbers so."""
    project = claiming(reported_claims())
    path = project / CLAIMS
    claims = pd.read_csv(path, dtype={"participant_id": str, "evidence_id": str})
    path.unlink()
    claims = claims.assign(milestone=math.nan, amount_gbp=math.nan)
    claims.to_parquet(path.with_suffix(".parquet"), index=False)
    no_number = pa.array([math.nan] * len(claims), pa.float64(), from_pandas=False)
    table = pq.read_table(path.with_suffix(".parquet"))
    for column in ("milestone", "amount_gbp"):
        table = table.set_column(table.schema.get_field_index(column), column, no_number)
    pq.write_table(table, path.with_suffix(".parquet"))
    assert problems_of(project) == []
    endless = pa.array([math.inf] * len(claims), pa.float64())
    pq.write_table(table.set_column(4, "amount_gbp", endless), path.with_suffix(".parquet"))
    assert table.schema.names[4] == "amount_gbp"
    assert "raw/C-1/claims.parquet:1: amount_gbp: too large (expected at most 1,000,000,000)" in problems_of(project)


# --- Beside what else is wrong --------------------------------------------------------------------------------


def test_of_metrics_that_cannot_be_read_nothing_more_is_said(claiming: Write) -> None:
    """Nothing is counted then; that no metric is reported follows from it."""
    project = claiming(reported_claims())
    metrics = project / "raw/C-1/metrics.csv"
    metrics.write_text(metrics.read_text().replace(",false,", ",no,", 1))
    assert [line.split(" (")[0] for line in problems_of(project)] == [
        "raw/C-1/metrics.csv:2: is_net_of_deadweight: not a truth"
    ]


def test_what_is_wrong_with_payments_and_with_claims_is_said_at_once(claiming: Write) -> None:
    project = claiming([*reported_claims(), Claim("jo@example.org", "started", "0")])
    payments = project / "raw/C-1/payments.csv"
    header, first, *others = payments.read_text().splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True)) | {"amount_gbp": "much", "metric_id": "started"}
    payments.write_text("\n".join([header, ",".join(cells.values()), *others, ""]))
    assert [line.split(" (")[0] for line in problems_of(project)] == [
        f"{CLAIMS}:{len(reported_claims()) + 2}: participant_id: looks like an e-mail address: a direct identifier",
        "raw/C-1/payments.csv:2: amount_gbp: not a number",
        "raw/C-1/payments.csv:2: metric_id: a payment that gives a count away",
    ]
