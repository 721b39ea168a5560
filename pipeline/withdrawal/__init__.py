"""Contracts that their source no longer has: kept for a reason, or taken out of everything but for a tombstone.

Belongs here: ``decisions`` (what was decided about each), ``purge`` (what is deleted, and where) and ``carry_out`` (in
which order). It reaches into raw facts, reference tables, working tables and what is published; how an import finds
that a contract is gone is in ``pipeline.importers``.
"""
