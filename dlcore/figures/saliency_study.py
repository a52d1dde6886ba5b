"""The stage on which methods are measured on many pictures, with the interval in which each mean may lie.

Knows the measures by the names under which they arrive, and their axes; does not know how any is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dlcore.figures.pending import Pending
from dlcore.figures.saliency_rows import Panel, rows
from dlcore.figures.saliency_sheet import with_random
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles

MEASURES: dict[str, Panel] = {
    "pointing": Panel(
        array="pointing", title="Pointing", quantity="pictures whose strongest pixel is on the object", low=0, high=1
    ),
    "inside": Panel(array="inside", title="Inside", quantity="share of the map inside the object", low=0, high=1),
    "precision": Panel(
        array="precision", title="Top-k", quantity="of the k strongest pixels, share on the object", low=0, high=1
    ),
    "deleted": Panel(
        array="deleted", title="Deletion", quantity="area under the deletion curve", low=0, high=1, better="low"
    ),
    "inserted": Panel(array="inserted", title="Insertion", quantity="area under the insertion curve", low=0, high=1),
    "marked": Panel(array="marked", title="Watermark", quantity="share of the map on the watermark", low=0, high=1),
}
APART = ("inserted",)  # has no place in the overview: it hardly tells methods apart
FAR = 0.75  # how much a method may differ from the plain gradient and be seen
NOTE = "Dots: means over the pictures so far. Lines: 95% intervals. Arrows point to where a map is better."


def study_stage(
    *, methods: Mapping[str, str], counts: Sequence[int], size: tuple[int, int], measures: Sequence[str]
) -> Stage:
    """Frame k: what is known after counts[k] pictures of this size (height, width); frame 0: nothing.

    methods: titles by name, in the order of the rows, below which a random map stands. measures: keys of MEASURES.
    """
    named, panels = with_random(methods), [MEASURES[name] for name in measures]
    frames = len(counts)
    overview = [panel for panel in panels if panel.array not in APART]
    alts = ", ".join(panel.quantity for panel in overview)
    return Stage(
        views=[
            rows(
                overview,
                named,
                frames,
                key="overview",
                title="Measures",
                alt=f"For every method: {alts}; mean and 95% interval.",
                area="main",
            ),
            _differences(overview, named, frames),
            *(_alone(panel, named, frames) for panel in panels),
            _pictures(counts, size),
        ],
        num_frames=frames,
        readouts=[
            Readout(label="pictures", colour="", values=_live("count", frames), counts=True),
        ],
        unit="batch",
        file_name="saliency-study",
        note=NOTE,
        rate=4.0,
        split=1.5,
    )


def _live(name: str, frames: int) -> Pending:
    return Pending(name=name, shape=(frames,), dtype="float32")


def _alone(panel: Panel, methods: Mapping[str, str], frames: int) -> Plot:
    alt = f"{panel.quantity.capitalize()}, for every method: mean and 95% interval."
    return rows([panel], methods, frames, key=panel.array, title=panel.title, alt=alt)


def _differences(panels: Sequence[Panel], methods: Mapping[str, str], frames: int) -> Plot:
    """How much more than the plain gradient a method has, picture by picture: a narrower interval, for it is paired."""
    apart = [
        replace(
            panel,
            array=f"difference.{panel.array}",
            quantity=f"{panel.quantity}, minus the gradient's",
            low=-FAR,
            high=FAR,
            zero=0.0,
            ticks=(-0.5, 0, 0.5),
        )
        for panel in panels
    ]
    return rows(
        apart,
        methods,
        frames,
        key="differences",
        title="Minus gradient",
        alt="What every method has more than the plain gradient on the same pictures: mean and 95% interval.",
    )


def _pictures(counts: Sequence[int], size: tuple[int, int]) -> Tiles:
    """One picture of each batch."""
    pixels = Pending(name="picture", shape=(len(counts), *size, 3), dtype="uint8")
    tiles = [
        Tile(key=f"batch{k}", title=f"No. {count}", values=pixels, kind="picture", row=k)
        for k, count in enumerate(counts)
        if count
    ]
    return Tiles(
        key="pictures",
        title="Pictures",
        tiles=tiles,
        area="side",
        follow=True,
        alt="One of every batch of pictures that the methods are measured on.",
    )
