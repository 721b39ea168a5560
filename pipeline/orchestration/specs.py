"""How an asset is described in the Dagster UI.

Belongs here: what all assets share (owner, version of the code, kinds) and the columns of a table as its model
describes them; no asset of its own.
"""

from collections.abc import Iterable, Iterator, Mapping

import dagster as dg
import pandas as pd

from pipeline.facts.raw import RAW_TABLES
from pipeline.facts.reference import REFERENCE_TABLES
from pipeline.orchestration.inputs import FACT_ASSETS, loaded_code_version
from pipeline.tables.base import Table
from pipeline.tables.results import PUBLISHED_TABLES, shaped
from pipeline.tables.steps import STEP_TABLES
from pipeline.timing import PANDERA, timed

MODELS: Mapping[str, type[Table]] = {
    **PUBLISHED_TABLES,
    **REFERENCE_TABLES,
    **{asset: RAW_TABLES[name] for name, asset in FACT_ASSETS.items()},
    **STEP_TABLES,
}
# What the function of an asset hands back: that its tables are stored. The tables themselves go through the store.
Materialized = Iterator[dg.MaterializeResult[None]]
# The same, after saying how the checks across tables came out.
CheckedAndMaterialized = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]
ROW_COUNT = "dagster/row_count"


def table_spec(
    asset: str,
    group: str,
    description: str,
    deps: Iterable[dg.AssetDep] = (),
    kinds: Iterable[str] = ("pandas", "parquet"),
) -> dg.AssetSpec:
    """Return the description of an asset, with the columns of its table where it has a model."""
    model = MODELS.get(asset)
    return dg.AssetSpec(
        asset,
        deps=list(deps),
        description=description,
        group_name=group,
        metadata={"dagster/column_schema": table_schema(model)} if model else None,
        code_version=loaded_code_version(),
        owners=["team:publicvalue"],
        kinds=set(kinds),
    )


def table_schema(model: type[Table]) -> dg.TableSchema:
    """Return the columns of a model: type, meaning, unit, and whether they may be empty."""
    columns = model.to_schema().columns
    return dg.TableSchema(
        [
            dg.TableColumn(
                name,
                type=str(column.dtype),
                description=_with_unit(str(column.description), str(column.metadata["unit"])),
                constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=column.unique),
            )
            for name, column in columns.items()
        ]
    )


def _with_unit(description: str, unit: str) -> str:
    return f"{description} [{unit}]" if unit else description


def checked(table: pd.DataFrame, asset: str) -> pd.DataFrame:
    """Return the table of a step of the valuation if it is what its model says, each column of its type.

    A table that is published keeps the columns that only later steps need. Raises ``pandera.errors.SchemaErrors`` when
    it is not what it should be, before anything is written.
    """
    if asset not in STEP_TABLES:
        return table.reset_index(drop=True).assign(**dict(shaped(table, asset).items()))
    with timed(PANDERA):
        return STEP_TABLES[asset].validate(table, lazy=True)


def materialized(assets: Iterable[str]) -> Materialized:
    """Say of assets that they are stored."""
    for asset in assets:
        yield dg.MaterializeResult(asset_key=asset)
