"""What a run publishes: pages, charts, the headline, the tables as Parquet, the sums behind a figure.

Belongs here: layout, wording and files. No figure is worked out here that is not in a table of the method or of its
analyses. Pages of the report stand in ``pages`` with their templates, charts in ``charts``, other texts in ``text``;
what several of these need (words, rows, drawing, previews) lies beside them.
"""
