"""``make benchmark-report``: how long the report of all editions takes, beside drawing its charts and nothing else.

Belongs here: the report as a run makes it, its renderer starting with it, timed beside the charts alone, which are the
limit below which no report with them can come; and how large it is.
"""

import time
from pathlib import Path

from pipeline.load import load
from pipeline.method.analysis.tables import published_tables
from pipeline.method.valuation import value_edition
from pipeline.report import drawing
from pipeline.report.pages import PAGES
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline

VERSIONS = dict.fromkeys(("data_version", "reference_version", "code_version"), "0" * 16)
DOWNLOADS = ("tables/", "datapackage.json")


def main() -> None:
    """Print seconds, their ratio and the megabytes of each edition."""
    facts, reference = load(Path("raw"), Path("reference"))
    sites = []
    for edition in reference.editions.values():
        tables = published_tables(facts, reference, value_edition(facts, reference, edition))
        sites.append(Site(edition, tables, headline(tables, edition), reference, VERSIONS))
    begin = time.perf_counter()
    drawing.start()
    made = {one.edition.edition: site(one) for one in sites}
    whole = time.perf_counter() - begin
    figures = [figure for one in sites for page in PAGES for figure in page.figures(one)]
    charts = [drawing for figure in figures for drawing in (figure.wide, figure.narrow)]
    begin = time.perf_counter()
    drawing.rendered(charts).result()
    rendered = time.perf_counter() - begin
    print(f"{len(charts)} charts alone, renderer ready   {rendered:5.1f} s")
    print(f"report of {len(made)} editions              {whole:5.1f} s, {whole / rendered:.1f} times the charts")
    for edition_id, files in made.items():
        read = {path: text for path, text in files.items() if not path.startswith(DOWNLOADS)}
        size = sum(len(text.encode()) for text in read.values()) / 1e6
        print(f"  {edition_id}: {len(read)} files, {size:.2f} MB without downloads")


if __name__ == "__main__":
    main()
