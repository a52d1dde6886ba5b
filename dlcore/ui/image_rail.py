"""The controls of the picture and of the network that is shown it, in every lesson that has both."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dlcore import checkpoints, imagenet
from dlcore.datasets.objects import CLASSES
from dlcore.topics.images.pictures import KINDS, PHOTOS, Picture
from dlcore.ui import uploads
from dlcore.ui.controls import Controls

PICTURE = Picture()
DEFAULTS: dict[str, Any] = {
    "kind": PICTURE.kind,
    "shape": CLASSES[PICTURE.label],
    "shift": PICTURE.shift,
    "mark": PICTURE.mark,
    "photo": PICTURE.photo,
}


def models() -> dict[str, str]:
    """The networks that can be chosen on this machine, by key."""
    shipped = {key: model.title for key, model in checkpoints.MODELS.items()}
    return shipped | {key: imagenet.NETWORKS[key].title for key, missing in imagenet.choices().items() if not missing}


def missing_networks() -> None:
    """Networks that could be chosen if something were not missing: what it is."""
    lacking = {imagenet.NETWORKS[key].title: missing for key, missing in imagenet.choices().items() if missing}
    if lacking:
        why = " ".join(f"{title}: {missing}" for title, missing in lacking.items())
        st.caption(f"Not on this machine: {', '.join(lacking)}", help=why)


def draw(c: Controls, values: dict[str, Any], **again: Any) -> None:
    """Which picture: puts its values into `values`. again: what a change of its kind calls."""
    values["kind"] = c.choice("kind", "Picture", KINDS, **again)
    with c.part("the-drawing", values["kind"] == "drawn"):
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            values["shape"] = c.choice("shape", "Object", {name: name for name in CLASSES})
        with right:
            values["mark"] = c.switch("mark", "Watermark")
        values["shift"] = c.slider("shift", "Shift from the training pictures", 0.0, 1.0, 0.05)
    with c.part("the-photo", values["kind"] == "photo"):
        values["photo"] = c.choice("photo", "Photograph", PHOTOS)
    with c.part("the-upload", values["kind"] == "own"):
        values["upload"] = uploads.picture(c)


def sees_digits(model: str) -> bool:
    """Whether the network of this key is one for digits."""
    return model in checkpoints.MODELS and checkpoints.MODELS[model].data == "digits"


def fitting_kind(model: str, kind: str) -> Mapping[str, str]:
    """What the kind of picture becomes for another network, where the present one is nothing to it."""
    digits = sees_digits(model)
    if digits and kind == "drawn":
        return {"kind": "digit"}
    return {"kind": "drawn"} if not digits and kind == "digit" else {}
