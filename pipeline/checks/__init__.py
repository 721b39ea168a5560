"""What only several tables together show, checked by Great Expectations before anything is stored or published.

Belongs here: the suites, one per published layer (``suites``), what each check compares (``views``), and how a suite
is run (``validation``). What one table may contain is said by its Pandera model in ``pipeline.tables``, not here.
"""
