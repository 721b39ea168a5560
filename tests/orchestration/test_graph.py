"""The asset graph loads, is complete, and says of itself what a stranger needs to know."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from pipeline.orchestration.assets.partitions import CONTRACTS
from pipeline.orchestration.assets.specs import GROUP_OF, GROUPS, table_schema
from pipeline.orchestration.automation import WEBHOOK
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.graph_page import PAGE, graph_page
from pipeline.orchestration.server.instance import POOL
from pipeline.orchestration.settings import Settings
from pipeline.tables.catalogue import CATALOGUE
from pipeline.tables.valuation import MarketValue

# Assets that are no tables of the catalogue.
OTHERS = {"editions", "raw_folder", "contract_facts", "headline", "what_if"}
# So many can be taken in at a glance, in a list as in a drawing.
MOST_IN_A_GROUP = 10


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


@pytest.mark.parametrize("edition", [None, "no TOML ["])
def test_the_graph_can_be_loaded_whatever_lies_in_the_folders(tmp_path: Path, edition: str | None) -> None:
    """Who has to mend the data has to be able to open the UI."""
    if edition:
        (tmp_path / "reference/editions").mkdir(parents=True)
        (tmp_path / "reference/editions/bad.toml").write_text(edition, encoding="utf-8")
    settings = Settings(*(tmp_path / name for name in ("raw", "reference", "reports", "data")))
    dg.Definitions.validate_loadable(build_definitions(settings))


def test_every_asset_lies_in_one_group_of_few(specs: dict[str, dg.AssetSpec]) -> None:
    grouped = [asset for assets in GROUPS.values() for asset in assets]
    assert sorted(grouped) == sorted(specs)
    assert {name: spec.group_name for name, spec in specs.items()} == GROUP_OF
    assert max(map(len, GROUPS.values())) <= MOST_IN_A_GROUP
    assert list(GROUPS) == sorted(GROUPS)
    assert set(specs) - OTHERS == {entry.name for entry in CATALOGUE if entry.layer != "raw"}


def test_each_group_is_made_from_earlier_ones(specs: dict[str, dg.AssetSpec]) -> None:
    """What somebody sees of the lineage runs from left to right, by the numbers of the groups."""
    for name, spec in specs.items():
        made_from = [dep.asset_key.to_user_string() for dep in spec.deps]
        assert [each for each in made_from if GROUP_OF[each] > GROUP_OF[name]] == [], name


def test_the_lineage_of_the_headline_can_be_read(specs: dict[str, dg.AssetSpec]) -> None:
    assert len(list(specs["headline"].deps)) <= MOST_IN_A_GROUP


def test_every_asset_describes_itself(specs: dict[str, dg.AssetSpec]) -> None:
    for name, spec in specs.items():
        description = spec.description or ""
        assert description.endswith("."), name
        assert len(description) > 30, name
        assert list(spec.owners) == ["team:publicvalue"], name
        assert spec.kinds, name
        assert spec.code_version or name == "raw_folder", name


def test_every_table_shows_its_columns(specs: dict[str, dg.AssetSpec]) -> None:
    for name in set(specs) - OTHERS:
        assert "dagster/column_schema" in specs[name].metadata, name
    (bcr,) = (column for column in table_schema(MarketValue, {}).columns if column.name == "bcr")
    assert bcr.description == "public value / payments, in the edition's prices [ratio]"
    assert bcr.constraints.nullable


def test_contracts_are_partitions_and_nothing_else_is(specs: dict[str, dg.AssetSpec]) -> None:
    partitioned = {name for name, spec in specs.items() if spec.partitions_def}
    assert partitioned == {"raw_folder", "contract_facts"}
    assert all(specs[name].partitions_def == CONTRACTS for name in partitioned)


def test_every_figure_goes_back_to_the_folders_of_the_contracts(specs: dict[str, dg.AssetSpec]) -> None:
    def upstream(name: str) -> set[str]:
        deps = {dep.asset_key.to_user_string() for dep in specs[name].deps}
        return deps.union(*(upstream(dep) for dep in deps)) if deps else deps

    assert upstream("headline") == set(specs) - {"headline", "what_if"}
    assert upstream("contract_facts") == {"raw_folder", "corrections"}


def test_assets_show_where_their_code_stands(specs: dict[str, dg.AssetSpec], project_root: Path) -> None:
    for name in sorted(set(specs) - {"raw_folder"}):
        references = specs[name].metadata["dagster/code_references"]
        for reference in references.code_references:
            assert isinstance(reference, dg.LocalFileCodeReference)
            path = Path(reference.file_path)
            assert path.is_relative_to(project_root / "pipeline")
            line = path.read_text(encoding="utf-8").splitlines()[(reference.line_number or 0) - 1]
            assert line.startswith(f"def {reference.label}("), name


def test_every_run_that_writes_waits_for_the_others(definitions: dg.Definitions) -> None:
    for asset in definitions.resolve_asset_graph().assets_defs:
        if asset.is_executable and asset.keys != {dg.AssetKey("what_if")}:
            assert asset.op.pool == POOL, asset.keys


def test_the_page_of_the_documentation_shows_the_graph(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WEBHOOK, raising=False)
    monkeypatch.chdir(project_root)
    page = (project_root / PAGE).read_text(encoding="utf-8")
    assert page == graph_page(build_definitions(Settings.default())), "run `make graph` and look at what it prints"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RAW", "REFERENCE", "OUT", "DATA"):
        monkeypatch.delenv(f"PUBLICVALUE_{name}", raising=False)
    assert Settings.default() == Settings(Path("raw"), Path("reference"), Path("reports"), Path("data"))
    elsewhere = Settings(tmp_path / "a", tmp_path / "b", tmp_path / "c", Path("d"))
    for name, folder in elsewhere.as_environment().items():
        monkeypatch.setenv(name, folder)
    assert Settings.default() == Settings(tmp_path / "a", tmp_path / "b", tmp_path / "c", tmp_path / "d")
