"""INDIGO: from the dataset's CSV export to one folder per UK contract in `raw/`.

INDIGO (Government Outcomes Lab, University of Oxford) publishes its impact bond dataset as a set of CSV files. They are
read from a folder or a zip, and for each project with a delivery location in Great Britain there will be
`contract.toml`, `outcomes.csv`, `payments.csv`, `organisations.csv`, `places.csv`, `prices.csv`, `targets.csv`,
`planned_payments.csv`, `service.csv` and `rejected.csv`.

Belongs here: what INDIGO reports, brought into the raw formats. Nothing is estimated or corrected: a known error goes
to `reference/corrections.csv`. Outcome types, values, cut-off dates and every judgement about a figure stay out. How
rows come together with what analysts have added is said in ``pipeline.importers.merge``.

**Locators** name file, project and place: `results: INDIGO-POJ-0121 #3` is the third row of that project in the
results. In the payments, rows of the two types taken are counted, and planned ones by themselves. A project id that
cannot name a folder is refused.
"""
