"""Every lesson that is found stands every extreme of every control that it shows."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.lessons import discover

KINDS = ("slider", "select_slider", "number_input", "selectbox", "button_group", "toggle", "checkbox")
#: Extremes that are refused in one sentence, as they must be: nothing chosen where something must be.
REFUSED = {("optimizers.optimizers", ())}
SLUGS = [entry.slug for entry in discover()]


def controls_of(page: AppTest) -> dict[str, Any]:
    """The controls that the page shows now, by key."""
    return {widget.key: widget for kind in KINDS for widget in page.get(kind) if widget.key}


def extremes(widget: Any) -> list[Any]:
    """The least and the greatest of a range, every option of a choice; where many may be chosen each, all, none."""
    match widget.type:
        case "slider" | "number_input":
            whole = widget.proto.data_type == type(widget.proto).INT
            return [int(end) if whole else end for end in (widget.min, widget.max)]
        case "select_slider":
            return [option_of(widget, text) for text in (widget.options[0], widget.options[-1])]
        case "toggle" | "checkbox":
            return [True, False]
        case "button_group" if not widget._is_single_select:
            return [*([option] for option in widget.options), widget.options, []]
        case _:
            return widget.options


def option_of(slider: Any, text: str) -> Any:
    """The option that a slider over options writes as this text: a key of its menu, or else a number."""
    menu = getattr(slider.format_func, "__self__", None)
    options = list(menu) if isinstance(menu, dict) else [float(text)]
    return next(option for option in options if slider.format_func(option) == text)


class Walk:
    """Sets every control of a page to each of its extremes, also those that only an extreme of another one shows."""

    def __init__(self, page: AppTest, log: pytest.LogCaptureFixture) -> None:
        self.page, self.log = page, log
        self.seen: set[str] = set()
        self.pressed: set[str] = set()
        self.failures: list[str] = []

    def run(self) -> "Walk":
        self.look("opened")
        self.visit()
        for key in [button.key for button in self.page.button if button.key]:
            self.page.button(key=key).click().run()
            self.look(f"{key} pressed")
            self.pressed.add(key)
        assert self.seen, "the page has no controls"
        return self

    def visit(self) -> None:
        for key in controls_of(self.page):
            if key not in self.seen:
                self.seen.add(key)
                self.stretch(key)

    def stretch(self, key: str) -> None:
        before = controls_of(self.page)[key].value
        for value in extremes(controls_of(self.page)[key]):
            self.set(key, value)
            refused = isinstance(value, list) and (key, tuple(value)) in REFUSED
            self.look(f"{key} = {value!r}", refused)
            if not refused:
                self.visit()
        self.set(key, before)

    def set(self, key: str, value: Any) -> None:
        controls_of(self.page)[key].set_value(value)
        self.page.run()

    def look(self, where: str, refused: bool = False) -> None:
        """Notes exceptions, errors that are told to the reader, and those that are told to the host only."""
        found = [f"exception {part.message}" for part in self.page.exception]
        errors = [part.value for part in self.page.error]
        if refused:
            assert len(errors) == 1, f"{where} is no longer refused"
            assert "met an error" not in errors[0]
        else:
            found += [f"error {text}" for text in errors]
        found += [f"log {record.getMessage()}: {record.exc_info}" for record in self.log.records if record.exc_info]
        self.log.clear()
        self.failures += [f"{where}: {what}" for what in found]


def test_there_are_lessons_to_look_at() -> None:
    assert SLUGS


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_every_extreme_of_every_control_has_a_page(
    open_page: Callable[..., AppTest], caplog: pytest.LogCaptureFixture, slug: str
) -> None:
    walk = Walk(open_page(slug), caplog).run()
    assert walk.failures == []
    assert {f"{slug}.seed", f"{slug}.step"} <= walk.seen
    assert f"{slug}.reset" in walk.pressed
    assert len([key for key in walk.pressed if key.startswith(f"{slug}.scene-")]) >= 4


PLANTED = """
import streamlit as st
kind = st.selectbox("Kind", ["plain", "deep"], key="kind")
if kind == "deep":
    size = st.slider("Size", 1, 9, 2, key="size")
    if size == {bad}:
        {fail}
st.button("Press", key="press")
"""


@pytest.mark.parametrize(("fail", "kind"), [("raise KeyError('x')", "exception"), ("st.error('no')", "error")])
@pytest.mark.parametrize("bad", [1, 9])
def test_a_planted_failure_of_a_control_that_another_one_shows_is_found(
    caplog: pytest.LogCaptureFixture, bad: int, fail: str, kind: str
) -> None:
    page = AppTest.from_string(PLANTED.format(bad=bad, fail=fail), default_timeout=30).run()
    walk = Walk(page, caplog).run()
    assert walk.seen == {"kind", "size"}
    assert walk.pressed == {"press"}
    assert walk.failures[0].split(":")[0] == f"size = {bad}"
    assert kind in walk.failures[0]
    fine = AppTest.from_string(PLANTED.format(bad=5, fail=fail), default_timeout=30).run()
    assert Walk(fine, caplog).run().failures == []


def test_a_page_without_controls_fails(caplog: pytest.LogCaptureFixture) -> None:
    page = AppTest.from_string("import streamlit as st\nst.title('Nothing here')\n").run()
    with pytest.raises(AssertionError, match="no controls"):
        Walk(page, caplog).run()
