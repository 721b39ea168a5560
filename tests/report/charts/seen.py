"""Colours as they are seen: how far one stands out from another, to everybody and to people who are colour-blind.

Belongs here: WCAG's contrast and the simulation of Machado, Oliveira and Fernandes (2009); which colours are tested
is said by the tests.
"""

import math
from collections.abc import Sequence

# Of linear red, green and blue, what remains to somebody without one kind of cones.
WITHOUT = {
    "red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)
Matrix = Sequence[Sequence[float]]


def linear(colour: str) -> list[float]:
    """Red, green and blue of ``#RRGGBB`` as light."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def times(matrix: Matrix, light: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, light, strict=True)) for row in matrix]


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of contrast, from 1 to 21."""
    light, dark = sorted((times(XYZ, linear(colour))[1] for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def apart(one: str, other: str, without: str | None = None) -> float:
    """How different two colours look (CIE76), to everybody or to somebody without a kind of cones."""
    return math.dist(*(lab(colour, without) for colour in (one, other)))


def lab(colour: str, without: str | None) -> list[float]:
    light = linear(colour)
    if without:
        light = [min(1.0, max(0.0, part)) for part in times(WITHOUT[without], light)]
    x, y, z = (
        value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116
        for value in (part / white for part, white in zip(times(XYZ, light), WHITE, strict=True))
    )
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
