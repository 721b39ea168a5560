"""The charts of the report and of the UI: each public function of a module here returns one whole figure.

A figure is a Vega-Lite specification and the table of numbers beside it (``figure``). Colours, axes and marks that
charts share stand in ``theme``. A chart takes published tables, or what ``pipeline.method.analysis`` makes of them, and
works out no more than sums, differences and shares of what is in them; money is in pounds. It is drawn by
``pipeline.report.drawing``. Which page shows a chart is said by the page.
"""
