"""The stage on a picture that deceives people: a bar of one grey joins two squares, then all else is covered.

Knows how the picture is shown; nothing is still to come, for all of it is drawn at once.
"""

import numpy as np

from dlcore.figures.adversarial_traces import caption, line, margin
from dlcore.figures.chart import Chart
from dlcore.figures.notes import Program
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles
from dlcore.topics.adversarial.illusion import GREY, KINDS, IllusionConfig, illusion, lettered, measured, profile

#: How far the bar is, how much is covered, and what is said, at each frame.
WAYS = ((0.0, 0.0, 0), (0.5, 0.0, 1), (1.0, 0.0, 1), (1.0, 0.5, 2), (1.0, 1.0, 2))
CAPTION = "solid: pixels on the way from A to B<br>dashed: the grey of A"
ALT = {
    "shadow": "A checkerboard on which a post casts a shadow: A, a dark tile in the light, and B, a light one in the "
    "shadow, are of the same grey.",
    "contrast": "Two squares of the same grey, A on a dark ground and B on a light one.",
}
SAID = ("Which square is darker?", "A bar of one grey joins them.", "All else is covered.")


def illusion_stage(*, kind: str, size: int) -> Stage:
    """Frame 0: the picture, of KINDS; then a bar leads from A to B, and then all else is covered."""
    config = IllusionConfig(kind=kind, size=size)
    frames, found = len(WAYS), measured(config)
    plain = [illusion(config, joined=joined, covered=covered) for joined, covered, _ in WAYS]
    pictures = np.stack([lettered(config, picture) for picture in plain])
    picture = Tile(key="illusion", title=KINDS[kind], values=pictures, kind="picture")
    return Stage(
        views=[
            Tiles(key="tiles", title="Picture", tiles=[picture], alt=ALT[kind]),
            Program(key="said", title="Look", lines=SAID, active=[said for _, _, said in WAYS]),
            _levels(np.stack([profile(config, picture) for picture in plain])),
        ],
        num_frames=frames,
        readouts=[
            *(Readout(label=f"square {name}", colour="", values=_told(of.mean)) for name, of in found.items()),
            *(Readout(label=f"around {name}", colour="", values=_told(of.around)) for name, of in found.items()),
        ],
        quantity="levels of 255",
        unit="frame",
        file_name="illusion",
        split=2.2,
        told=False,
    )


def _told(number: float) -> np.ndarray:
    """A number in every frame but the first, in which nobody has decided yet."""
    return np.array([np.nan, *[number] * (len(WAYS) - 1)])


def _later(profiles: np.ndarray) -> np.ndarray:
    """The profiles but the first, for the same reason."""
    return np.concatenate([np.full_like(profiles[:1], np.nan, dtype=np.float32), profiles[1:].astype(np.float32)])


def _levels(profiles: np.ndarray) -> Plot:
    """What the pixels say between the squares, which at both ends is the same."""
    frames, places = profiles.shape
    across = np.linspace(0, 100, places)
    chart = Chart()
    ends, grey = np.tile([0, 100], (frames, 1)), np.full((frames, 2), GREY)
    chart.add(line("muted", "grey of A and B", width=1.5, dash="dash"), "at", x=ends, y=_later(grey))
    chart.add(line("accent", "pixels"), "at", x=np.tile(across, (frames, 1)), y=_later(profiles))
    layout = {
        "margin": margin(CAPTION),
        "xaxis": {"range": [-2, 102], "tickvals": [0, 100], "ticktext": ["A", "B"], "title": {"text": "from A to B"}},
        "yaxis": {"range": [0, 255], "title": {"text": "level"}},
        "annotations": [caption(CAPTION)],
    }
    alt = "The levels of the pixels on the straight way from the middle of A to that of B: both ends are the same."
    return chart.plot(layout, key="levels", title="Levels", alt=alt, area="side", keep="levels")
