"""The steps that turn reported results into pounds: plain functions over typed tables, all on one floor.

Belongs here: every rule by which a value comes about. ``pipeline.method.valuation`` puts them in order; no step knows
of it, nor of any analysis.
"""
