"""Results and payments of one contract, from a template that somebody filled in.

``publicvalue new-contract ID`` writes the template, a workbook; ``publicvalue import outcomes FILE`` brings in what was
filled in, from the workbook or from one of its sheets saved as CSV. Whoever fills it in works in a spreadsheet.

Belongs here: the template, reading it as people leave it, and what is left to do. Which outcome a metric counts is a
judgement: it stays with ``reference/metric_outcomes.csv``, and nothing here writes that file. How rows come together
with ``raw/`` is said in ``pipeline.importers.merge``.

What a reader of ``raw/`` relies on:

- **Read rightly, or refused.** A cell is read if it can mean one thing. Else nothing is imported, and each such cell
  has a line that says what it is and what to write. No number is guessed.
- **Suppressed is no number.** ``<5``, ``[x]``, ``..`` or ``c`` say that the source gives no number, and no correction
  of the file will bring one: the cell goes to ``rejected.csv`` and the rest comes in. ``12*`` may be a number; whoever
  fills in the file knows, so it is refused until they have said.
- **Nothing is counted twice.** A totals row is left out and named; a sum of its own column without such a name, and
  results of a metric that another source has reported, are refused.

**Locators** name sheet and row: `results row 5` is row 5 of the sheet, or of the CSV file, of results.
"""
