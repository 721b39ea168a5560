"""Analyses: what is said about a valuation, worked out from its tables.

Belongs here: pure functions of tables that make no pounds of their own. What makes them stands in the steps, of which
``pipeline.method.valuation`` has the order.
"""
