"""What tests of several pages share: each edition of the project, one after the other, and its published tables."""

from collections.abc import Callable

import pandas as pd
import pytest

from tests.conftest import EDITIONS


@pytest.fixture(params=EDITIONS)
def edition_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tables(edition_id: str, tables_of: Callable[[str], dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    return tables_of(edition_id)
