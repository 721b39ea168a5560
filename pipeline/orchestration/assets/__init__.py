"""The assets: what a run makes, what it is made from, how each is checked and shown.

Belongs here: assets, and what only they use (reading and writing the store, checks, partitions, what the UI shows of
one). How runs are started stands in ``pipeline.orchestration``, the UI as a service in ``server``.
"""
