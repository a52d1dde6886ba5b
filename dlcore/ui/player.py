"""The player as a Streamlit component: hands a stage to the browser and hears where the reader stopped."""

import json
from collections.abc import Callable
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


def player(
    key: str,
    stage: bytes,
    *,
    on_step: Callable[[int], None] | None = None,
    on_tab: Callable[[str], None] | None = None,
    on_pick: Callable[[float, float], None] | None = None,
    **settings: Any,
) -> None:
    """Shows a packed stage; playing, stepping and scrubbing stay in the browser.

    `on_step(k)` is called once the reader rests at frame k, `on_tab(key)` when a side view is chosen, and
    `on_pick(x, y)` when a plane is clicked. settings: step and tab to open at, autoplay, lecture; a new value of
    restart goes back to frame 0, one of play plays from there.
    """
    mount = component("descent.player", html=MARKUP, js=LOADER % server.version(), isolate_styles=False)

    def heard_step() -> None:
        step = st.session_state[key].get("step")
        if on_step is not None and isinstance(step, int):
            on_step(step)

    def heard_tab() -> None:
        tab = st.session_state[key].get("tab")
        if on_tab is not None and isinstance(tab, str):
            on_tab(tab)

    def heard_pick() -> None:
        pick = st.session_state[key].get("pick")
        if on_pick is not None and isinstance(pick, dict):
            on_pick(float(pick["x"]), float(pick["y"]))

    mount(
        key=key,
        data=_with_settings(stage, settings),
        on_step_change=heard_step,
        on_tab_change=heard_tab,
        on_pick_change=heard_pick,
    )


def _with_settings(stage: bytes, settings: dict[str, Any]) -> bytes:
    """Settings travel in front of the stage, so that the stage itself can be packed once and cached."""
    text = json.dumps(settings, allow_nan=False).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return len(text).to_bytes(4, "little") + text + stage
