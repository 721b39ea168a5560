"""The controls say what they switch and move, in words and with the ends of the evidence."""

from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages import assumption_words as told
from pipeline.report.pages.model import model_of
from pipeline.report.pages.model_controls import OPEN, scopes_of, sliders_by_group, switches_of
from pipeline.report.pages.model_sum import sliders_of
from pipeline.report.wording import plain_number, pounds
from pipeline.tables.vocabulary import (
    ANNUAL_RUNGS,
    DEADWEIGHT_LAYERS,
    DISTRIBUTIONS,
    GRADES,
    MAPPING_GRADES,
    OPTIMISM_BIASES,
    PAYMENT_BASES,
    TIME_CONVENTIONS,
    TRANSFERS,
    TREATMENTS,
)
from tests.conftest import EDITIONS

TablesOf = Callable[[str], dict[str, pd.DataFrame]]


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_option_of_a_switch_has_words_of_its_own(
    tables_of: TablesOf, reference: Reference, edition_id: str
) -> None:
    edition = reference.editions[edition_id]
    model = model_of(edition, tables_of(edition_id))
    assert model
    for switch in switches_of(model, edition):
        options = dict(switch["options"])
        assert len(options) > 1
        assert len(set(options.values())) == len(options)
        assert switch["published"] in options
        assert not any("_" in words or "/" in words for words in options.values())
    has_cut_off = edition.cut_off is not None
    assert ("straddling" in {switch["id"] for switch in switches_of(model, edition)}) is has_cut_off


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_slider_is_there_once_and_ends_where_its_evidence_ends(
    tables_of: TablesOf, reference: Reference, edition_id: str
) -> None:
    tables = tables_of(edition_id)
    model = model_of(reference.editions[edition_id], tables)
    assert model
    sliders = sliders_of(model)
    groups = sliders_by_group(model, sliders, tables)
    rows = [row for of_group in groups.values() for row in of_group]
    assert [row["id"] for row in next(iter(groups.values()))] == sliders[:OPEN]
    assert sorted(row["id"] for row in rows) == sorted(sliders)
    known = {parameter["id"]: parameter for parameter in model["parameters"]}
    for row in rows:
        own = known[row["id"]]
        for level in ("low", "central", "high"):
            shown = pounds(own[level]) if own["kind"] == "unit_cost" else f"{plain_number(own[level] * 100)}%"
            assert row[level] == shown
        assert own["low"] + (own["high"] - own["low"]) * row["at"] / 100 == pytest.approx(
            own["central"], abs=(own["high"] - own["low"]) / 150
        )
        assert row["name"]
        assert row["grade"] in GRADES


def test_areas_and_contracts_can_be_chosen_by_name(tables_of: TablesOf, reference: Reference) -> None:
    tables = tables_of("open-2026")
    model = model_of(reference.editions["open-2026"], tables)
    assert model
    areas, contracts = scopes_of(model, tables).values()
    assert {scope for scope, _ in areas} == {f"area/{area}" for area in tables["policy_area_value"]["policy_area"]}
    names = tables["contracts"].set_index("contract_id")["name"]
    assert [name for _, name in contracts] == sorted(name for _, name in contracts)
    assert all(names[scope.removeprefix("contract/")] == name for scope, name in contracts)
    valued = tables["contract_value"].query("is_valued")["contract_id"]
    assert {f"contract/{name}" for name in valued} <= {scope for scope, _ in contracts}


def test_every_word_of_a_closed_list_is_told_in_plain_words() -> None:
    for words, vocabulary in (
        (told.TIMES, TIME_CONVENTIONS),
        (told.MILESTONES, ANNUAL_RUNGS),
        (told.LAYERS, DEADWEIGHT_LAYERS),
        (told.TRANSFERS_COUNT, TRANSFERS),
        (told.BASES, PAYMENT_BASES),
        (told.BIASES, OPTIMISM_BIASES),
        (told.DRAWN, DISTRIBUTIONS),
        (told.TREATED, TREATMENTS),
        (told.READ, MAPPING_GRADES),
    ):
        assert list(words) == list(vocabulary)
    assert set(told.GRADE_WORDS) > set(GRADES)
