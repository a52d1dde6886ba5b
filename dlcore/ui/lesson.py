"""The frame that every lesson hangs in: title, control rail, scenes, stage, and what lies below the fold."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st

from dlcore import device
from dlcore.lessons import Lesson, Scene
from dlcore.numerals import plain
from dlcore.ui import address, toolbar
from dlcore.ui.controls import Controls

Config = TypeVar("Config")
#: Controls that say where the reader looks, not what runs: changing them does not leave a scene.
LOOKING = ("step", "below", "view", "tab", "layers", "against", "seed")
#: What stays as it is when a scene is entered.
KEPT = ("seed", "below", "tab")
#: Controls of the player: their widgets only carry them into the address.
CARRIED = ("step", "tab", "selected")
#: Those of them that the page may change, too: a scene lets go of what was selected.
FOLLOWED = ("selected", "tab")
log = logging.getLogger(__name__)


class Frame:
    """One lesson's page while it is being drawn; made by `open_lesson`."""

    def __init__(
        self,
        lesson: Lesson,
        controls: Controls,
        scenes: Sequence[Scene],
        looking: Sequence[str],
        free: str,
        kept: Sequence[str],
    ) -> None:
        self.lesson = lesson
        self.controls = controls
        self.scenes = scenes
        self.looking = looking
        self.free = free
        self.kept = kept
        with st.container(key=f"{lesson.slug}.head", horizontal=True, vertical_alignment="center", gap="medium"):
            st.title(lesson.title, anchor=False, width="content")
            # A lecture needs the height, and has someone who says what it is about.
            st.markdown("" if address.lecture() else lesson.promise, width="stretch")
            toolbar.tools(lesson.title, _device_name())
        self._rail, self._stage = st.columns([1, 3.9], gap="medium")
        self._card = self._stage
        self._short = self._hold = False

    @contextmanager
    def rail(self) -> Iterator[Controls]:
        """Where the controls go, in the order in which one would touch them."""
        with self._rail, st.container(key=f"{self.lesson.slug}.rail"):
            yield self.controls

    @contextmanager
    def stage(self) -> Iterator[None]:
        """Where scenes and picture go."""
        with self._stage, st.container(key=f"{self.lesson.slug}.stage"):
            yield

    def choose_scene(self, present: Mapping[str, Any]) -> Scene | None:
        """The row of scenes and the question of the one whose values the controls have now, if any."""
        current = next((scene for scene in self.scenes if self._is_now(scene, present, ())), None)
        if current is None:  # what a scene invites to try does not leave it, and does not enter it either
            last = next((scene for scene in self.scenes if scene.key == self._remembered("scene")), None)
            current = last if last is not None and self._is_now(last, present, last.tries) else None
        st.session_state[self._key("scene")] = current.key if current else ""
        self._short = current is not None and current.short
        self._hold = current is not None and current.waits and self._remembered(f"guess-{current.key}") is None
        with st.container(key=self._key("scenes"), horizontal=True, gap="small"):
            for scene in self.scenes:
                st.button(
                    scene.title,
                    key=self._key(f"scene-{scene.key}"),
                    type="primary" if scene is current else "secondary",
                    on_click=self._enter,
                    args=(scene,),
                )
        self._card = st.container(key=self._key("question"))
        with self._card:
            if current is not None:
                self._ask(current, present)
            else:
                st.markdown(f"**Free play.** {self.free}")
        return current

    def settle(self, build: Callable[[], Config], opening: Config, kind: str = "") -> Config:
        """`build()`; where the settings cannot be, one sentence, and what was on screen before (or `opening`) stays.

        kind: what the config is of, where a lesson shows several things.

        By contract a ValueError speaks to the reader; anything else is a defect and is not caught here.
        """
        try:
            config = build()
        except ValueError as error:
            with self._card:  # its height is kept free, so that the picture does not jump
                st.error(str(error))
            return self._remembered(f"good{kind}") or opening
        st.session_state[self._key(f"good{kind}")] = config
        return config

    def attempt(self, draw: Callable[[], None]) -> None:
        """`draw()`; where a view has nothing to say for these settings, its sentence stands in its place."""
        try:
            draw()
        except ValueError as error:
            st.info(str(error))

    def player_settings(self) -> dict[str, Any]:
        """What the player needs to know of this page: where to open, when to start over, how large to draw."""
        if self._remembered("opening") is None:
            plain = not any(key.startswith(f"{self.lesson.slug}.") for key in self.controls.raw)
            opening = {name: self.controls.present(name) for name in CARRIED if name in self.controls.defaults}
            opening["autoplay"] = plain
            st.session_state[self._key("opening")] = opening
        opening = st.session_state[self._key("opening")]
        return {
            **opening,
            **{name: self.controls.present(name) for name in FOLLOWED if name in opening},
            "restart": self.controls.restarts,
            "follow": self.controls.follows,
            "play": self._remembered("play") or 0,
            "short": self._short,
            "hold": self._hold,
            "lecture": address.lecture(),
            "on_step": self._rest,
            "on_tab": lambda tab: self.controls.set(tab=tab),
        }

    def below(self, sections: Mapping[str, Callable[[], object]]) -> None:
        """What lies below the fold: why, maths, code, ...; only the chosen one is drawn.

        Comes last: now every control is drawn, and the link can be judged.
        """
        with st.container(key=self._key("more")):
            name = self.controls.segmented(
                "below", "More", {name: name for name in sections}, label_visibility="collapsed"
            )
            sections[name]()
            self.controls.written.ask()
        self._hide()
        if not self._remembered("opened"):
            st.session_state[self._key("opened")] = True
            for sentence in self.controls.complaints():
                st.toast(sentence, duration="infinite")

    def _key(self, name: str) -> str:
        return f"{self.lesson.slug}.{name}"

    def _remembered(self, name: str) -> Any:
        return st.session_state.get(self._key(name))

    def _values(self, scene: Scene) -> dict[str, Any]:
        kept = {name: self.controls.present(name) for name in self.kept if name in self.controls.defaults}
        return {**self.controls.defaults, **kept, **dict(scene.values)}

    def _is_now(self, scene: Scene, present: Mapping[str, Any], tries: Sequence[str]) -> bool:
        """Whether the controls say this scene; where the reader stands in it and what they read do not matter."""
        values = {**self.controls.defaults, **dict(scene.values)}
        free = (*self.looking, *tries)
        return all(present.get(name, value) == value for name, value in values.items() if name not in free)

    def _enter(self, scene: Scene) -> None:
        self.controls.restart(**{name: value for name, value in self._values(scene).items() if name != "step"})

    def _ask(self, scene: Scene, present: Mapping[str, Any]) -> None:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{scene.lead}** {scene.question}", width="content")
            guess = st.pills(
                "Your answer",
                scene.choices,
                key=self._key(f"guess-{scene.key}"),
                label_visibility="collapsed",
                on_change=self._play,
            )
        if guess is None:
            return
        if not self.controls.present("step") or self._remembered("whole") is False:
            st.markdown("Watch what happens.")
            return
        right = scene.choices.index(guess) == scene.answer
        verdict = ":material/check: Right." if right else f":material/close: Not so: {scene.choices[scene.answer]}."
        values = {**self.controls.defaults, **dict(scene.values)}
        tried = any(present.get(name, values[name]) != values[name] for name in scene.tries)
        when = "As the scene begins: " if tried else ""
        st.markdown(f"**{verdict}** {when}{scene.why} **Look:** {scene.look}")

    def _rest(self, step: int, whole: bool = True) -> None:
        """The reader stands still at this frame; of a live run only the last one tells how it ends."""
        self.controls.set(step=step)
        st.session_state[self._key("whole")] = whole

    def _play(self) -> None:
        """An answer lets the scene run from its start; the verdict comes when the run, or the reader, stops."""
        self.controls.set(step=0)
        st.session_state[self._key("play")] = (self._remembered("play") or 0) + 1

    def _hide(self) -> None:
        """Controls named in `hide=` stay alive, so that the link's values hold, but are not shown.

        Neither are those that the player controls, nor parts of the rail that do not matter now.
        """
        names = (*CARRIED, "heard", *self.controls.unseen, *address.hidden())
        classes = [f".{address.css_class(self.controls.key(name))}" for name in names]
        # A group stands in a wrapper of its own, which would leave a gap.
        rules = ",".join(f"{one},[data-testid=stLayoutWrapper]:has(>{one})" for one in classes)
        st.html(f"<style>{rules}{{display:none}}</style>")


def open_lesson(
    lesson: Lesson,
    defaults: Mapping[str, Any],
    scenes: Sequence[Scene],
    *,
    looking: Sequence[str] = LOOKING,
    free: str = "Click the picture to start there, change anything, predict, then press play.",
    kept: Sequence[str] = KEPT,
) -> Frame:
    """Draws a lesson's head and returns its frame.

    defaults: the controls of the opening scene. looking: those that do not change the scene. free: what to do in none.
    kept: controls that stay as they are when a scene is entered.
    """
    return Frame(lesson, Controls(lesson.slug, defaults), scenes, looking, free, kept)


def explain(scenes: Iterable[Scene]) -> None:
    """What each scene shows, and why, to be read after it was played."""
    for scene in scenes:
        with st.expander(scene.title):
            st.markdown(f"**{scene.question}** — {scene.choices[scene.answer]}.\n\n{scene.why}\n\n*Look:* {scene.look}")


def download(
    label: str, data: str | bytes | Callable[[], str | bytes], name: str, mime: str = "text/csv", **more: Any
) -> None:
    """A file to take away; a function makes it once it is asked for.

    The click does not rerun the page: a run's end clears away the files that were made before it, the one that is
    just being fetched among them.
    """
    st.download_button(label, data, name, mime, on_click="ignore", **more)


def badge(sentence: str, *, good: bool) -> None:
    """The lesson's self-check and its live result."""
    mark = ":material/check_circle:" if good else ":material/warning:"
    st.markdown(f"{mark} {plain(sentence)}")


def _device_name() -> str:
    try:
        return device.describe(device.pick())
    except ValueError as error:
        log.warning("%s", error)
        return "CPU (see log)"
