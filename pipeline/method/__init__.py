"""Valuing social outcomes contracts: plain functions over typed tables.

Belongs here: every rule by which reported results become pounds (``steps``), their order (``valuation``), and what is
said about the result (``analysis``). Nothing here reads or writes files, or knows an orchestrator or
a clock; what is drawn comes from a seed. In order:

    protection -> scope -> outcome_units -> unit_values -> value (gross, net, overlaps) -> sums -> ratios
"""
