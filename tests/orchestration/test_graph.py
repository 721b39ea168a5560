"""The asset graph loads, is complete, and says of itself what a stranger needs to know."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.inputs import FACT_ASSETS
from pipeline.orchestration.settings import Settings
from pipeline.orchestration.specs import table_schema
from pipeline.tables.results import PUBLISHED_TABLES, MarketValue

GROUPS = {
    "reference": {
        "outcome_types",
        "metric_outcomes",
        "unit_costs",
        "outcome_unit_costs",
        "deadweight",
        "gdp_deflators",
        "discount_rates",
        "published_figures",
        "sources",
        "corrections",
        "editions",
    },
    "facts": {"contracts", "reported_outcomes", "payments", "rejected_rows"},
    "valuation": {
        "outcomes_in_scope",
        "payments_in_scope",
        "outcome_units",
        "unit_values",
        "gross_value",
        "net_value",
        "overlaps",
        "valued_outcomes",
    },
    "results": {
        "contract_value",
        "policy_area_value",
        "market_value",
        "reconciliation",
        "coverage",
        "not_valued",
        "scenarios",
        "flags",
        "checks",
        "headline",
    },
}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> dg.Definitions:
    """The graph over two contracts and the project's editions."""
    folder = tmp_path_factory.mktemp("graph")
    shutil.copytree(project_root / "reference", folder / "reference")
    for contract in ("B-2", "A-1", ".hidden"):
        (folder / "raw" / contract).mkdir(parents=True)
    settings = Settings(folder / "raw", folder / "reference", folder / "reports", folder / "data")
    return build_definitions(settings)


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_the_graph_can_be_loaded(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_every_step_of_the_method_is_an_asset_of_its_group(specs: dict[str, dg.AssetSpec]) -> None:
    groups: dict[str, set[str]] = {}
    for name, spec in specs.items():
        groups.setdefault(str(spec.group_name), set()).add(name)
    assert groups == GROUPS
    assert set(PUBLISHED_TABLES) <= set(specs)


def test_every_asset_describes_itself(specs: dict[str, dg.AssetSpec]) -> None:
    for name, spec in specs.items():
        description = spec.description or ""
        assert description.endswith("."), name
        assert len(description) > 30, name
        assert list(spec.owners) == ["team:publicvalue"], name
        assert spec.code_version, name
        assert "parquet" in spec.kinds, name


def test_published_tables_show_their_columns(specs: dict[str, dg.AssetSpec]) -> None:
    for name in PUBLISHED_TABLES:
        assert "dagster/column_schema" in specs[name].metadata, name
    (bcr,) = (column for column in table_schema(MarketValue).columns if column.name == "bcr")
    assert bcr.description == "public value / payments, in the edition's prices [ratio]"
    assert bcr.constraints.nullable


def test_partitions_are_contracts_and_editions(specs: dict[str, dg.AssetSpec]) -> None:
    def keys(asset: str) -> list[str] | None:
        partitions = specs[asset].partitions_def
        return list(partitions.get_partition_keys()) if partitions else None

    for asset in GROUPS["facts"]:
        assert keys(asset) == ["A-1", "B-2"]
    for asset in GROUPS["valuation"] | GROUPS["results"]:
        assert keys(asset) == ["atq-2022", "atq-2024", "open-2025"]
    for asset in GROUPS["reference"]:
        assert keys(asset) is None


def test_an_edition_rests_on_all_contracts(specs: dict[str, dg.AssetSpec]) -> None:
    for name in GROUPS["valuation"] | GROUPS["results"]:
        for dep in specs[name].deps:
            rests_on_facts = dep.asset_key.to_user_string() in FACT_ASSETS.values()
            assert isinstance(dep.partition_mapping, dg.AllPartitionMapping) == rests_on_facts, name


def test_one_run_takes_all_its_partitions(definitions: dg.Definitions) -> None:
    for asset in definitions.resolve_asset_graph().assets_defs:
        expected = dg.BackfillPolicy.single_run() if asset.partitions_def else None
        assert asset.backfill_policy == expected


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RAW", "REFERENCE", "OUT", "DATA"):
        monkeypatch.delenv(f"PUBLICVALUE_{name}", raising=False)
    assert Settings.default() == Settings(Path("raw"), Path("reference"), Path("reports"), Path("data"))
    elsewhere = Settings(tmp_path / "a", tmp_path / "b", tmp_path / "c", Path("d"))
    for name, folder in elsewhere.as_environment().items():
        monkeypatch.setenv(name, folder)
    assert Settings.default() == Settings(tmp_path / "a", tmp_path / "b", tmp_path / "c", tmp_path / "d")
