"""The frame that every lesson hangs in: title, control rail, scenes, stage, and what lies below the fold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from dlcore import device
from dlcore.lessons import Lesson, Scene
from dlcore.ui import address, toolbar
from dlcore.ui.controls import Controls


class Frame:
    """One lesson's page while it is being drawn; made by `open_lesson`."""

    def __init__(self, lesson: Lesson, controls: Controls, scenes: Sequence[Scene]) -> None:
        self.lesson = lesson
        self.controls = controls
        self.scenes = scenes
        head, tools = st.columns([3, 2], vertical_alignment="center")
        with head:
            st.title(lesson.title, anchor=False)
        with tools:
            toolbar.tools(lesson.title, device.describe(device.pick()))
        with st.container(key=f"{lesson.slug}.promise"):
            st.markdown(lesson.promise)
        self._rail, self._stage = st.columns([1, 3.9], gap="medium")

    @contextmanager
    def rail(self) -> Iterator[Controls]:
        """Where the controls go, in the order in which one would touch them."""
        with self._rail, st.container(key=f"{self.lesson.slug}.rail", gap="small"):
            yield self.controls
        self._hide()
        for sentence in self.controls.complaints():
            st.toast(sentence, duration="infinite")

    @contextmanager
    def stage(self) -> Iterator[None]:
        """Where the scenes and the picture go."""
        with self._stage:
            yield

    def choose_scene(self, present: Mapping[str, Any]) -> Scene | None:
        """The row of scenes; returns the one whose values the controls have now, if any."""
        slug = self.lesson.slug
        current = next((scene for scene in self.scenes if self._values(scene).items() <= present.items()), None)
        with st.container(key=f"{slug}.scenes", horizontal=True, gap="small"):
            for scene in self.scenes:
                st.button(
                    scene.title,
                    key=f"{slug}.scene-{scene.key}",
                    type="primary" if scene is current else "secondary",
                    on_click=self._enter,
                    args=(scene,),
                )
        if current is not None:
            self._question(current)
        return current

    def _values(self, scene: Scene) -> dict[str, Any]:
        return {**self.controls.defaults, **dict(scene.values)}

    def _enter(self, scene: Scene) -> None:
        self.controls.set(**self._values(scene))
        st.session_state[f"{self.lesson.slug}.restart"] = self.restart + 1

    @property
    def restart(self) -> int:
        """Counts the scenes entered, so that the player starts each from its first frame."""
        return st.session_state.get(f"{self.lesson.slug}.restart", 0)

    def _question(self, scene: Scene) -> None:
        key = f"{self.lesson.slug}.guess-{scene.key}"
        with st.container(key=f"{self.lesson.slug}.question", gap="small"):
            guess = st.pills(
                f"**Predict, then play.** {scene.question}", scene.choices, key=key, label_visibility="visible"
            )
            if guess is None:
                return
            verdict = "Yes." if scene.choices.index(guess) == scene.answer else f"It is: {scene.choices[scene.answer]}."
            st.markdown(f"**{verdict}** {scene.why} **Look:** {scene.look}")

    def _hide(self) -> None:
        """Controls named in `hide=` stay alive, so that the link's values hold, but are not shown."""
        names = address.hidden()
        if names:
            rules = ",".join(f".{address.css_class(self.controls.key(name))}" for name in names)
            st.html(f"<style>{rules}{{display:none}}</style>")


def open_lesson(lesson: Lesson, defaults: Mapping[str, Any], scenes: Sequence[Scene]) -> Frame:
    """Draws a lesson's head and returns its frame; `defaults` are the controls of the opening scene."""
    return Frame(lesson, Controls(lesson.slug, defaults), scenes)


def sections(parts: Mapping[str, Callable[[], None]]) -> None:
    """What lies below the fold, as tabs: why, maths, code, data, reading."""
    for tab, draw in zip(st.tabs(list(parts)), parts.values(), strict=True):
        with tab:
            draw()


def badge(sentence: str, *, good: bool) -> None:
    """The lesson's self-check and its live result."""
    mark = ":material/check:" if good else ":material/warning:"
    st.markdown(f"{mark} {sentence}")


def friendly(build: Callable[[], Any]) -> Any:
    """`build()`, or None after one sentence where the reader's settings cannot be: a ValueError, by contract."""
    try:
        return build()
    except ValueError as error:
        st.error(str(error))
        return None
