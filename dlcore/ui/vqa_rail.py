"""The rail of the lesson on visual question answering: the scene, the question, the network, and each view's own."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.datasets import rsvqa
from dlcore.datasets.aerial import THINGS
from dlcore.datasets.aerial_questions import queries
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.learning import DATA, LearningConfig
from dlcore.topics.vqa.scenes import VILLAGE
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.topics.vqa.vocabulary import MOST_CHARACTERS
from dlcore.ui import seeds, uploads
from dlcore.ui.controls import Controls

LEARNING = LearningConfig()
VIEWS = {
    "ask": "One question",
    "change": "Change it",
    "score": "Scores",
    "train": "Train one",
    "data": "The data",
}
SUBVIEWS: dict[str, dict[str, str]] = {
    "ask": {"read": "word by word", "parts": "what counted"},
    "score": {"table": "by type", "shift": "from A to B", "fusions": "fusions"},
}
#: Views of one picture and one question.
ASKING = ("read", "parts", "change")
PICTURES = {"drawn": "A drawn scene", "own": "Your own"}
LOOKS = {"fine": "fine", "seen": "96 × 96"}
ADDED = {kind: kind for kind in (*THINGS, "forest", "lake")}
STEPS = (200, 400, 600, 800, 1200)
#: What there is to do where no scene is shown.
FREE = {
    "read": "Type a question. Play: the network reads it word by word, and answers after each.",
    "parts": "Play: how much of the answer came from which word, and from where in the picture?",
    "change": "Drag an object, click the ground to add one, press Delete to remove one. Does the answer follow?",
    "table": "Play: fresh scenes from two areas are asked about. Which type falls most?",
    "shift": "Play: the same scenes, further and further from the training area.",
    "fusions": "Play: six ways to join picture and question, three trainings each. Which differences are real?",
    "train": "Play: a network learns to answer, live. Which type is learnt last?",
    "data": "Play: scene after scene is drawn and asked about. How well would one do without looking?",
}
#: The side view with which a stage opens.
FIRST_TABS = {
    "read": "answers",
    "parts": "modalities",
    "change": "log",
    "table": "chart",
    "shift": "together",
    "fusions": "difference",
    "train": "whole",
    "data": "blind",
}
#: Every side view of every stage; where a stage has not the one that was read last, its first is shown.
TABS = {
    key: key
    for key in (
        *("answers", "words", "mass", "modalities", "completeness", "log", "chances", "chart", "loss", "together"),
        *("numbers", "difference", "whole", "other", "blind", "scenes"),
    )
}
DEFAULTS: dict[str, Any] = {
    "view": "ask",
    **{view: next(iter(parts)) for view, parts in SUBVIEWS.items()},
    "asked": "how many houses are there",
    "picture": "drawn",
    "domain": 0.0,
    "look": "fine",
    "fusion": "product",
    "training": "0",
    "changes": "",
    "explain": "",
    "add": "house",
    "num_scenes": 100,
    "other": 0.75,
    "data": "drawn",
    "train_scenes": LEARNING.num_scenes,
    "num_steps": LEARNING.num_steps,
    "lr": LEARNING.lr,
    "dropout": LEARNING.dropout,
    "seed": VILLAGE,
    "step": 0,
    "tab": FIRST_TABS["read"],
    "selected": "",
    "below": "Why it happens",
}


def shown(values: Mapping[str, Any]) -> str:
    """The key of the stage that is looked at."""
    return values.get(values["view"], values["view"]) if values["view"] in SUBVIEWS else values["view"]


def draw(c: Controls, views: DeltaGenerator) -> dict[str, Any]:
    """Draws the rail, and the row of views with the question; returns every control's value by name.

    All controls are always there, so that their values survive a look at another view; some are not seen.
    """
    values: dict[str, Any] = {}
    again: dict[str, Any] = {"label_visibility": "collapsed"}
    with views:
        view = values["view"] = c.segmented("view", "View", VIEWS, on_change=_another_view, args=(c,), **again)
        for name, parts in SUBVIEWS.items():
            with c.part(f"the-{name}-views", view == name, width="content"):
                values[name] = c.segmented(name, VIEWS[name], parts, on_change=_another_view, args=(c,), **again)
    stage = shown(values)
    asking: dict[str, Any] = {"horizontal": True, "vertical_alignment": "center", "gap": "small"}
    with views, c.part("the-asking", stage in ASKING, width="stretch", **asking):
        _question(c, values)
    with c.part("the-menu", stage in ASKING):
        _menu(c)
    with c.part("the-picture", stage in ASKING):
        values["picture"] = c.segmented("picture", "Picture", PICTURES, on_change=c.restart)
        with c.part("the-upload", values["picture"] == "own"):
            values["upload"] = uploads.picture(c)
        values["look"] = c.segmented(
            "look", "Pixels", LOOKS, help="A network gets 96 × 96 pixels, whatever you look at."
        )
    with c.part("the-area", stage in (*ASKING, "fusions", "data")):
        values["domain"] = c.slider("domain", "Area, from A to B", 0.0, 1.0, 0.05)
    with c.part("the-network", stage not in ("fusions", "data")):
        values["fusion"] = c.choice("fusion", "Picture and question are joined by", titles())
    with c.part("the-training", stage in ASKING):
        numbers = {str(seed): str(seed + 1) for seed in SEEDS}
        values["training"] = c.segmented("training", "Training run", numbers, help="The same recipe, other chances.")
    _single_views(c, values, stage)
    values["seed"] = seeds.row(c)
    _carried(c, values)
    return values


def titles() -> dict[str, str]:
    """What a network may do with picture and question, by key."""
    return {key: fusion.title for key, fusion in FUSIONS.items()}


def _question(c: Controls, values: dict[str, Any]) -> None:
    """The question, typed."""
    values["asked"] = c.text(
        "asked",
        "Question",
        label_visibility="collapsed",
        placeholder="Ask about the picture",
        max_chars=MOST_CHARACTERS,
    )


def _menu(c: Controls) -> None:
    """The questions that the scenes can answer."""
    st.selectbox(
        "Choose a question, or type one",
        [query.text for query in queries()],
        index=None,
        placeholder="a question",
        key=c.key("example"),
        on_change=_choose_question,
        args=(c,),
    )


def _choose_question(c: Controls) -> None:
    """The chosen question is the one that is asked; the menu is empty again, ready for the next."""
    chosen = st.session_state.get(c.key("example"))
    if chosen:
        c.set(asked=chosen)
        st.session_state[c.key("example")] = None


def _single_views(c: Controls, values: dict[str, Any], stage: str) -> None:
    """What only some views want."""
    with c.part("the-scenes", stage in ("table", "shift", "fusions", "data")):
        values["num_scenes"] = c.slider("num_scenes", "Scenes", 20, 300, 20)
    with c.part("the-other", stage == "table"):
        values["other"] = c.slider("other", "Area of the second test, from A to B", 0.0, 1.0, 0.05)
    with c.part("the-training-of-one", stage == "train"):
        values["data"] = c.segmented("data", "Learns from", sets())
        values["train_scenes"] = c.slider("train_scenes", "Scenes to learn from", 200, 2000, 100)
        values["num_steps"] = c.steps("num_steps", "Updates", {steps: str(steps) for steps in STEPS})
        values["lr"] = c.log_slider("lr", "Learning rate η", 1e-4, 0.1)
        values["dropout"] = c.slider("dropout", "Dropout p", 0.0, 0.8, 0.05)
        if not rsvqa.present():
            st.caption("Only drawn scenes: RSVQA is not on this machine", help=rsvqa.missing())


def sets() -> dict[str, str]:
    """What there is on this machine to learn from."""
    return {key: title for key, title in DATA.items() if key == "drawn" or rsvqa.present()}


def _carried(c: Controls, values: dict[str, Any]) -> None:
    """What the reader's hand sets in the picture, and the player's own."""
    values["explain"] = c.text("explain", "Explained answer")
    c.unseen.append("explain")
    values["step"] = c.number("step", "Step", 0, 100_000, 1)
    c.segmented("tab", "Tab", TABS)
    values["selected"] = c.text("selected", "Selected")


def _another_view(c: Controls) -> None:
    view = c.present("view")
    stage = c.present(view) if view in SUBVIEWS else view
    c.restart(selected="", tab=FIRST_TABS[stage])


def opening(values: Mapping[str, Any]) -> dict[str, Any]:
    """The controls of the opening scene, in the view that is looked at."""
    return DEFAULTS | {name: values[name] for name in ("view", *SUBVIEWS)} | {"upload": None}
