"""What a run publishes: the headline, the tables as Parquet, the sums behind a figure.

Belongs here: layout, wording and files. No figure is worked out here that is not in a table of the method.
"""
