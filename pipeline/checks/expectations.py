"""The suites as Great Expectations knows them: one ``gx.ExpectationSuite`` for each layer.

What its documentation describes is here: a suite, its expectations, their severity, row conditions and ``meta``. Each
check is an expectation on the rows of its view, two where a figure has to lie between bounds. The batch is the views of
a layer one below the other: ``check``, ``edition``, ``found``, and ``expected`` or ``lowest`` and ``highest``.

The checks themselves are plain data beside their views (``suite.Check``), since importing Great Expectations takes
seconds and a run must not wait for it. Here they are translated, so that nothing is written twice. ``make suites``
writes the suites into a project of Great Expectations, as it keeps them itself.

Belongs here: that translation. Only the process of ``great_expectations`` and that command import this module.
"""

import os
import sys

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # it reads that when it is imported; else it calls home

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.row_conditions import Column

from pipeline.checks.suite import Check, Suite

SEVERITIES = {"error": FailureSeverity.CRITICAL, "warning": FailureSeverity.WARNING}


def expectation_suite(suite: Suite) -> gx.ExpectationSuite:
    """Return a suite as Great Expectations knows it."""
    return gx.ExpectationSuite(
        name=suite.name,
        meta={"guards": suite.guards, "asset": suite.asset},
        expectations=[expectation for check in suite.checks for expectation in _expectations(check)],
    )


def _expectations(check: Check) -> list[Expectation]:
    """What a check asks of the rows of its view."""
    rows = Column("check") == check.name
    severity = SEVERITIES[check.severity]
    meta = {
        "check": check.name,
        "guards_against": check.guards,
        "rows": check.of,
        # By which rows that do not hold are named.
        "examples": list(check.keys),
        "against_last_edition": check.is_against_last,
    }
    if check.asks == "equal":
        return [
            gx.expectations.ExpectColumnPairValuesToBeEqual(
                column_A="found", column_B="expected", row_condition=rows, severity=severity, meta=meta
            )
        ]
    return [
        gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="found", column_B="lowest", or_equal=True, row_condition=rows, severity=severity, meta=meta
        ),
        gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="highest", column_B="found", or_equal=True, row_condition=rows, severity=severity, meta=meta
        ),
    ]


def main() -> None:
    """Write all suites into the project of Great Expectations in a folder, as it keeps them."""
    from pipeline.checks.suites import SUITES

    (folder,) = sys.argv[1:]
    context = gx.get_context(mode="file", project_root_dir=folder)
    for suite in SUITES:
        context.suites.add_or_update(expectation_suite(suite))
    sys.stdout.write(f"{len(SUITES)} suites in {folder}/gx/expectations\n")


if __name__ == "__main__":
    main()
