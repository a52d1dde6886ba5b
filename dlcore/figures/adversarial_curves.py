"""The stage on which attacks are measured on many pictures: accuracy by ε, and where the answers go.

Knows the names under which the numbers arrive, and in which units; does not know how any picture is attacked.
"""

from collections.abc import Mapping, Sequence

from dlcore.figures.adversarial_matrix import Matrix, matrix
from dlcore.figures.adversarial_radii import ACROSS, Line, against_epsilon
from dlcore.figures.adversarial_sheet import ATTACK_STYLES
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles

NOTE = (
    "Lines: accuracy over the pictures so far. Bands: 95% intervals. A picture that was wrong before counts as wrong."
)


def curves_stage(
    *,
    attacks: Mapping[str, str],
    epsilons: Sequence[float],
    epsilon: float,
    classes: Sequence[str],
    counts: Sequence[int],
    size: tuple[int, int],
) -> Stage:
    """Frame k: what is known after counts[k] pictures of this size (height, width); frame 0: nothing.

    attacks: titles by name, keys of ATTACK_STYLES. epsilons: the radii of the curves, in levels. epsilon: the radius at
    which it is told which class is answered.
    """
    frames = len(counts)
    return Stage(
        views=[
            _accuracy(attacks, epsilons, epsilon, len(classes), frames),
            _numbers(attacks, epsilons, frames),
            *(_flow(name, epsilon, classes, counts) for name in attacks),
            _pictures(counts, size, ATTACK_STYLES[list(attacks)[-1]].short, epsilon),
        ],
        num_frames=frames,
        readouts=[Readout(label="pictures", colour="", values=_live("count", frames), counts=True), *_legend(attacks)],
        unit="batch",
        file_name="adversarial-curves",
        note=NOTE,
        rate=4.0,
        split=1.45,
    )


def _live(name: str, frames: int, *shape: int) -> Pending:
    return Pending(name=name, shape=(frames, *shape), dtype="float32")


def _legend(attacks: Mapping[str, str]) -> list[Readout]:
    styles = [ATTACK_STYLES[name] for name in attacks]
    return [Readout(label=style.short, colour=style.colour, dash=style.dash) for style in styles]


def _accuracy(
    attacks: Mapping[str, str], epsilons: Sequence[float], epsilon: float, num_classes: int, frames: int
) -> Plot:
    def live(name: str) -> Pending:
        return _live(name, frames, len(epsilons))

    lines = [
        Line(
            label=title,
            colour=ATTACK_STYLES[name].meaning,
            dash=ATTACK_STYLES[name].dash,
            symbol=ATTACK_STYLES[name].symbol,
            values=live(f"accuracy.{name}"),
            low=live(f"low.{name}"),
            high=live(f"high.{name}"),
        )
        for name, title in attacks.items()
    ]
    return against_epsilon(
        lines,
        epsilons,
        key="accuracy",
        title="Accuracy",
        caption="of all pictures, those still answered right",
        alt=f"Accuracy by the radius ε of an attack, with 95% intervals: {', '.join(attacks.values())}.",
        marks={epsilon: f"answers shown at ε = {epsilon:g}"},
        chance=100 / num_classes,
    )


def _numbers(attacks: Mapping[str, str], epsilons: Sequence[float], frames: int) -> Plot:
    """The same numbers as a table, a row an attack."""
    names = [ATTACK_STYLES[name].short for name in attacks]
    given = Matrix(
        values=[_live(f"accuracy.{name}", frames, len(epsilons)) for name in attacks],
        rows=names,
        columns=[f"{epsilon:g}" for epsilon in epsilons],
        across=ACROSS,
        most=100,
        hover="%{y}: %{z:.1f} % at ε = %{x}",
    )
    return matrix(
        given,
        key="numbers",
        title="Numbers",
        caption="accuracy, %",
        alt=f"Accuracy in percent as a table: rows are attacks, columns radii ε. {', '.join(names)}.",
    )


def _flow(name: str, epsilon: float, classes: Sequence[str], counts: Sequence[int]) -> Plot:
    """How many pictures of each class get which answer under this attack."""
    style = ATTACK_STYLES[name]
    given = Matrix(
        values=_live(f"flow.{name}", len(counts), len(classes), len(classes)),
        rows=classes,
        columns=classes,
        down="true class",
        across="answer",
        most=max(counts[-1] / len(classes) / 2, 1),
        hover="%{z} of class %{y} are called %{x}",
        outlined=[(i, i) for i in range(len(classes))],
    )
    return matrix(
        given,
        key=f"flow.{name}",
        title=style.short,
        caption=f"answers under {style.short}, ε = {epsilon:g}; framed: right",
        alt=f"How many pictures of each class get which answer under {style.short} at ε = {epsilon:g}.",
    )


def _pictures(counts: Sequence[int], size: tuple[int, int], attack: str, epsilon: float) -> Tiles:
    """A picture of each batch under the last attack."""
    caption = f"{attack}, ε = {epsilon:g}"
    pixels = Pending(name="picture", shape=(len(counts), *size, 3), dtype="uint8")
    tiles = [
        Tile(key=f"batch{k}", title=f"No. {count}", values=pixels, kind="picture", row=k, caption=caption)
        for k, count in enumerate(counts)
        if count
    ]
    return Tiles(
        key="pictures",
        title="Pictures",
        tiles=tiles,
        area="side",
        follow=True,
        alt=f"One of every batch of pictures under {caption}.",
    )
