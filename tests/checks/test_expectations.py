"""The suites as Great Expectations knows them say what ours say, and find what our engine finds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipeline.checks.great_expectations import Question, broken_rows
from pipeline.checks.lines import SUITE
from pipeline.checks.suite import COMPARED
from pipeline.checks.suites import SUITES
from pipeline.facts.reference import Reference
from tests.checks.faults import EDITION, Seen

# What a user of Great Expectations does with a suite that was written by ``make suites``, and with the views.
AS_ITS_USERS_DO = """
import json, sys
import great_expectations as gx
import pandas as pd

folder, name = sys.argv[1:]
context = gx.get_context(mode="file", project_root_dir=folder)
asset = context.data_sources.add_pandas("views").add_dataframe_asset("views of a layer")
batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": pd.read_pickle(f"{folder}/views")})
results = batch.validate(context.suites.get(name), result_format="COMPLETE").results
found = {row for result in results for row in result.result["unexpected_index_list"] or ()}
print(json.dumps(sorted(found)))
"""


def python(*arguments: str) -> str:
    environment = {**os.environ, "GX_ANALYTICS_ENABLED": "false"}
    return subprocess.check_output([sys.executable, *arguments], text=True, env=environment).strip()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of Great Expectations with all suites."""
    folder = tmp_path_factory.mktemp("suites")
    python("-m", "pipeline.checks.expectations", str(folder))
    return folder


def test_every_check_is_written_with_what_it_guards_against(project: Path) -> None:
    for suite in SUITES:
        written = json.loads((project / "gx/expectations" / f"{suite.name}.json").read_text(encoding="utf-8"))
        assert (written["name"], written["meta"]["guards"], written["meta"]["asset"]) == (
            *(suite.name, suite.guards, suite.asset),
        )
        expectations = written["expectations"]
        said = {each["meta"]["check"]: (each["meta"], each["severity"], each["kwargs"]) for each in expectations}
        assert list(said) == [check.name for check in suite.checks]
        for check in suite.checks:
            meta, severity, kwargs = said[check.name]
            assert meta["guards_against"] == check.guards
            assert meta["examples"] == list(check.keys)
            assert severity == {"error": "critical", "warning": "warning"}[check.severity]
            assert kwargs["row_condition"]["parameter"] == check.name
        asked = sum({"equal": 1, "within": 2}[check.asks] for check in suite.checks)
        assert len(expectations) == asked


def test_our_engine_finds_what_great_expectations_finds_by_itself(
    project: Path, seen: Seen, reference: Reference
) -> None:
    """Lines of value have figures, words and bounds; in each view a few rows are made wrong."""
    views = []
    for check in SUITE.checks:
        view = check.compared(seen(EDITION), reference.editions[EDITION])[list(COMPARED[check.asks])]
        wrong = view["found"].astype(object)
        wrong.iloc[[0, len(view) // 2]] = "another" if isinstance(wrong.iloc[0], str) else 1e9
        views.append(view.assign(check=check.name, found=wrong))
    table = pd.concat(views, ignore_index=True)
    table.to_pickle(project / "views")
    by_itself = json.loads(python("-c", AS_ITS_USERS_DO, str(project), SUITE.name))
    assert broken_rows(Question(SUITE.without_views(), table)) == by_itself
    assert len(by_itself) == 2 * len(SUITE.checks)
