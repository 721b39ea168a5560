"""The published tables as one workbook, in two formats: what is in it (``contents``), and how each format is written.

Both are written here because a run waits for them. For the tables of an edition openpyxl takes 1.2 s of processor time
without any style, and writes no ODS; by column, Arrow makes the XML of both in a quarter of that.
"""
