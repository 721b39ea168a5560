"""Charts on the pages of the UI: a run keeps what they say, and they are drawn when somebody looks.

Belongs here: keeping specifications below the data folder, linking to them, and answering with the drawing. So a run
waits for no drawing, and its records hold no images. What is drawn of which asset stands in ``metadata``.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pipeline.common.files import written_whole
from pipeline.facts.versions import LENGTH
from pipeline.orchestration.settings import Settings
from pipeline.report.drawing import Spec, as_svg

CHARTS = "/charts"
# The address holds a hash of what is drawn, so the drawing never changes; it may load and run nothing.
HEADERS = {
    "cache-control": "private, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; connect-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; sandbox",
    "x-content-type-options": "nosniff",
}


def kept(spec: Spec, settings: Settings) -> str:
    """Keep a chart below the data folder and return the address at which the UI shows it.

    Raises ``CannotWriteError`` when the system does not let it be written.
    """
    text = json.dumps(spec, sort_keys=True, allow_nan=False).encode()
    name = hashlib.sha256(text).hexdigest()[:LENGTH]
    path = _folder(settings) / f"{name}.json"
    if not path.is_file() or path.read_bytes() != text:  # a torn one is none
        with written_whole(path) as fresh:
            fresh.write_bytes(text)
    return f"{CHARTS}/{name}.svg"


def route(settings: Settings, prefix: str = "") -> Route:
    """Return what answers at the addresses of charts, below ``prefix``."""
    folder = _folder(settings).absolute()

    def answer(request: Request) -> Response:
        name = request.path_params["name"]
        path = folder / f"{name}.json"
        if not name.isalnum() or not path.is_file():
            return PlainTextResponse("There is no such chart; a new run makes it again.", status_code=404)
        return Response(_drawn(path), media_type="image/svg+xml", headers=HEADERS)

    return Route(f"{prefix}{CHARTS}/{{name}}.svg", answer)


@lru_cache(maxsize=128)
def _drawn(path: Path) -> str:
    return as_svg(json.loads(path.read_text(encoding="utf-8")))


def _folder(settings: Settings) -> Path:
    return settings.data_dir / "charts"
