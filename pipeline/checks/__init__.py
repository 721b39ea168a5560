"""What only several tables together show, checked by Great Expectations before anything is stored or published.

Belongs here: the checks of each published layer, each with what it compares (``results`` to ``last_edition``), what a
check is (``suite``), what Great Expectations makes of it (``expectations``), and how a suite is run (``validation``).
What one table may contain is said by its Pandera model in ``pipeline.tables``, not here.

A view works out what it expects by another way than the method does: what is copied from the method would agree with
it however wrong it was. So nothing here imports ``pipeline.method``; a test holds that. Shared with it, because they
are decided elsewhere and have tests of their own: which rows an edition's price list takes (``facts.price_lists``),
units and financial years (``tables``), and which counts of claims are withheld (``claims.disclosure``), beside which
``results`` and ``publication`` have a rule of their own for what is too few. Which columns are sums is read off the
models.
"""
