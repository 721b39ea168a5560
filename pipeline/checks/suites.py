"""All suites of checks, one for each published layer, in the order in which they are run and shown.

Belongs here: the list. What a suite checks stands in the module of its layer; what Great Expectations makes of it, in
``expectations``.
"""

from pipeline.checks import last_edition, lines, payments, publication, results, sums

SUITES = (
    results.SUITE,
    payments.SUITE,
    lines.SUITE,
    sums.OF_CONTRACTS,
    sums.OF_POLICY_AREAS,
    sums.OF_THE_MARKET,
    publication.SUITE,
    last_edition.SUITE,
)
SUITE_OF = {suite.asset: suite for suite in SUITES}
MAY_BE_ACCEPTED = [check.name for suite in SUITES for check in suite.checks if check.is_against_last]
