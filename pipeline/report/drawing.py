"""Drawing: a Vega-Lite specification becomes SVG.

Belongs here: the one call to the renderer. What a chart says stands in ``charts``.
"""

from typing import Any

Spec = dict[str, Any]


def as_svg(spec: Spec) -> str:
    """Return a chart as SVG, the same for the same specification; nothing is fetched.

    The first call starts the renderer, which takes more than a second; each call holds up all other threads. Raises
    ``ValueError`` when the specification is none, or names data that would have to be fetched.
    """
    import vl_convert

    return vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[], show_warnings=False)
