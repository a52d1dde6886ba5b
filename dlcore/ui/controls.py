"""Controls whose values live in the address: Streamlit widgets bound to query parameters of the same name."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.ui.written import Written


def log_grid(low: float, high: float) -> list[float]:
    """Every number with two significant digits from `low` to `high`: fine enough for 0.19 beside 0.21."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    grid = [float(f"{digits}e{power - 1}") for power in range(first, last + 1) for digits in range(10, 100)]
    return [value for value in grid if low <= value <= high]


def number_text(value: float) -> str:
    """A number as the address and the slider write it: 0.05, 1, 2e-05."""
    return f"{value:.6g}"


class Controls:
    """The controls of one lesson: `defaults` are its opening scene, keys are "<slug>.<name>".

    Streamlit's binding keeps the address equal to the widgets and leaves defaults out of it.
    """

    def __init__(self, slug: str, defaults: Mapping[str, Any]) -> None:
        self.slug = slug
        self.defaults = dict(defaults)
        self._shown: dict[str, Callable[[str], Any]] = {}
        self._titles: dict[str, Mapping[Any, str]] = {}
        self.unseen: list[str] = []
        self.written = Written(self.key("heard"))
        self.written.again()
        self.raw = st.session_state.pop(self.key("link"), None)
        if self.raw is None:
            self.raw = {key: st.query_params.get_all(key) for key in st.query_params}
            self._drop_the_endless()

    def _drop_the_endless(self) -> None:
        """Streamlit's number widgets fail on an infinite number in a link: it must be gone before they are drawn."""
        endless = [k for k, texts in self.raw.items() if k.startswith(f"{self.slug}.") and any(map(_endless, texts))]
        if endless:
            for key in endless:
                del st.query_params[key]
            st.session_state[self.key("link")] = self.raw
            st.rerun()

    def key(self, name: str) -> str:
        """The session's and the address's key of a control."""
        return f"{self.slug}.{name}"

    def set(self, **values: Any) -> None:
        """Gives controls new values; to be called from callbacks, before the widgets are drawn."""
        listed = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        self.written.set(**{self.key(name): value for name, value in listed.items()})

    def restart(self, **values: Any) -> None:
        """Gives controls new values, and lets the player start over with them: at frame 0, as the address says."""
        self.set(**values, step=0)
        st.session_state[self.key("restart")] = self.restarts + 1

    def follow(self, **values: Any) -> None:
        """Gives controls new values, and lets the player go to the last frame with them: that is what was just made."""
        self.set(**values)
        st.session_state[self.key("follow")] = self.follows + 1

    @property
    def follows(self) -> int:
        """How often the player has been told to go to the last frame."""
        return st.session_state.get(self.key("follow"), 0)

    @property
    def restarts(self) -> int:
        """How often the player has been told to start over."""
        return st.session_state.get(self.key("restart"), 0)

    def present(self, name: str) -> Any:
        """A control's value now, or its default while it is not drawn."""
        return self.written.get(self.key(name), self.defaults[name])

    def views_row(self) -> DeltaGenerator:
        """The place above the picture for what is shown: which view, and how."""
        return st.container(key=self.key("views"), horizontal=True, vertical_alignment="center", gap="small")

    @contextmanager
    def part(self, name: str, seen: bool, **more: Any) -> Iterator[None]:
        """A group of controls that keep their values, and their places in the address, while it is not seen."""
        if not seen:
            self.unseen.append(name)
        with st.container(key=self.key(name), **more):
            yield

    def _bound(self, name: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        self._shown[name] = parse
        return {"key": self.key(name), "bind": "query-params"}

    def _bound_to(self, name: str, options: Mapping[str, str]) -> dict[str, Any]:
        self._titles[name] = options
        return self._bound(name, _reader(options))

    def slider(self, name: str, label: str, low: float, high: float, step: float, **more: Any) -> Any:
        """A linear slider; whole numbers if `low` is one."""
        kind = type(low)
        value = kind(self.defaults[name])
        bound = self._bound(name, kind)
        return st.slider(label, low, high, value, kind(step), **bound, **more)

    def log_slider(self, name: str, label: str, low: float, high: float, **more: Any) -> float:
        """A slider on a logarithmic scale with two significant digits."""
        grid = log_grid(low, high)
        bound = self._bound(name, float)
        return st.select_slider(label, grid, self.defaults[name], format_func=number_text, **bound, **more)

    def steps(self, name: str, label: str, options: Mapping[Any, str], **more: Any) -> Any:
        """A slider over a few `options` (value -> text) that are not evenly spaced."""
        bound = self._bound(name, str)
        return st.select_slider(
            label, list(options), self.defaults[name], format_func=options.__getitem__, **bound, **more
        )

    def number(self, name: str, label: str, low: float, high: float, step: float, **more: Any) -> Any:
        """A number to type; whole if `low` is."""
        kind = type(low)
        more.setdefault("format", "%d" if kind is int else "%.4g")
        bound = self._bound(name, kind)
        return st.number_input(label, low, high, kind(self.defaults[name]), kind(step), **bound, **more)

    def choice(self, name: str, label: str, options: Mapping[str, str], **more: Any) -> str:
        """One of `options` (key -> title) from a menu."""
        keys = list(options)
        bound = self._bound_to(name, options)
        index = keys.index(self.defaults[name])
        return st.selectbox(label, keys, index, format_func=options.__getitem__, **bound, **more)

    def segmented(self, name: str, label: str, options: Mapping[str, str], **more: Any) -> str:
        """One of a few `options` side by side; a second click on the chosen one leaves it chosen."""
        bound = self._bound_to(name, options)
        chosen = st.segmented_control(
            label,
            list(options),
            default=self.defaults[name],
            required=True,
            format_func=options.__getitem__,
            **bound,
            **more,
        )
        return chosen if chosen is not None else self.defaults[name]  # an empty parameter in a link is no choice

    def pills(self, name: str, label: str, options: Mapping[str, str], **more: Any) -> tuple[str, ...]:
        """Any number of `options`, in the order of the menu."""
        bound = self._bound_to(name, options)
        chosen = st.pills(
            label,
            list(options),
            selection_mode="multi",
            default=list(self.defaults[name]),
            format_func=options.__getitem__,
            **bound,
            **more,
        )
        return tuple(key for key in options if key in chosen)

    def switch(self, name: str, label: str, **more: Any) -> bool:
        """On or off."""
        bound = self._bound(name, str)
        return st.toggle(label, bool(self.defaults[name]), **bound, **more)

    def text(self, name: str, label: str, **more: Any) -> str:
        """A line of text."""
        bound = self._bound(name, str)
        return st.text_input(label, self.defaults[name], **bound, **more) or ""

    def text_area(self, name: str, label: str, **more: Any) -> str:
        """Several lines of text."""
        bound = self._bound(name, str)
        return st.text_area(label, self.defaults[name], **bound, **more) or ""

    def tell(self, sentences: Sequence[str]) -> None:
        """Says what is to be said of the present controls, once."""
        key = self.key("told")
        if list(sentences) != st.session_state.get(key, []):
            st.session_state[key] = list(sentences)
            for sentence in sentences:
                st.toast(sentence)

    def complaints(self) -> list[str]:
        """One sentence for each parameter of the address that was not taken as it stood; call after all controls.

        Streamlit drops or clamps what a widget cannot be; what differs now from what came in was not valid.
        """
        found = []
        for key, raw in self.raw.items():
            if not key.startswith(f"{self.slug}."):
                continue
            name = key.removeprefix(f"{self.slug}.")
            if name not in self._shown:
                found.append(f"The link's “{name}” is not a control of this scene and was ignored.")
            elif not self._same(name, raw, st.query_params.get_all(key)):
                shown = self._sentence(name, st.session_state.get(key))[:60]
                found.append(f"The link's {name} = “{', '.join(raw)[:60]}” is not possible here; it is {shown} now.")
        return found

    def _sentence(self, name: str, value: Any) -> str:
        """A control's value as its widget shows it."""
        titles = self._titles.get(name, {})
        if isinstance(value, list | tuple):
            return ", ".join(titles.get(item, str(item)) for item in value) or "empty"
        return number_text(value) if isinstance(value, float) else titles.get(value, str(value))

    def _same(self, name: str, raw: Sequence[str], kept: Sequence[str]) -> bool:
        if list(raw) == list(kept):
            return True
        try:
            values = [self._shown[name](text) for text in raw]
        except ValueError:
            return False
        now = st.session_state.get(self.key(name))
        if kept:
            return values == [self._shown[name](text) for text in kept]
        # Streamlit removes a parameter that says the default: that is no complaint.
        default = self.defaults[name]
        listed = list(default) if isinstance(default, list | tuple) else [default]
        chosen = list(now) if isinstance(now, list | tuple) else [now]
        return chosen == listed and (values == listed or raw[0].lower() == str(default).lower())


def _endless(text: str) -> bool:
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return False


def _reader(options: Mapping[str, str]) -> Callable[[str], str]:
    """Reads an option's title, as the address has it, back into its key."""
    keys = {title: key for key, title in options.items()}

    def read(title: str) -> str:
        if title not in keys:
            raise ValueError(title)
        return keys[title]

    return read
