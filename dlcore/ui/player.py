"""The player as a Streamlit component: hands a stage to the browser and hears what the reader did there."""

import json
from collections.abc import Callable
from math import isfinite
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from dlcore.ui import server

# Streamlit sends inline scripts again with every update, so this is only a loader.
LOADER = """
const base = new URL("descent/%s/player/", document.baseURI);
const code = import(new URL("main.js", base));
export default function (component) {
  let stop;
  code.then((player) => (stop = player.default(component)));
  return () => stop && stop();
}
"""
MARKUP = '<div class="dp"></div>'

LONGEST_STROKE = 500  # places

#: What the browser may say, and the arguments that a listener gets for it.
WORDS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "step": lambda place: (int(place["k"]), bool(place["whole"])),
    "tab": lambda key: (str(key),),
    "pick": lambda at: (_finite(at["x"]), _finite(at["y"])),
    "select": lambda choice: (str(choice["key"]),),
    "edit": lambda edit: (str(edit["name"]), _finite(edit["value"]), int(edit["step"])),
    "act": lambda name: (str(name),),
    "again": lambda _: (),
    "paint": lambda stroke: (_places(stroke["points"]),),
    "drag": lambda drag: (str(drag["key"]), _finite(drag["x"]), _finite(drag["y"]), int(drag["step"])),
    "remove": lambda thing: (str(thing["key"]), int(thing["step"])),
    "place": lambda at: (_finite(at["x"]), _finite(at["y"]), int(at["step"])),
    "guess": lambda guess: (str(guess["name"]), _finite(guess["value"]), int(guess["step"]), int(guess["reveal"])),
}


def player(
    key: str,
    stage: bytes,
    *,
    on_step: Callable[[int, bool], None] | None = None,
    on_tab: Callable[[str], None] | None = None,
    on_pick: Callable[[float, float], None] | None = None,
    on_select: Callable[[str], None] | None = None,
    on_edit: Callable[[str, float, int], None] | None = None,
    on_guess: Callable[[str, float, int, int], None] | None = None,
    on_paint: Callable[[list[tuple[float, float]]], None] | None = None,
    on_drag: Callable[[str, float, float, int], None] | None = None,
    on_remove: Callable[[str, int], None] | None = None,
    on_place: Callable[[float, float, int], None] | None = None,
    on_act: Callable[[str], None] | None = None,
    on_again: Callable[[], None] | None = None,
    **settings: Any,
) -> None:
    """Shows a packed stage; playing, stepping and scrubbing stay in the browser.

    `on_step(k, whole)` is called once the reader rests at frame k, whole unless more frames of a run that is still
    computed would follow; `on_tab(key)` when a side view is chosen, `on_pick(x, y)`
    when a plane is clicked, `on_select(key)` when a target is ("": none any more), `on_edit(name, value, k)` when a
    number is changed at frame k, `on_guess(name, value, k, reveal)` when one is predicted, `on_act(name)` when a button
    in the picture is pressed, `on_paint(places)` when a stroke was drawn through these places (x, y) of a tile's cells,
    `on_drag(key, x, y, k)` when a thing in a tile was moved there at frame k, `on_remove(key, k)` when it was taken
    out, `on_place(x, y, k)` when a place beside all things is clicked, in cells; and `on_again()` when a run that was
    stopped shall go on.
    settings: step and tab to open at, autoplay, lecture; a new value of restart goes back to frame 0, one of follow
    goes to the last, one of play plays from the first. stream: where pending frames are read; stops: where their run
    is ended; again: counts how often the same run was begun anew, which goes on where the reader stands. selected: the
    key of a target. verdict: {name, reveal, html} answers a guess and goes to frame `reveal`.
    """
    mount = component("descent.player", html=MARKUP, js=LOADER % server.version(), isolate_styles=False)
    listeners = {
        "step": on_step,
        "tab": on_tab,
        "pick": on_pick,
        "select": on_select,
        "edit": on_edit,
        "guess": on_guess,
        "paint": on_paint,
        "drag": on_drag,
        "remove": on_remove,
        "place": on_place,
        "act": on_act,
        "again": on_again,
    }
    callbacks: dict[str, Any] = {f"on_{word}_change": _hearer(key, word, tell) for word, tell in listeners.items()}
    mount(key=key, data=_with_settings(stage, settings), **callbacks)


def _hearer(key: str, word: str, tell: Callable[..., None] | None) -> Callable[[], None]:
    """Passes a word of the player `key` on; what no player would say is not passed on."""

    def hear() -> None:
        said = st.session_state[key].get(word)
        if tell is None or said is None:
            return
        try:
            arguments = WORDS[word](said)
        except (KeyError, TypeError, ValueError):
            return
        tell(*arguments)

    return hear


def _finite(number: Any) -> float:
    if not isfinite(value := float(number)):
        raise ValueError(f"number is {number!r}: a finite one is wanted.")
    return value


def _places(points: Any) -> list[tuple[float, float]]:
    if not 1 <= len(points) <= LONGEST_STROKE:
        raise ValueError(f"points are {len(points)}: from 1 to {LONGEST_STROKE} make a stroke.")
    return [(_finite(x), _finite(y)) for x, y in points]


def _with_settings(stage: bytes, settings: dict[str, Any]) -> bytes:
    """Settings travel in front of the stage, so that the stage itself can be packed once and cached."""
    text = json.dumps(settings, allow_nan=False).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return len(text).to_bytes(4, "little") + text + stage
