"""How an asset is described in the Dagster UI.

Belongs here: what all assets share (owner, version of the code, kinds) and the columns of a table as its model
describes them; no asset of its own.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

import pipeline
from pipeline.facts.raw import FACT_ASSETS, FACT_TABLES
from pipeline.facts.reference import REFERENCE_TABLES
from pipeline.orchestration.column_lineage import LINEAGE
from pipeline.orchestration.inputs import loaded_code_version
from pipeline.orchestration.server.addresses import without_user
from pipeline.tables.base import Table, valid_by_edition
from pipeline.tables.results import PUBLISHED_TABLES, shaped
from pipeline.tables.steps import STEP_TABLES
from pipeline.timing import PANDERA, timed

MODELS: Mapping[str, type[Table]] = {
    **PUBLISHED_TABLES,
    **REFERENCE_TABLES,
    **{asset: FACT_TABLES[name] for name, asset in FACT_ASSETS.items()},
    **STEP_TABLES,
}
# What the function of an asset hands back: how its checks came out, and that its tables are stored. The tables
# themselves go through the store.
CheckedAndMaterialized = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]
# Where the code of this version can be read, such as https://github.com/<owner>/<name>/blob/<version>.
CODE_URL = "PUBLICVALUE_CODE_URL"


def table_spec(
    asset: str,
    group: str,
    description: str,
    deps: Iterable[dg.AssetDep] = (),
    kinds: Iterable[str] = ("pandas", "parquet"),
    freshness_policy: dg.FreshnessPolicy | None = None,
    code: Iterable[Callable[..., Any]] = (),
) -> dg.AssetSpec:
    """Return the description of an asset, with the columns of its table where it has a model.

    ``code``: the functions that decide what is in it, to which the UI links.
    """
    model = MODELS.get(asset)
    metadata: dict[str, Any] = {"dagster/code_references": code_references(code)}
    if model:
        metadata["dagster/column_schema"] = table_schema(model, LINEAGE.get(asset, {}))
    return dg.AssetSpec(
        asset,
        deps=list(deps),
        description=description,
        group_name=group,
        metadata=metadata,
        code_version=loaded_code_version(),
        owners=["team:publicvalue"],
        kinds=set(kinds),
        freshness_policy=freshness_policy,
    )


def code_references(functions: Iterable[Callable[..., Any]]) -> dg.CodeReferencesMetadataValue:
    """Return links to where functions stand: in the repository that the environment names, or on this machine."""
    address = without_user(os.environ.get(CODE_URL, "")).rstrip("/")
    package = Path(pipeline.__file__).parent
    references: list[dg.LocalFileCodeReference | dg.UrlCodeReference] = []
    with warnings.catch_warnings():
        # Dagster may still change them; its version is pinned.
        warnings.simplefilter("ignore", dg.BetaWarning)
        for function in functions:
            path, line, name = function.__code__.co_filename, function.__code__.co_firstlineno, function.__name__
            place = Path(path).relative_to(package.parent).as_posix()
            references.append(
                dg.UrlCodeReference(url=f"{address}/{place}#L{line}", label=name)
                if address
                else dg.LocalFileCodeReference(file_path=path, line_number=line, label=name)
            )
        return dg.CodeReferencesMetadataValue(code_references=references)


def table_schema(model: type[Table], origins: Mapping[str, Sequence[str]]) -> dg.TableSchema:
    """Return the columns of a model: type, meaning, unit, whether they may be empty, and from which columns they come.

    Dagster's own view of column lineage is not part of its open-source UI: hence the words.
    """
    return dg.TableSchema(
        [
            dg.TableColumn(
                name,
                type=str(column.dtype),
                description=_described(str(column.description), str(column.metadata["unit"]), origins.get(name, ())),
                constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=column.unique),
            )
            for name, column in model.to_schema().columns.items()
        ]
    )


def _described(description: str, unit: str, origins: Sequence[str]) -> str:
    parts = [description, f"[{unit}]" if unit else "", f"from {', '.join(origins)}" if origins else ""]
    return " ".join(part for part in parts if part)


def checked(tables: Mapping[str, pd.DataFrame], asset: str) -> dict[str, pd.DataFrame]:
    """Return the tables of a step of the valuation, by edition, if they are what their model says.

    A table that is published keeps the columns that only later steps need. Raises ``pandera.errors.SchemaErrors`` when
    it is not what it should be, before anything is written.
    """
    if asset in STEP_TABLES:
        with timed(PANDERA):
            return valid_by_edition(STEP_TABLES[asset], tables)
    valid = shaped(tables, asset)
    return {key: table.reset_index(drop=True).assign(**dict(valid[key].items())) for key, table in tables.items()}
