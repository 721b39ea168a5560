"""A workbook as ODS (OpenDocument 1.3, ISO/IEC 26300), the row of heads of each table marked as such.

Belongs here: the parts of such a file. What is in the sheets stands in ``contents``.
"""

from collections.abc import Iterator, Sequence
from html import escape

from pipeline.report.workbook.sheets import Form, Sheet, rows_of, text_cells, zipped

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMES = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = (
    f'xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0" xmlns:text="{NAMES}:text:1.0" '
    f'xmlns:style="{NAMES}:style:1.0" xmlns:number="{NAMES}:datastyle:1.0" xmlns:meta="{NAMES}:meta:1.0" '
    f'xmlns:fo="{NAMES}:xsl-fo-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'
)

CELL, END = "<table:table-cell", "</text:p></table:table-cell>"
CELLS = Form(
    row=("<table:table-row>", "</table:table-row>"),
    empty=f"{CELL}/>",
    text=(f'{CELL} office:value-type="string"><text:p>', END),
    number=(f'{CELL} office:value-type="float" office:value="', '"><text:p>', END),
    truth=(f'{CELL} office:value-type="boolean" office:boolean-value="', '"><text:p>', END),
    day=(f'{CELL} table:style-name="day" office:value-type="date" office:date-value="', '"><text:p>', END),
    link=(
        f'{CELL} office:value-type="string"><text:p><text:a xlink:type="simple" xlink:href="#',
        '.A1">',
        f"</text:a>{END}",
    ),
    days_as_numbers=False,
    # A blank at either end, or after another one, counts for nothing by itself.
    within=(
        ("^ | $", "<text:s/>"),
        ("  ", " <text:s/>"),
        (r"\t", "<text:tab/>"),
        (r"\r\n|\r|\n", "</text:p><text:p>"),
    ),
)
MANIFEST = (
    f'{DECLARED}<manifest:manifest xmlns:manifest="{NAMES}:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}.xml" manifest:media-type="text/xml"/>'
        for name in ("content", "styles", "meta")
    )
    + "</manifest:manifest>"
)
STYLES = (
    f'{DECLARED}<office:document-styles {SPACES}><office:styles><style:default-style style:family="table-cell">'
    '<style:text-properties fo:font-size="12pt" fo:language="en" fo:country="GB"/></style:default-style>'
    "</office:styles></office:document-styles>"
)
OWN_STYLES = (
    "<office:automatic-styles>"
    '<style:style style:name="column" style:family="table-column">'
    '<style:table-column-properties style:column-width="5cm"/></style:style>'
    '<style:style style:name="wide" style:family="table-column">'
    '<style:table-column-properties style:column-width="20cm"/></style:style>'
    '<style:style style:name="title" style:family="table-cell">'
    '<style:text-properties fo:font-size="15pt" fo:font-weight="bold"/></style:style>'
    '<style:style style:name="head" style:family="table-cell"><style:table-cell-properties fo:wrap-option="wrap"/>'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<number:date-style style:name="iso"><number:year number:style="long"/><number:text>-</number:text>'
    '<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>'
    "</number:date-style>"
    '<style:style style:name="day" style:family="table-cell" style:data-style-name="iso"/>'
    "</office:automatic-styles>"
)


def ods(title: str, author: str, sheets: Sequence[Sheet]) -> bytes:
    """Return sheets as an OpenDocument spreadsheet."""
    meta = (
        f"{DECLARED}<office:document-meta {SPACES}><office:meta><dc:title>{escape(title)}</dc:title>"
        f"<dc:creator>{escape(author)}</dc:creator><dc:language>en-GB</dc:language></office:meta></office:document-meta>"
    )
    ranges = "".join(
        f'<table:database-range table:name="table_{sheet.name}" table:contains-header="true" '
        f'table:target-range-address="{":".join(f"{sheet.name}.{cell}" for cell in sheet.area)}"/>'
        for sheet in sheets
        if any(sheet.area)
    )
    files = {
        "mimetype": [MEDIA_TYPE],
        "META-INF/manifest.xml": [MANIFEST],
        "meta.xml": [meta],
        "styles.xml": [STYLES],
        "content.xml": _content(sheets, ranges),
    }
    # A reader tells the format by the first file, which is not compressed.
    return zipped(files, stored=["mimetype"])


def _content(sheets: Sequence[Sheet], ranges: str) -> Iterator[str | bytes]:
    yield f"{DECLARED}<office:document-content {SPACES}>{OWN_STYLES}<office:body><office:spreadsheet>"
    for sheet in sheets:
        yield from _sheet(sheet)
    yield f"<table:database-ranges>{ranges}</table:database-ranges></office:spreadsheet></office:body>"
    yield "</office:document-content>"


def _sheet(sheet: Sheet) -> Iterator[str | bytes]:
    begin, end = CELLS.row
    cells = text_cells((*sheet.lines, *sheet.heads), CELLS)
    title, *lines = cells[: len(sheet.lines)]
    above = "".join(f"{begin}{cell}{end}" for cell in (_styled(title, "title"), *lines))
    heads = "".join(_styled(head, "head") for head in cells[len(sheet.lines) :])
    marked = f"<table:table-header-rows>{begin}{heads}{end}</table:table-header-rows>" if heads else ""
    style, number = ("column", len(sheet.heads)) if sheet.heads else ("wide", 1)
    yield f'<table:table table:name="{sheet.name}">'
    yield f'<table:table-column table:style-name="{style}" table:number-columns-repeated="{number}"/>{above}{marked}'
    yield rows_of(sheet, CELLS)
    yield "</table:table>"


def _styled(cell: str, style: str) -> str:
    return cell.replace(f"{CELL} ", f'{CELL} table:style-name="{style}" ', 1)
