"""Rules for the tables that only a reading of somebody else's study uses.

Belongs here: that its tables fit the others, and that no edition of ours takes anything from them.
"""

from collections.abc import Iterator

from pipeline.facts.problems import Problem
from pipeline.facts.readings import ADDED_VALUES, SettingError, with_setting
from pipeline.facts.rules.tables import METRIC, Tables, rows_not_in
from pipeline.tables.parameters import LIFE_SATISFACTION
from pipeline.tables.reading import FIGURES_APART, MOST_STEPS, OWN_STUDY, PUBLISHED_RATIO
from pipeline.tables.vocabulary import VALUE_SETS

SETTINGS = ("setting", "low_setting", "high_setting")


def readings_feed_no_edition(tables: Tables) -> Iterator[Problem]:
    """What we think that others did is no input of an edition of ours."""
    for name, edition in tables.reference.editions.items():
        if edition.added_values:
            path, what = f"{tables.folder}/editions/{name}.toml", "an edition cannot use the values of a reading"
            yield Problem(path, 1, ADDED_VALUES, what, ", ".join(edition.added_values), "none")


def added_values_of_nothing(tables: Tables) -> Iterator[Problem]:
    """A value is added to an outcome that exists, of a contract and a metric that exist."""
    values, path = tables.reference.reading_values, tables.path("reading_values")
    outcomes = tables.reference.outcome_types["outcome_id"]
    yield from rows_not_in(values, "outcome_id", outcomes, path, "unknown outcome", "one of outcome_types.csv")
    contracts = {"", *tables.contracts}
    yield from rows_not_in(values, "contract_id", contracts, path, "unknown contract", "a contract in raw/, or none")
    mapped = set(tables.reference.metric_outcomes[METRIC].itertuples(index=False, name=None))
    for row in values[(values["metric_id"] != "") & values["contract_id"].isin(list(tables.contracts))].itertuples():
        if (row.contract_id, row.metric_id) not in mapped:
            expected = "one of metric_outcomes.csv"
            yield Problem(path, int(row.Index), "metric_id", "unknown metric", row.metric_id, expected)


def added_values_without_prices(tables: Tables) -> Iterator[Problem]:
    """A value has a deflator for its price year, or a WELLBY to be counted in."""
    values, path = tables.reference.reading_values, tables.path("reading_values")
    years = {"", *tables.reference.gdp_deflators["price_year"]}
    yield from rows_not_in(values, "price_year", years, path, "no deflator for this year", "one of gdp_deflators.csv")
    if LIFE_SATISFACTION not in set(tables.reference.wellbeing_scales["scale_id"]):
        for row in values[values["valued_in"] == "wellby"].itertuples():
            expected = f"a row {LIFE_SATISFACTION} in {tables.path('wellbeing_scales')}"
            yield Problem(path, int(row.Index), "valued_in", "no value for a WELLBY", "wellby", expected)


def added_values_without_deadweight(tables: Tables) -> Iterator[Problem]:
    """Each outcome to which a value is added has one assumed rate of deadweight, here or in ``deadweight``."""
    values, path = tables.reference.reading_values, tables.path("reading_values")
    rates = tables.reference.deadweight
    general = set(rates.loc[(rates["layer"] == "assumed") & (rates["contract_id"] == ""), "outcome_id"])
    said: dict[str, float] = {}
    for row in values.itertuples():
        is_here = row.deadweight == row.deadweight  # a number
        what = expected = ""
        if row.outcome_id in general:
            what = "deadweight.csv has a rate for the outcome" if is_here else ""
            expected = "none here"
        elif not is_here:
            what, expected = "no rate of deadweight for the outcome", "a share here, or a row in deadweight.csv"
        elif said.setdefault(row.outcome_id, row.deadweight) != row.deadweight:
            what, expected = "another rate for the same outcome", f"{said[row.outcome_id]:g}, as above"
        if what:
            yield Problem(path, int(row.Index), "deadweight", what, f"{row.deadweight:g}" if is_here else "", expected)


def steps_that_no_edition_can_make(tables: Tables) -> Iterator[Problem]:
    """Each setting of a step is one that its choice can have; a published ratio is one that was published."""
    steps, path = tables.reference.reconstruction, tables.path("reconstruction")
    groups, editions = set(tables.reference.reading_values["added_value"]), tables.reference.editions
    figures = tables.reference.published_figures
    ratios = {OWN_STUDY, *figures.loc[figures["measure"] == "bcr", "figure_id"]}
    if len(steps) > MOST_STEPS:
        what, expected = "too many steps: each doubles the number of readings", f"{MOST_STEPS} at most"
        yield Problem(path, int(steps.index[MOST_STEPS]), "step_id", what, str(len(steps)), expected)
    for row in steps.itertuples():
        for column in SETTINGS:
            setting = getattr(row, column)
            what = expected = ""
            if row.choice == PUBLISHED_RATIO and setting and setting not in ratios:
                what, expected = "no published ratio", f"{OWN_STUDY}, or a figure of measure bcr"
            elif row.choice == ADDED_VALUES and setting and setting.partition(":")[0] not in groups:
                what, expected = "no such group of added values", "an added_value of reading_values.csv"
            elif row.choice == "value_set" and setting and setting not in VALUE_SETS:
                what, expected = "no such price list", ", ".join(VALUE_SETS)
            else:
                try:
                    with_setting(next(iter(editions.values())), row.choice, setting) if editions else None
                except SettingError as error:
                    what = str(error)
            if what:
                yield Problem(path, int(row.Index), column, what, setting, expected)


def steps_of_unknown_figures(tables: Tables) -> Iterator[Problem]:
    """A published figure from which a step follows is one of those registered."""
    known, path = set(tables.reference.published_figures["figure_id"]), tables.path("reconstruction")
    for row in tables.reference.reconstruction.itertuples():
        for figure in filter(None, row.figure_ids.split(FIGURES_APART)):
            if figure not in known:
                what, expected = "unknown published figure", "one of published_figures.csv"
                yield Problem(path, int(row.Index), "figure_ids", what, figure, expected)
