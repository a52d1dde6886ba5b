"""What the reader's hand does in the picture of the lesson on backpropagation: select, change, predict, go back."""

from typing import Any, NamedTuple

import streamlit as st

from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.edits import Edit, with_edit
from dlcore.topics.guesses import judge
from dlcore.topics.walk import Walk
from dlcore.ui.controls import Controls


class Guess(NamedTuple):
    """A predicted gradient, the frame that reveals it, and the walk that it is about."""

    name: str
    value: float
    reveal: int
    config: BackpropConfig
    level: str


def listeners(c: Controls, walk: Walk, level: str) -> dict[str, Any]:
    """What the player calls, and the answer to the last guess, if there is one."""

    def select(key: str) -> None:
        c.set(selected=key)

    def edit(name: str, value: float, step: int) -> None:
        """The change holds from the update on that is shown; after the step, from the next one: the walk goes there."""
        if level == "modules":
            return
        step = min(step, walk.num_frames - 1)
        parameter = walk.net.start.keys() & {name}
        after = walk.phases[step] == "step" and bool(parameter)
        turn = 0 if parameter else walk.turns[step]
        made = Edit(name, float(value), walk.updates[step] + after, turn)
        c.set(edits=with_edit(c.present("edits"), made))
        if after:
            c.restart(updates=made.update, trained=max(made.update, c.present("trained")))

    def guess(name: str, value: float, step: int, reveal: int) -> None:
        st.session_state[c.key("guess")] = Guess(name, value, reveal, walk.config, level)

    def go(x: float, _: float) -> None:
        """A click on the curve of training: the walk begins there; what was trained stays."""
        trained = max(c.present("trained"), c.present("updates"))
        c.restart(updates=min(max(round(x), 0), trained), trained=trained)

    return {"on_select": select, "on_edit": edit, "on_guess": guess, "on_pick": go, **_answer(c, walk, level)}


def forget_guess(c: Controls) -> None:
    """No verdict any more: the player goes to where a new one is revealed, so an old one must not come back."""
    st.session_state.pop(c.key("guess"), None)


def _answer(c: Controls, walk: Walk, level: str) -> dict[str, Any]:
    """The verdict on the last guess, if that was about this walk; another one is forgotten."""
    guess: Guess | None = st.session_state.get(c.key("guess"))
    if guess is None:
        return {}
    index = walk.net.graph.index.get(guess.name)
    number = next((i for i, done in enumerate(walk.passes) if done.start <= guess.reveal < done.end), None)
    arrivals = [ld.arrival for ld in walk.landings if ld.number == number and ld.arrival.target == index]
    if (guess.config, guess.level) != (walk.config, level) or not arrivals:
        forget_guess(c)
        return {}
    right, html = judge(guess.value, arrivals, walk.net.graph)
    mark = "✓" if right else "✕"
    return {"verdict": {"name": guess.name, "reveal": guess.reveal, "html": f"{mark} {html}"}}
