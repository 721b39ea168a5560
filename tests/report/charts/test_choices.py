"""The spread of choices holds every combination."""

from pipeline.report.drawing import Spec
from tests.report.charts.taken_apart import Tables, rows_of


def test_the_spread_of_choices_holds_every_combination_and_the_edition(tables: Tables, specs: dict[str, Spec]) -> None:
    table = tables["scenarios"]
    shown = {row["option"]: row for row in rows_of(specs["spread_of_choices"]) if "option" in row}
    low = table[table["unit_value_level"] == "low"]["bcr"]
    row = shown["level of unit costs: low"]
    assert (row["lowest"], row["highest"], row["median"]) == (low.min(), low.max(), low.median())
    (own,) = table.loc[table["is_edition"], "bcr"]
    assert row["alone"] == own
    assert min(row["lowest"] for row in shown.values()) == table["bcr"].min()
    assert max(row["highest"] for row in shown.values()) == table["bcr"].max()
    # Later years are discounted under another convention than the edition's: no option of it is a single change.
    assert shown["discounting of later years: none"]["alone"] is None
    changed = table[table["changed"] == "payment_bases"].set_index("payment_bases")["bcr"]
    assert shown["which payments count: paid"]["alone"] == changed["paid"]
