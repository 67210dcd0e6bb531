"""What is in front, above and beside, from the order of the windows alone; when to look again."""

from __future__ import annotations

from memassist.ingest.capture.desktop import Area, Beside, Window
from memassist.ingest.capture.stacked import (
    LookTimer,
    Stacked,
    beside_of,
    front_of,
    greatest_part,
    greatest_share,
)

LEFT, RIGHT = Area(-800, 0, 800, 600), Area(0, 0, 1000, 700)


def stacked(number: int, area: Area, *, is_focused: bool = False, **more: bool) -> Stacked:
    shown = greatest_part(area, (LEFT, RIGHT))
    assert shown is not None
    return Stacked(Window(number, "app", f"window {number}", shown), area, is_focused, **more)


def test_what_covers_the_window_in_front_is_told_as_far_as_it_does() -> None:
    stack = [
        stacked(1, Area(0, 0, 400, 400)),
        stacked(2, Area(100, 100, 400, 400), is_focused=True),
        stacked(3, Area(450, 50, 300, 100)),
        stacked(4, Area(600, 0, 100, 100)),
    ]
    front, above = front_of(stack)
    assert front == stack[1].window
    assert [(one.id, one.area) for one in above] == [(3, Area(450, 100, 50, 50))]
    assert front_of(stack[:1]) == (None, ())


def test_a_window_over_two_monitors_is_taken_on_one_and_covers_what_is_on_both() -> None:
    front = stacked(1, Area(0, 0, 400, 400), is_focused=True)
    wide = stacked(2, Area(-600, 100, 700, 100))
    assert wide.window.area == Area(-600, 100, 600, 100)
    assert [one.area for one in front_of([front, wide])[1]] == [Area(0, 100, 100, 100)]


def test_panels_cover_and_are_not_beside() -> None:
    stack = [
        stacked(1, Area(0, 0, 400, 400)),
        stacked(2, Area(500, 0, 400, 400), is_focused=True),
        stacked(3, Area(0, 380, 1000, 40), is_ordinary=False),
    ]
    assert beside_of(stack) == (Beside(stack[0].window, (Area(0, 380, 400, 20),)),)


def test_the_share_of_a_monitor_is_that_of_the_one_it_covers_most_of() -> None:
    assert greatest_share(Area(-800, 0, 800, 300), (LEFT, RIGHT)) == 0.5
    assert greatest_share(Area(5000, 0, 10, 10), (LEFT, RIGHT)) == 0.0
    assert greatest_part(Area(5000, 0, 10, 10), (LEFT, RIGHT)) is None


def test_looks_are_due_in_turn_and_then_not() -> None:
    timer = LookTimer()
    assert timer.seconds_until_due() == 0
    assert [timer.due() for _ in range(4)] == ["content", "beside", None, None]
    assert timer.seconds_until_due() > 1
