"""A drawing without what cannot be seen: empty shapes, marks for screen readers, and what is said of each mark alone.

Belongs here: making an SVG of Vega smaller without moving a pixel of it. A page holds two drawings of each chart, and
describes them itself.
"""

import re
from collections import Counter
from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
# Attributes of which a drawing on a page needs none, and values that are those of an SVG that says nothing.
NEEDLESS = frozenset({"class", "role", "pointer-events", "version", "stroke-miterlimit"})
DEFAULTS = {"opacity": "1", "stroke-width": "1", "stroke-opacity": "1", "fill-opacity": "1", "font-weight": "normal"}
# What a group may say for all that is in it.
INHERITED = (
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "fill-opacity",
    "font-weight",
    "text-anchor",
)
# Attributes that say where something is drawn, in pixels; a tenth of one is finer than any eye.
WHERE = frozenset({"d", "transform", "x", "y", "x1", "x2", "y1", "y2"})
LONG_DECIMAL = re.compile(r"-?\d*\.\d\d+(?:e-?\d+)?")
MOVED = re.compile(r"translate\((-?[\d.]+),(-?[\d.]+)\)")
NOWHERE = re.compile(r"(M-?[\d.]+,-?[\d.]+h0v0h0Z)?")

Element = ElementTree.Element


def slim(svg: str) -> str:
    """Return a drawing of Vega that looks the same and is about a third as long."""
    root = ElementTree.fromstring(svg)
    _clean(root)
    _say_once(root, "font-family")
    _say_once(root, "font-size")
    _hoist(root)
    _unwrap(root)
    root.set("xmlns", SVG)
    # Within texts and attributes no bracket stands as it is.
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _clean(element: Element) -> None:
    """Take out what cannot be seen, from the outside inwards."""
    element.tag = element.tag.removeprefix(f"{{{SVG}}}")
    for name, value in list(element.items()):
        if name in NEEDLESS or name.startswith("aria-") or DEFAULTS.get(name) == value:
            del element.attrib[name]
        elif name in WHERE:
            element.set(name, LONG_DECIMAL.sub(_tenth, value))
    _place(element)
    for child in list(element):
        _clean(child)
        if _is_unseen(child):
            element.remove(child)


def _tenth(found: re.Match[str]) -> str:
    text = f"{float(found[0]):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _place(element: Element) -> None:
    """Say where a text is by its own coordinates, which are shorter."""
    moved = MOVED.fullmatch(element.get("transform", ""))
    if moved and moved.groups() == ("0", "0"):
        del element.attrib["transform"]
    elif moved and element.tag == "text" and not len(element):
        del element.attrib["transform"]
        element.set("x", moved[1])
        element.set("y", moved[2])


def _is_unseen(element: Element) -> bool:
    if element.get("opacity") == "0" or element.get("display") == "none":
        return True
    if element.tag == "path":
        has_paint = any(element.get(name, "none") != "none" for name in ("fill", "stroke"))
        return NOWHERE.fullmatch(element.get("d", "")) is not None or (not has_paint and not element.get("id"))
    return element.tag == "g" and not len(element)


def _say_once(root: Element, name: str) -> None:
    """Say at the root what most texts say, and at a text only what is different there."""
    said = Counter(value for text in root.iter("text") if (value := text.get(name)))
    if not said:
        return
    usual = said.most_common(1)[0][0]
    root.set(name, usual)
    for text in root.iter("text"):
        if text.get(name) == usual:
            del text.attrib[name]


def _hoist(element: Element) -> None:
    """Say once, at the group, what all in it say alike; begin with the innermost."""
    for child in element:
        _hoist(child)
    if element.tag != "g" or not len(element):
        return
    for name in INHERITED:
        said = {child.get(name) for child in element}
        value = said.pop()
        if not said and value is not None:
            element.set(name, value)
            for child in element:
                del child.attrib[name]


def _unwrap(element: Element) -> None:
    """Take what is in groups that say nothing out of them."""
    for child in element:
        _unwrap(child)
    element[:] = [
        part for child in element for part in (list(child) if child.tag == "g" and not child.attrib else [child])
    ]
