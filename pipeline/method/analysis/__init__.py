"""Analyses: what we say about a valuation. None of them changes a value.

Belongs here: facts of the market, coverage, evidence, ranges, bounds, scenarios: pure functions of tables. Those that
make a published table are listed in ``tables``, and their parameters name the tables that they read; the others the
report calls itself (``area_coverage``, ``gap``, ``resting``, ``spread``, ``wellbeing_scales``). What makes pounds
stands in ``pipeline.method.steps``.
"""
