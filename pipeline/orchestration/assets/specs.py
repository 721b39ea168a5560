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
from pipeline.common.timing import PANDERA, timed
from pipeline.orchestration.assets.inputs import loaded_code_version
from pipeline.orchestration.server.addresses import without_user
from pipeline.tables.base import Table, valid_by_edition
from pipeline.tables.catalogue import ENTRIES, shaped
from pipeline.tables.lineage import LINEAGE

# The groups of the UI and the assets in each, in the order in which one is made from the other: the UI sorts groups by
# name, hence the numbers.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "01_sources": (
        "sources",
        "corrections",
        "accepted",
        "gone_contracts",
        "earlier_publications",
        "published_figures",
        "reading_values",
        "reconstruction",
    ),
    "02_unit_costs": (
        "outcome_types",
        "metric_outcomes",
        "paid_per_unit",
        "shared_results",
        "unit_costs",
        "unit_cost_checks",
        "outcome_unit_costs",
        "hours_weights",
        "wellbeing_scales",
    ),
    "03_rates_choices": (
        "editions",
        "choices",
        "deadweight",
        "optimism_bias",
        "gdp_deflators",
        "discount_rates",
    ),
    "04_contracts": (
        "raw_folder",
        "contract_facts",
        "contracts",
        "outcomes",
        "claim_counts",
        "claim_overlaps",
        "payments",
        "restatements",
        "rejected_rows",
    ),
    "05_services": ("organisations", "places", "service", "targets", "prices", "planned_payments"),
    "06_valuation": (
        "outcomes_in_scope",
        "payments_in_scope",
        "outcome_units",
        "units_by_choice",
        "unit_values",
        "gross_value",
        "net_value",
        "valued_outcomes",
        "overlaps",
        "not_valued",
    ),
    "07_value": (
        "contract_value",
        "policy_area_value",
        "market_value",
        "payer_beneficiary",
        "coverage",
        "bounds",
        "value_summary",
        "value_by_time",
        "value_by_agency",
        "payments_per_result",
    ),
    "08_counted": (
        "published_contracts",
        "reported_outcomes",
        "claims",
        "double_counting",
        "published_payments",
        "published_restatements",
        "payments_over_time",
        "market_facts",
        "price_checks",
        "flags",
    ),
    "09_certainty": (
        "uncertainty",
        "acceptability",
        "sensitivity",
        "switching_values",
        "contract_sensitivity",
        "scenarios",
        "robustness",
        "concentration",
        "evidence_quality",
        "evidence_age",
    ),
    "10_studies": (
        "reconciliation",
        "reconstruction_terms",
        "readings",
        "reading_combinations",
        "questions",
        "bridge",
    ),
    "11_headline": ("checks", "headline"),
    "12_what_if": ("what_if",),
}
GROUP_OF = {asset: group for group, assets in GROUPS.items() for asset in assets}
# What the function of an asset hands back: how its checks came out, and that its tables are stored. The tables
# themselves go through the store.
CheckedAndMaterialized = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]
# Where the code of this version can be read, such as https://github.com/<owner>/<name>/blob/<version>.
CODE_URL = "PUBLICVALUE_CODE_URL"


def table_spec(table: str, deps: Iterable[dg.AssetDep] = (), code: Iterable[Callable[..., Any]] = ()) -> dg.AssetSpec:
    """Return the description of the asset of a table, as the catalogue has it, with its columns."""
    entry = ENTRIES[table]
    columns = {"dagster/column_schema": table_schema(entry.model, LINEAGE.get(table, {}))}
    return asset_spec(table, entry.description, deps, code=code, metadata=columns)


def asset_spec(
    asset: str,
    description: str,
    deps: Iterable[dg.AssetDep] = (),
    kinds: Iterable[str] = ("pandas", "parquet"),
    freshness_policy: dg.FreshnessPolicy | None = None,
    code: Iterable[Callable[..., Any]] = (),
    metadata: Mapping[str, Any] | None = None,
) -> dg.AssetSpec:
    """Return the description of an asset.

    ``code``: the functions that decide what is in it, to which the UI links.
    """
    metadata = {"dagster/code_references": code_references(code), **(metadata or {})}
    return dg.AssetSpec(
        asset,
        deps=list(deps),
        description=description,
        group_name=GROUP_OF[asset],
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


def column_lineage(asset: str) -> dg.TableColumnLineage | None:
    """Return from which columns each column of an asset comes, one step back; None where it is not told."""
    if asset not in LINEAGE:
        return None
    return dg.TableColumnLineage({column: [_dep(o) for o in origins] for column, origins in LINEAGE[asset].items()})


def _dep(origin: str) -> dg.TableColumnDep:
    asset, column = origin.split(".")
    return dg.TableColumnDep(asset_key=dg.AssetKey(asset), column_name=column)


def _described(description: str, unit: str, origins: Sequence[str]) -> str:
    """What a column says, in sentences: its meaning, its unit, and from which columns it comes."""
    told = [f"Unit: {unit}.", f"Worked out from {', '.join(origins)}."]
    return " ".join([description, *(words for words, is_told in zip(told, (unit, origins), strict=True) if is_told)])


def checked(tables: Mapping[str, pd.DataFrame], table: str) -> dict[str, pd.DataFrame]:
    """Return a table of a step of the valuation, by edition, if it is what its model says.

    One that is published keeps the columns that only later steps need. Raises ``pandera.errors.SchemaErrors`` when it
    is not what it should be, before anything is written.
    """
    entry = ENTRIES[table]
    if not entry.published_as:
        with timed(PANDERA):
            return valid_by_edition(entry.model, tables)
    valid = shaped(tables, table)
    return {key: made.reset_index(drop=True).assign(**dict(valid[key].items())) for key, made in tables.items()}
