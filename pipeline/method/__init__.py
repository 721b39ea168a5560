"""Valuing social outcomes contracts: plain functions over typed tables.

Belongs here: every rule by which reported results become pounds. Nothing here reads or writes files, knows an
orchestrator, a clock or chance. ``pipeline.method.valuation`` puts the steps together, in this order:

    protection -> scope -> outcome_units -> unit_values -> value (gross, net, overlaps) -> sums -> ratios
"""
