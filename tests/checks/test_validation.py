"""How checks come out: by edition, in words, and what lets a run go on."""

import pandas as pd

from pipeline.checks.suites import SUITE_OF
from pipeline.checks.sums import OF_THE_MARKET
from pipeline.checks.validation import problems_of, run_suite
from pipeline.facts.reference import Reference
from tests.checks.faults import EDITION, Seen, more, outcomes
from tests.conftest import EDITIONS


def test_each_check_looks_at_every_edition_by_itself(seen: Seen, reference: Reference) -> None:
    first, *others = EDITIONS
    market = {edition: {name: seen(edition)[name] for name in OF_THE_MARKET.reads} for edition in EDITIONS}
    wrong = {**market[first], "market_value": more(market[first]["market_value"], "fiscal_gbp")}
    came_out = run_suite(OF_THE_MARKET, market | {first: wrong}, reference.editions)
    assert {edition: table["outcome"].item() for edition, table in came_out.items()} == {
        first: "failed",
        **dict.fromkeys(others, "passed"),
    }


def test_what_can_be_accepted_is_said_with_how(seen_again: Seen, reference: Reference) -> None:
    tables = seen_again(EDITION)
    last = tables["last_headline"]
    was = last["value"].mask(last["figure"] == "bcr", last["value"] * 1.5)
    wrong = tables | {"last_headline": last.assign(value=was)}
    problems = problems_of(EDITION, run_suite(SUITE_OF["headline"], {EDITION: wrong}, reference.editions)[EDITION])
    assert [problem.column for problem in problems] == ["market_near_the_last", "nothing_moved_without_a_cause"]
    how = ". If that is right: publicvalue accept market_near_the_last --by NAME --because TEXT. 1 of "
    assert how in str(problems[0])
    assert "If that is right" not in str(problems[1]).partition("nothing_moved_without_a_cause")[0]


def test_a_broken_sum_is_never_accepted(seen_again: Seen, reference: Reference) -> None:
    tables = seen_again(EDITION)
    wrong = tables | {"market_value": more(tables["market_value"], "fiscal_gbp")}
    came_out = outcomes(wrong, reference.editions[EDITION], ("market_is_the_sum_of_contracts",))
    assert came_out["market_is_the_sum_of_contracts"] == "failed"


def test_what_was_seen_is_said_in_words(seen_again: Seen, reference: Reference) -> None:
    tables = seen_again(EDITION)
    wrong = tables | {"contract_value": tables["contract_value"].iloc[1:]}
    row = run_suite(SUITE_OF["contract_value"], {EDITION: wrong}, reference.editions)[EDITION].iloc[0]
    assert row["saw"] == "1 of 100 contracts failed; 99 found, 100 expected"
    first = tables["contract_value"]["contract_id"].iloc[0]
    assert row["examples"] == f"{first}: found 0, expected 1"
    assert [str(p) for p in problems_of(EDITION, pd.DataFrame([row]))] == [
        f"open-2026, contracts:0: every_contract_there_once: {first}: found 0, expected 1. 1 of 100 contracts failed; "
        "99 found, 100 expected. The check guards against a contract that is missing or there twice"
    ]


def test_a_contract_that_is_missing_is_told_in_a_sentence(seen_again: Seen, reference: Reference) -> None:
    tables = seen_again(EDITION)
    gone = tables["published_contract_value"]["contract_id"].iloc[0]
    wrong = tables | {"published_contract_value": tables["published_contract_value"].iloc[1:]}
    came_out = run_suite(SUITE_OF["headline"], {EDITION: wrong}, reference.editions)[EDITION]
    (problem,) = (each for each in problems_of(EDITION, came_out) if each.column == "no_contract_dropped")
    assert problem.what.startswith(
        f"Contract {gone} was in the last edition and is missing. If that is right: publicvalue accept "
        "no_contract_dropped --by NAME --because TEXT. 1 of 100 contracts of the last edition failed."
    )
