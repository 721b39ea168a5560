"""What a table had to meet is read off its model, in words."""

from typing import ClassVar

import pandas as pd
import pandera.pandas as pa

from pipeline.report.pages.gates import Gate, Rule, gates
from pipeline.tables.base import Table, described, filled


class Made(Table):
    """One row per thing (``thing.csv``).

    And more.
    """

    thing_id: str = described("id", str_matches="^[a-z]$", unique=True)
    name: str = filled("name")
    note: str = described("may be empty")
    kind: str = described("kind", isin=["a", "b"])
    mood: str = described("mood, if any", isin=["", "good"])
    share: float = described("share", unit="share", ge=0, le=1)
    rate: float = described("rate", gt=0, lt=5, nullable=True)
    odd: pd.Int64Dtype = described("odd", ne=2)

    class Config:
        """Two keys."""

        unique: ClassVar = ["name", "kind"]

    @pa.dataframe_check(error="share: above the rate")
    @classmethod
    def below_rate(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        return df["share"] <= df["rate"]


def test_the_rules_of_a_table_are_read_off_its_model() -> None:
    table = pd.DataFrame({"thing_id": ["x", "y"]})
    assert gates({"things": table}, {"things": Made}) == [
        Gate(
            "things",
            "One row per thing (thing.csv).",
            rows=2,
            columns=8,
            rules=(
                Rule(("thing_id", "name", "kind", "share", "odd"), "filled in every row"),
                Rule(("thing_id",), "of the form ^[a-z]$"),
                Rule(("thing_id",), "once in the table"),
                Rule(("kind",), "one of a, b"),
                Rule(("mood",), "one of (empty), good"),
                Rule(("share",), "at least 0"),
                Rule(("share",), "at most 1"),
                Rule(("rate",), "more than 0"),
                Rule(("rate",), "less than 5"),
                Rule(("odd",), "not_equal_to(2)"),
                Rule(("name", "kind"), "together once in the table"),
                Rule((), "refused: share: above the rate"),
            ),
        )
    ]
