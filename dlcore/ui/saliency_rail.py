"""The control rail of the lesson on saliency: the picture, the network that looks at it, the methods, how maps look."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.topics.images.pictures import COLOURS, MOST_LETTERS
from dlcore.topics.saliency.completeness import RULES
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.retraining import RetrainingConfig
from dlcore.topics.saliency.settings import BASELINES, REGIONS, MethodSettings
from dlcore.ui import image_rail, seeds
from dlcore.ui.controls import Controls

SETTINGS = MethodSettings()
TRAINING = RetrainingConfig()
VIEWS = {"maps": "Maps", "forming": "Forming", "truth": "Is it true?", "sanity": "Sanity", "training": "Training"}
FORMING = {"samples": "samples", "noise": "noise level", "path": "path", "errors": "rules"}
TRUTH = {"deletion": "delete pixels", "study": "120 pictures"}
GROUPS = {"picture": "picture", "methods": "method", "display": "display"}
SIGNS = {"magnitude": "size", "signed": "sign"}
CLICKS = {"label": "explain it", "against": "against it"}
BRUSHES = {"": "off", **{colour: colour for colour in COLOURS}}
#: What there is to do where no scene is shown.
FREE = {
    "maps": "Click a class to explain it, a map to read what its method does; paint over the picture.",
    "forming": "Play: how many samples, how much noise, how far along the path until the map is what it will be?",
    "truth": "Play: pixels that a map calls important go first. Whose curve falls fastest?",
    "sanity": "Play: layer after layer loses what it has learnt. Does the map notice?",
    "training": "Play: a new network learns, and at every moment explains this picture.",
}
#: The methods that are compared where each costs a row, or much time.
COMPARED = ("gradient", "input", "smoothgrad", "integrated", "gradcam", "guided")
#: Every side view of every stage; where a stage has not the one that was read last, its first is shown.
TABS = {
    key: key
    for key in (
        *("answer", "method", "agreement", "pictures"),
        *("distance", "inside", "rank", "chance", "answers", "score", "slope"),
        *("deleted", "inserted", "area", "classes"),
        *("differences", "pointing", "precision", "marked", "ranks", "layers", "accuracy", "loss"),
    )
}
BASES = {"black": "black", "grey": "grey", "blurred": "blurred", "noise": "noise"}
DEFAULTS: dict[str, Any] = {
    "view": "maps",
    "forming": "samples",
    "truth": "deletion",
    "group": "picture",
    **image_rail.DEFAULTS,
    "brush": "",
    "radius": 5.0,
    "strokes": "",
    "model": "plain",
    "clicks": "label",
    "label": "",
    "against": "",
    "methods": COMPARED,
    **{name: getattr(SETTINGS, name) for name in ("noise", "num_samples", "num_steps", "rule", "baseline", "regions")},
    **{name: getattr(SETTINGS, name) for name in ("window", "stride", "num_regions", "num_masks")},
    "noise_seed": SETTINGS.seed,
    "signs": "magnitude",
    "clip": 99.0,
    "overlay": 0.0,
    "outline": True,
    "peak": False,
    "filling": "grey",
    "way": "delete",
    "num_images": 120,
    "independent": False,
    "num_train": TRAINING.num_train,
    "num_epochs": TRAINING.num_epochs,
    "lr": TRAINING.lr,
    "seed": image_rail.PICTURE.seed,
    "step": 0,
    "tab": "answer",
    "selected": "",
    "below": "Why it happens",
}


def draw(c: Controls, views: DeltaGenerator) -> dict[str, Any]:
    """Draws the rail; returns every control's value by name.

    All controls are always there, so that their values survive a look at another view; most are not seen.
    """
    values: dict[str, Any] = {}
    again: dict[str, Any] = {"on_change": c.restart, "kwargs": {"selected": ""}, "label_visibility": "collapsed"}
    with views:
        view = values["view"] = c.segmented("view", "View", VIEWS, **again)
        with c.part("the-forming", view == "forming", width="content"):
            values["forming"] = c.segmented("forming", "What forms", FORMING, **again)
        with c.part("the-truth", view == "truth", width="content"):
            values["truth"] = c.segmented("truth", "Measured on", TRUTH, **again)
    group = c.segmented("group", "Settings", GROUPS, label_visibility="collapsed")
    with c.part("the-picture", group == "picture"):
        _picture(c, values)
    with c.part("the-methods", group == "methods"):
        _methods(c, values)
    with c.part("the-display", group == "display"):
        _display(c, values)
    values["seed"] = seeds.row(c)
    values["step"] = c.number("step", "Step", 0, 100_000, 1)
    c.segmented("tab", "Tab", TABS)
    values["selected"] = c.text("selected", "Selected")
    return values


def _picture(c: Controls, values: dict[str, Any]) -> None:
    """The network, the picture, the brush, and what a click on a class does."""
    values["model"] = c.choice("model", "Network", image_rail.models(), on_change=_another_network, args=(c,))
    image_rail.missing_networks()
    image_rail.draw(c, values, on_change=_another_picture, args=(c,))
    with c.part("the-brush", values["view"] == "maps"):
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            values["brush"] = c.choice("brush", "Brush", BRUSHES)
        with right:
            values["radius"] = c.slider("radius", "Radius, pixels", 1.0, 16.0, 0.5)
        _painted(c, values)
    values["clicks"] = c.segmented("clicks", "A click on a class asks for", CLICKS)
    for name in ("label", "against"):
        values[name] = c.text(name, name)
        c.unseen.append(name)


def _painted(c: Controls, values: dict[str, Any]) -> None:
    """What was painted stands in the address; it can be wiped off."""
    values["strokes"] = c.text("strokes", "Painted", max_chars=MOST_LETTERS)
    c.unseen.append("strokes")
    with c.part("the-sponge", bool(values["strokes"])):
        st.button("Wipe off", key=c.key("wipe"), on_click=c.restart, kwargs={"strokes": ""}, width="stretch")


def _methods(c: Controls, values: dict[str, Any]) -> None:
    """Every setting of the methods, in the order of the maps."""
    compared = {name: METHODS[name].title for name in METHODS}
    with c.part("the-compared", values["view"] in ("truth", "sanity")):
        values["methods"] = c.pills("methods", "Methods", compared)
    st.caption("SmoothGrad, SmoothGrad², VarGrad")
    left, right = st.columns(2)
    with left:
        values["noise"] = c.slider("noise", "Noise σ", 0.0, 0.5, 0.01)
    with right:
        values["num_samples"] = c.steps("num_samples", "Samples n", {n: str(n) for n in (1, 5, 10, 25, 50, 100, 200)})
    st.caption("Integrated gradients; the baseline also covers windows and regions")
    left, right = st.columns(2)
    with left:
        values["num_steps"] = c.steps("num_steps", "IG steps", {n: str(n) for n in (2, 3, 5, 10, 20, 32, 50, 100, 200)})
    with right:
        values["baseline"] = c.choice("baseline", "Baseline", {name: BASES[name] for name in BASELINES})
    values["rule"] = c.choice("rule", "Integration rule", RULES)
    left, right = st.columns(2)
    with left:
        values["window"] = c.slider("window", "Window", 1, 32, 1)
        values["regions"] = c.choice("regions", "Regions", {name: name for name in REGIONS})
        values["num_regions"] = c.slider("num_regions", "Regions, about", 5, 100, 5)
    with right:
        values["stride"] = c.slider("stride", "Stride", 1, 16, 1)
        values["num_masks"] = c.steps("num_masks", "Masks", {n: str(n) for n in (50, 100, 200, 400, 800, 1600)})
        values["noise_seed"] = c.number("noise_seed", "Seed of all draws", 0, 99_999, 1)


def _display(c: Controls, values: dict[str, Any]) -> None:
    """How maps look; nothing is computed anew. And what belongs to one view only."""
    values["signs"] = c.segmented("signs", "Show", SIGNS)
    values["clip"] = c.slider("clip", "Full colour at the percentile", 90.0, 100.0, 0.5)
    values["overlay"] = c.slider("overlay", "Picture below the map", 0.0, 1.0, 0.1)
    values["outline"] = c.switch("outline", "Edge of the true object")
    values["peak"] = c.switch("peak", "Ring on the strongest pixel")
    view, truth = values["view"], values["truth"]
    with c.part("the-deletion", view == "truth" and truth == "deletion"):
        values["way"] = c.segmented("way", "Pixels are", {"delete": "deleted", "insert": "inserted"})
        values["filling"] = c.choice("filling", "Replaced by", {name: BASES[name] for name in BASELINES})
    with c.part("the-study", view == "truth" and truth == "study"):
        values["num_images"] = c.slider("num_images", "Pictures", 20, 300, 20)
    with c.part("the-cascade", view == "sanity"):
        values["independent"] = c.switch("independent", "One layer at a time")
    with c.part("the-training", view == "training"):
        values["num_train"] = c.slider("num_train", "Training pictures", 200, 4000, 200)
        values["num_epochs"] = c.slider("num_epochs", "Epochs", 1, 20, 1)
        values["lr"] = c.log_slider("lr", "Learning rate η", 1e-4, 0.1)


def _another_network(c: Controls) -> None:
    """Another network knows other classes, and pictures of another size."""
    model = c.present("model")
    changed = image_rail.fitting_kind(model, c.present("kind"))
    window, stride = (3, 1) if image_rail.sees_digits(model) else (SETTINGS.window, SETTINGS.stride)
    c.restart(label="", against="", strokes="", selected="", **changed, window=window, stride=stride)


def _another_picture(c: Controls) -> None:
    c.restart(strokes="", label="", against="")


def brush_of(values: Mapping[str, Any]) -> tuple[str, float] | None:
    """The brush's colour and its width in pixels; None: a click on the picture is only a click."""
    return (COLOURS[values["brush"]], 2 * values["radius"]) if values["brush"] and values["view"] == "maps" else None


def methods_to_read(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The methods whose code is shown: the one that was selected, or those that the view is about."""
    if values["selected"] in METHODS:
        return (values["selected"],)
    if values["view"] == "forming":
        return ("smoothgrad",) if values["forming"] in ("samples", "noise") else ("integrated",)
    return ("gradient", "smoothgrad") if values["view"] == "maps" else ("smoothgrad",)
