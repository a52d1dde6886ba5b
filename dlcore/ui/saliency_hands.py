"""What the reader's hand does in the pictures of the lesson on saliency: ask for a class, choose a picture, paint."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dlcore.topics.images.pictures import thinned, with_stroke
from dlcore.topics.saliency.config import Subject
from dlcore.ui.controls import Controls
from dlcore.ui.image_settings import picked

Points = Sequence[tuple[float, float]]


def listeners(c: Controls, subject: Subject) -> dict[str, Callable[..., Any]]:
    """What the player calls."""

    def select(key: str) -> None:
        """class3: ask for the class; pick.heart.7: take that picture; else a map whose method is read."""
        if key.startswith("class") and key[5:].isdigit():
            ask(int(key[5:]))
        elif key.startswith("pick."):
            c.restart(**picked(key), strokes="", label="", against="", selected="")
        else:
            c.set(selected=key)

    def ask(number: int) -> None:
        """A second click on the same class takes the question back."""
        if number >= len(subject.classes):  # of the network before this one
            return
        name, which = subject.classes[number], c.present("clicks")
        if which == "label" and name == c.present("against"):
            c.set(against="")
        if which == "against" and number == subject.target().label:
            st.toast(f"{name} is what is explained: choose another class to compare it with.")
            return
        c.restart(**{which: "" if c.present(which) == name else name})

    def paint(points: Points) -> None:
        stroke = thinned(c.present("brush"), c.present("radius"), list(points))
        try:
            c.restart(strokes=with_stroke(c.present("strokes"), stroke))
        except ValueError as error:
            st.toast(str(error))  # what was painted stays

    hands: dict[str, Callable[..., Any]] = {"on_select": select}
    return hands | ({"on_paint": paint} if c.present("brush") else {})
