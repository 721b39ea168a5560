"""The projects of an export that are taken: each once, under an id that can name a folder."""

from pathlib import Path

import pytest

from pipeline.importers.imported import ImportProblem
from pipeline.importers.indigo import columns as indigo
from pipeline.importers.indigo.importer import plan_import
from tests.importers.indigo.made_up_export import A, Tables, write_export


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["../up"], "ID '../up' cannot name a folder"),
        ([".."], "ID '..' cannot name a folder"),
        (["/etc/x"], "ID '/etc/x' cannot name a folder"),
        (["C:\\x"], "cannot name a folder"),
        (["A/B"], "ID 'A/B' cannot name a folder"),
        (["-rf"], "ID '-rf' cannot name a folder"),
        ([".hidden"], "ID '.hidden' cannot name a folder"),
        (["indigo-poj-9001"], "ID 'indigo-poj-9001' cannot name a folder"),
        (["INDIGO\nPOJ"], "cannot name a folder"),
        (["A" * 101], "cannot name a folder"),
        ([""], r"projects_delivery_locations\.csv:2: Project ID: missing"),
        ([A, A], f"'{A}' appears 2 times"),
        ([], f"'{A}' appears 0 times"),
    ],
)
def test_projects_need_one_usable_id(tmp_path: Path, tables: Tables, raw: Path, ids: list[str], message: str) -> None:
    tables[indigo.PROJECTS] = [{"ID": contract_id} for contract_id in ids]
    tables[indigo.LOCATIONS] = [{indigo.PROJECT_ID: (ids or [A])[0], indigo.COUNTRY_COLUMN: "GB"}]
    with pytest.raises(ImportProblem, match=message):
        plan_import(write_export(tmp_path / "export", tables), raw)
