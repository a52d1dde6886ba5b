"""Every lesson that is found stands every extreme of every control that it shows."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.lessons import discover
from dlcore.ui.address import css_class
from tests.pages.stages import hidden

TYPED = ("text_input", "text_area")  # what a thing to do may write
KINDS = ("slider", "select_slider", "number_input", "selectbox", "button_group", "toggle", "checkbox")
#: Extremes that are refused in one sentence, as they must be where all else is as the walk has it, and words of it.
REFUSED: dict[tuple[str, Any], str] = {
    ("optimizers.optimizers", ()): "choose at least one",
    ("convolution.output_padding", 4): "it must be smaller than the stride",
    ("convolution.groups", 6): "it must divide in_channels, 1",
    ("convolution.height", 1): "Layer 1, “conv 5x5 6”: kernel is 5",
    ("batchnorm.groups", 6): "it must divide the number of features",
    ("overfitting.features", ()): "features is empty: choose at least one",
    ("overfitting.seed", 2147483647): "it must be a whole number from 0 to 2147483631",
    ("saliency.window", 1): "stride is 4: it must be a whole number from 1 to 1",
    ("saliency.stride", 16): "stride is 16: it must be a whole number from 1 to 10",
    ("adversarial.attacks", ()): "attacks is empty: choose at least one",
}
SLUGS = [entry.slug for entry in discover()]


def all_controls_of(page: AppTest, kinds: Sequence[str] = KINDS) -> dict[str, Any]:
    """The controls of the page by key, also those that are only kept alive."""
    return {widget.key: widget for kind in kinds for widget in page.get(kind) if widget.key}


def controls_of(page: AppTest) -> dict[str, Any]:
    """The controls that the page shows now, by key; those that carry the player's place are among them."""
    classes = {f"st-key-{name}" for name in hidden(page)}
    parts = [part for part in page.container if part.key and css_class(part.key) in classes]
    unseen = {widget.key for part in parts for kind in KINDS for widget in part.get(kind)}
    return {key: widget for key, widget in all_controls_of(page).items() if key not in unseen}


def extremes(widget: Any) -> list[Any]:
    """The ends of a range or of a list of things to do, every option of a choice; of many also all of them and none."""
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
        case _ if is_menu(widget):
            return [*dict.fromkeys((*widget.options[:1], *widget.options[-1:]))]
        case _:
            return widget.options


def is_menu(widget: Any) -> bool:
    """Whether it is a list of things to do: what is chosen is done, and nothing stays chosen."""
    return widget.type == "selectbox" and widget.value is None


def option_of(slider: Any, text: str) -> Any:
    """The option that a slider over options writes as this text: a key of its menu, or else a number."""
    menu = getattr(slider.format_func, "__self__", None)
    options = list(menu) if isinstance(menu, dict) else [float(text)]
    return next(option for option in options if slider.format_func(option) == text)


def hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Walk:
    """Sets every control of a page to each of its extremes, the others as they were when it was first seen.

    Those that only an extreme of another one shows are set while that one has it.
    """

    def __init__(self, page: AppTest, log: pytest.LogCaptureFixture) -> None:
        self.page, self.log = page, log
        self.seen: set[str] = set()
        self.pressed: set[str] = set()
        self.refused: set[tuple[str, Any]] = set()
        self.failures: list[str] = []

    def run(self) -> "Walk":
        self.look("opened")
        self.visit()
        for key in [button.key for button in self.page.button if button.key]:
            if self.page.button(key=key).disabled:
                continue
            self.page.button(key=key).click().run()
            self.look(f"{key} pressed")
            self.pressed.add(key)
        assert self.seen, "the page has no controls"
        return self

    def visit(self) -> None:
        """Stretches the controls that were not there before."""
        new = [key for key in controls_of(self.page) if key not in self.seen]
        self.seen.update(new)
        for key in new:
            self.stretch(key)

    def stretch(self, key: str) -> None:
        kinds = (*KINDS, *TYPED) if is_menu(all_controls_of(self.page)[key]) else KINDS
        before = {other: widget.value for other, widget in all_controls_of(self.page, kinds).items()}
        for value in extremes(all_controls_of(self.page)[key]):
            self.set(key, value)
            self.look(key, value)
            if (key, hashable(value)) not in REFUSED:
                self.visit()
            self.restore({other: was for other, was in before.items() if other != key})
        self.restore(before)
        self.look(f"{key} again", before[key])

    def restore(self, before: dict[str, Any]) -> None:
        """Sets controls back: one may have taken others along, and may take them along on its way back, too."""
        for _ in range(3):
            for key, value in before.items():
                widget = all_controls_of(self.page, (*KINDS, *TYPED)).get(key)
                if widget is not None and widget.value != value:
                    self.set(key, value)

    def set(self, key: str, value: Any) -> None:
        all_controls_of(self.page, (*KINDS, *TYPED))[key].set_value(value)
        self.page.run()

    def look(self, where: str, value: Any = "") -> None:
        """Notes exceptions, errors that are told to the reader, and those that are told to the host only."""
        found = [f"exception {part.message}" for part in self.page.exception]
        errors = [part.value for part in self.page.error]
        if words := REFUSED.get((where, hashable(value))):
            self.refused.add((where, hashable(value)))
            if len(errors) != 1 or words not in errors[0] or "met an error" in errors[0]:
                found += [f"refused otherwise: {errors}"]
        else:
            found += [f"error {text}" for text in errors]
        found += [f"log {record.getMessage()}: {record.exc_info}" for record in self.log.records if record.exc_info]
        self.log.clear()
        self.failures += [f"{where} = {value!r}: {what}" for what in found]


def test_there_are_lessons_to_look_at() -> None:
    assert SLUGS


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_every_extreme_of_every_control_has_a_page(
    open_page: Callable[..., AppTest], caplog: pytest.LogCaptureFixture, slug: str
) -> None:
    walk = Walk(open_page(slug), caplog).run()
    assert walk.failures == []
    assert walk.refused == {(key, value) for key, value in REFUSED if key.startswith(f"{slug}.")}
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


@pytest.mark.parametrize(
    ("told", "fails"),
    [("size is 9: take less.", False), ("size is huge.", True), ("size is 9: this page met an error.", True)],
)
def test_an_extreme_may_be_refused_in_its_own_words_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, told: str, fails: bool
) -> None:
    monkeypatch.setitem(REFUSED, ("size", 9), "size is 9")
    page = AppTest.from_string(PLANTED.format(bad=9, fail=f"st.error({told!r})"), default_timeout=30).run()
    walk = Walk(page, caplog).run()
    assert walk.refused == {("size", 9)}
    assert bool(walk.failures) == fails


def test_an_extreme_that_is_refused_no_longer_is_found(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REFUSED, ("size", 9), "size is 9")
    page = AppTest.from_string(PLANTED.format(bad=5, fail="pass"), default_timeout=30).run()
    assert Walk(page, caplog).run().failures == ["size = 9: refused otherwise: []"]


MENU = """
import streamlit as st
def do():
    st.session_state.done, st.session_state.menu = st.session_state.menu, None
st.selectbox("Do", ["first", "second", "last"], index=None, key="menu", on_change=do)
st.button("Not now", key="off", disabled=True)
if st.session_state.pop("done", None) == "{bad}":
    st.error("no")
"""


@pytest.mark.parametrize("bad", ["first", "last", ""])
def test_of_a_list_of_things_to_do_both_ends_are_done_and_what_is_switched_off_is_not_pressed(
    caplog: pytest.LogCaptureFixture, bad: str
) -> None:
    walk = Walk(AppTest.from_string(MENU.format(bad=bad), default_timeout=30).run(), caplog).run()
    assert [failure.partition(":")[0] for failure in walk.failures[:1]] == ([f"menu = {bad!r}"] if bad else [])
    assert walk.pressed == set()


def test_a_page_without_controls_fails(caplog: pytest.LogCaptureFixture) -> None:
    page = AppTest.from_string("import streamlit as st\nst.title('Nothing here')\n").run()
    with pytest.raises(AssertionError, match="no controls"):
        Walk(page, caplog).run()
