"""The bridge: from one result to another, cause by cause, in pounds.

Belongs here: what a result is made from (``results``), how two results are mixed (``mixtures``), and the terms that
lead from the one to the other (``terms``). How it is told and drawn stands in ``pipeline.report``.
"""
