"""The published tables as one workbook, in two formats: what is in it (``contents``), and how each format is written.

openpyxl takes some four seconds for the tables of an edition, and no kept library writes ODS in less; by column, Arrow
makes the XML of both in a fraction of one.
"""
