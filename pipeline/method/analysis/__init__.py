"""Analyses: what is said about a valuation, none of which changes a value.

Belongs here: facts of the market, coverage, evidence, ranges, bounds, scenarios, each a pure function of the tables
that its parameters name, and the list of them all in ``tables``. What makes pounds stands in ``pipeline.method.steps``.
"""
