"""What is told of an edition in words: its headline, the sum behind a contract, what moved, the end of a run.

Belongs here: texts that are no pages of the report, each with its template beside it. Numbers are written as in
``pipeline.report.wording``.
"""
