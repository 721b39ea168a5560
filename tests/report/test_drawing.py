"""Charts rendered beside what is done meanwhile: the same drawings, and what becomes of the process that draws."""

import signal
from typing import Any

import pytest

from pipeline.common.files import MachineError
from pipeline.report.drawing import PNG, _own, as_png, as_svg, pictures, rendered, start

POINT: dict[str, Any] = {"mark": "point", "data": {"values": [{"x": 1}]}, "encoding": {"x": {"field": "x"}}}
BAR = POINT | {"mark": "bar"}


def test_charts_come_in_order_and_as_they_are_drawn_here() -> None:
    start()
    first, second = rendered([POINT, BAR]), rendered([BAR])
    assert second.result() == [as_svg(BAR)]
    assert first.result() == [as_svg(POINT), as_svg(BAR)]
    assert rendered([]).result() == []


def test_a_picture_is_the_same_each_time_and_a_png_that_can_be_read() -> None:
    (drawn,) = pictures([POINT]).result()
    assert drawn == as_png(POINT)
    assert drawn.startswith(PNG)
    assert drawn != pictures([BAR]).result()[0]


def test_what_cannot_be_drawn_is_an_error_and_the_next_charts_are_drawn() -> None:
    with pytest.raises(ValueError, match="conversion failed"):
        rendered([POINT, {"mark": "no such mark"}]).result()
    assert len(rendered([POINT]).result()) == 1


def test_a_killed_renderer_is_an_error_and_the_next_charts_are_drawn() -> None:
    assert len(rendered([POINT]).result()) == 1
    _own()[0].send_signal(signal.SIGKILL)
    with pytest.raises(MachineError, match="the system has ended the renderer of charts"):
        rendered([POINT]).result()
    assert len(rendered([POINT]).result()) == 1
