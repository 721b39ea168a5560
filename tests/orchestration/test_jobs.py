"""What somebody who starts a run may say is checked before it starts, and does what it says."""

import json
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from pipeline.orchestration.assets.store import TableStore
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.settings import Settings
from pipeline.report.output_folder import edition_folders

pytestmark = pytest.mark.usefixtures("unchecked", "unwritten")


def job(definitions: dg.Definitions, name: str) -> dg.JobDefinition:
    return definitions.get_repository_def().get_job(name)


def assets_of(made: dg.JobDefinition) -> set[str]:
    return {key.to_user_string() for key in made.asset_layer.executable_asset_keys}


def test_each_job_makes_what_it_says(definitions: dg.Definitions) -> None:
    everything = assets_of(job(definitions, "refresh_everything"))
    assert "headline" in everything
    assert not {"contract_facts", "what_if"} & everything
    assert assets_of(job(definitions, "refresh_contract")) == everything | {"contract_facts"}
    assert assets_of(job(definitions, "publish_edition")) == everything
    assert assets_of(job(definitions, "what_if")) == {"what_if"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("publish_edition", {"edition": "open-1925"}),
        ("publish_edition", {"editions": ["main"]}),
        ("publish_edition", {"accepted_checks": ["levels_agree"]}),
        ("refresh_everything", {"accepted_checks": ["levels_agree"]}),
        ("refresh_contract", {"ops": {"headline": {"config": {"accepted_checks": ["levels_agree"]}}}}),
        ("refresh_everything", {"read_again": "C-1"}),
        ("what_if", {"edition": "open-1925"}),
        ("what_if", {"deadweight_layer": "guessed"}),
        ("what_if", {"value_set": "2014"}),
        ("what_if", {"horizon_years": "long"}),
        ("what_if", {"price_years": "2020-21"}),
        ("what_if", {"transfers": "sometimes"}),
        ("what_if", {"added_values": ["wellbeing"]}),
    ],
)
def test_the_launchpad_refuses_what_cannot_be(definitions: dg.Definitions, name: str, said: dict[str, Any]) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError):
        dg.validate_run_config(job(definitions, name), said)


def test_every_field_has_a_description_and_none_must_be_filled_in(definitions: dg.Definitions) -> None:
    for name in ("refresh_everything", "publish_edition", "what_if"):
        mapping = job(definitions, name).config_mapping
        assert mapping is not None
        fields = mapping.config_schema.config_type
        assert isinstance(fields, dg.Shape)
        for field, shape in fields.fields.items():
            assert shape.description, (name, field)
            assert not shape.is_required, (name, field)
        assert dg.validate_run_config(job(definitions, name), {}) is not None


def editions(settings: Settings) -> list[str]:
    """The editions that are published."""
    return sorted(edition_folders(settings.out_dir))


def test_one_edition_is_published_and_the_other_left_alone(settings: Settings, records: dg.DagsterInstance) -> None:
    text = (settings.reference_dir / "editions/main.toml").read_text(encoding="utf-8")
    other = settings.reference_dir / "editions/other.toml"
    other.write_text(text.replace('edition = "main"', 'edition = "other"'), encoding="utf-8")
    result = job(build_definitions(settings), "publish_edition").execute_in_process(
        {"edition": "other"}, instance=records
    )
    assert result.success
    assert editions(settings) == ["other"]
    # This chart takes two tables of the edition, of which the other has just been stored.
    (curve,) = (e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey("acceptability"))
    assert "chart other" in curve.materialization.metadata


def test_an_edition_that_another_has_superseded_is_published_only_when_it_is_named(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    text = (settings.reference_dir / "editions/main.toml").read_text(encoding="utf-8")
    before = text.replace('edition = "main"', 'edition = "before"') + 'superseded_by = "main"\n'
    (settings.reference_dir / "editions/before.toml").write_text(before, encoding="utf-8")
    definitions = build_definitions(settings)
    for name in ("refresh_everything", "publish_edition"):
        assert job(definitions, name).execute_in_process({}, instance=records).success
        assert editions(settings) == ["main"], name
    assert list(run_editions(settings)) == ["main"]
    result = job(definitions, "publish_edition").execute_in_process({"edition": "before"}, instance=records)
    assert result.success
    assert editions(settings) == ["before", "main"]
    # Whether everything is up to date does not hang on it.
    (up_to_date,) = (e for e in result.get_asset_check_evaluations() if e.check_name == "every_edition_is_up_to_date")
    assert up_to_date.passed


def what_if(definitions: dg.Definitions, records: dg.DagsterInstance, **said: Any) -> dict[str, Any]:
    """Start a what-if; returns what is shown of it."""
    result = job(definitions, "what_if").execute_in_process(said, instance=records)
    assert result.success
    (event,) = result.asset_materializations_for_node("value_what_if")
    return {name: value.value for name, value in event.metadata.items()}


def headline(settings: Settings) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((settings.out_dir / "main/headline.json").read_text(encoding="utf-8"))
    return data


@pytest.mark.usefixtures("published")
def test_what_if_changes_the_choices_said_and_no_edition(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    published = headline(settings)
    before = {path: path.read_bytes() for path in settings.out_dir.rglob("*") if path.is_file()}
    shown = what_if(definitions, records, deadweight_layer="none", price_year="2019-20")
    assert {path: path.read_bytes() for path in settings.out_dir.rglob("*") if path.is_file()} == before
    folder = settings.data_dir.parent / str(shown["folder"])
    assert folder == settings.data_dir / "what-if/main-price-year-2019-20-deadweight-layer-none"
    data = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
    assert data["price_year"] == "2019-20"
    assert data["edition"] == "main-what-if"
    assert shown["public value per £1"] == data["bcr"] > published["bcr"]
    market = pd.read_parquet(folder / "tables/market_value.parquet")
    assert market["bcr"].item() == pytest.approx(data["bcr"], abs=1e-6)
    assert f"{published['bcr']:.2f}" in str(shown["beside the edition"])
    assert f"£{data['bcr']:.2f} of public value for every £1 paid" in str(shown["in short"])


@pytest.mark.usefixtures("published")
def test_a_what_if_may_take_what_no_edition_does(
    definitions: dg.Definitions, records: dg.DagsterInstance, settings: Settings
) -> None:
    own = headline(settings)
    shown = what_if(definitions, records, transfers="both", set_asides="none", flat_deadweight=0.5)
    assert shown["public value per £1"] != own["bcr"]
    (folder,) = (settings.data_dir / "what-if").glob("*transfers*")
    assert " " not in folder.name


@pytest.mark.usefixtures("published")
def test_a_what_if_that_changes_nothing_gives_the_edition(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    assert what_if(definitions, records)["public value per £1"] == headline(settings)["bcr"]


@pytest.mark.parametrize(
    ("said", "words"),
    [({"price_year": "1066"}, "price_year: String should match"), ({"horizon_years": -1.0}, "greater than 0")],
)
def test_a_value_that_no_edition_can_have_is_refused_in_words(
    records: dg.DagsterInstance, definitions: dg.Definitions, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(dg.Failure, match=words):
        job(definitions, "what_if").execute_in_process(said, instance=records)


def test_an_unknown_edition_said_in_the_raw_configuration_is_refused_in_words(
    records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    every = definitions.get_repository_def().get_implicit_global_asset_job_def()
    said = {"resources": {"choice": {"config": {"editions": ["open-1925"]}}}}
    selection = [dg.AssetKey(name) for name in assets_of(job(definitions, "refresh_everything"))]
    with pytest.raises(dg.Failure, match="no such edition: open-1925; known: main"):
        every.execute_in_process(said, instance=records, asset_selection=selection)


def test_what_passes_is_tried_again_and_wrong_data_are_not(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a run of the UI; at the command line a person sees at once what is wrong, and tries again."""
    write, failures = TableStore.write, [OSError("the disk is away")]

    def away_once(*arguments: Any) -> str:
        if failures:
            raise failures.pop()
        return write(*arguments)

    monkeypatch.setattr(TableStore, "write", away_once)
    everything = job(definitions, "refresh_everything")
    result = everything.execute_in_process(instance=records, raise_on_error=False)
    assert result.success
    assert retries(result) == ["reference_tables"]
    (settings.raw_dir / "C-1/notes.txt").write_text("", encoding="utf-8")
    result = everything.execute_in_process(instance=records, raise_on_error=False)
    assert not result.success
    assert retries(result) == []


def retries(result: dg.ExecuteInProcessResult) -> list[str | None]:
    return [event.step_key for event in result.all_events if event.is_step_up_for_retry]
