"""A drawing made smaller: nothing that is seen is lost."""

from xml.etree import ElementTree

import vl_convert

from pipeline.report.slimming import slim

SVG = "{http://www.w3.org/2000/svg}"
OF_A = {"y": {"field": "a"}}
BARS = {
    "data": {"values": [{"a": "x<&>\"'", "b": 1.23456}, {"a": "y", "b": -0.00012}]},
    "layer": [
        {"mark": {"type": "bar", "clip": True}, "encoding": {**OF_A, "x": {"field": "b", "type": "quantitative"}}},
        {"mark": {"type": "text", "fontSize": 20, "fontWeight": "bold"}, "encoding": {**OF_A, "text": {"field": "a"}}},
    ],
}


def drawn(svg: str) -> tuple[list[str], int, int]:
    root = ElementTree.fromstring(svg)
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text") if text.get("opacity") != "0"]
    return texts, len(list(root.iter(f"{SVG}line"))), len(list(root.iter(f"{SVG}clipPath")))


def effective(svg: str, tag: str, name: str) -> list[str | None]:
    """What each element of a kind says of itself, or the nearest group around it."""
    root = ElementTree.fromstring(svg)
    parents = {child: parent for parent in root.iter() for child in parent}
    found = []
    for element in root.iter(f"{SVG}{tag}"):
        at: ElementTree.Element | None = element
        while at is not None and at.get(name) is None:
            at = parents.get(at)
        found.append(None if at is None else at.get(name))
    return found


def test_a_smaller_drawing_has_all_that_is_seen() -> None:
    whole = vl_convert.vegalite_to_svg(BARS, vl_version="6.4")
    small = slim(whole)
    assert drawn(small) == drawn(whole)
    assert len(small) < len(whole) / 2
    for name in ("fill", "font-size", "font-weight", "font-family", "text-anchor"):
        defaults = {"normal": None} if name == "font-weight" else {}
        said = [defaults.get(value or "", value) for value in effective(whole, "text", name)]
        assert [defaults.get(value or "", value) for value in effective(small, "text", name)] == said, name


def test_the_inside_of_a_clip_is_kept_and_numbers_have_one_decimal() -> None:
    small = slim(vl_convert.vegalite_to_svg(BARS, vl_version="6.4"))
    (clip,) = ElementTree.fromstring(small).iter(f"{SVG}clipPath")
    assert len(clip) == 1
    assert "1.23456" not in small
    assert "-0," not in small
    assert "aria-" not in small


def test_groups_say_for_all_what_all_say_alike_and_no_more() -> None:
    same = f'<svg xmlns="{SVG[1:-1]}"><g><g><path d="M0,0h5" fill="red"/><path d="M0,5h5" fill="red"/></g></g></svg>'
    assert slim(same).count('fill="red"') == 1
    other = same.replace('fill="red"/></g>', 'fill="blue"/></g>')
    assert 'fill="red"' in slim(other)
    assert 'fill="blue"' in slim(other)


def test_what_is_not_painted_goes() -> None:
    unseen = (
        f'<svg xmlns="{SVG[1:-1]}"><path d="M1,1h9"/><path d="" fill="red"/><text opacity="0">x</text><g><g/></g></svg>'
    )
    assert slim(unseen) == f'<svg xmlns="{SVG[1:-1]}"/>'
