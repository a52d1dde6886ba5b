"""The stage on which pictures that fool one network are shown to others; knows neither the networks nor the attack."""

from collections.abc import Mapping

from dlcore.figures.adversarial_matrix import Matrix, matrix
from dlcore.figures.adversarial_sheet import NOISE
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Area, Plot, Stage

NOTE = (
    "Fooled: of the pictures that the asked network had right, the share that it loses. At least, at most: the ends of "
    "the 95% interval."
)


def transfer_stage(
    *, made: Mapping[str, str], asked: Mapping[str, str], attack: str, epsilon: float, num_images: int
) -> Stage:
    """Frame k: the first k rows are known.

    made: titles of the networks that pictures are made on, by key, and of NOISE, which is made on none: the rows.
    asked: of those that are shown these pictures: the columns. attack: its title. epsilon: in levels.
    """
    frames = len(made) + 1

    def view(name: str, title: str, caption: str, area: Area = "side") -> Plot:
        values = Pending(name=name, shape=(frames, len(made), len(asked)), dtype="float32")
        return matrix(
            _cells(name, values, made, asked, caption),
            key=name,
            title=title,
            caption=f"{caption}; framed: made on itself",
            alt=f"{caption.capitalize()}: rows are the networks that pictures were made on, columns those asked.",
            area=area,
        )

    return Stage(
        views=[
            view("fooled", "Fooled", "fooled, %", "main"),
            view("accuracy", "Accuracy", "right after the attack, %"),
            view("low", "At least", "fooled at least, %"),
            view("high", "At most", "fooled at most, %"),
        ],
        num_frames=frames,
        unit="row",
        file_name="adversarial-transfer",
        quantity=f"{attack}, ε = {epsilon:g}, {num_images} pictures",
        note=NOTE,
        rate=2.0,
        split=1.2,
    )


def _cells(name: str, values: Pending, made: Mapping[str, str], asked: Mapping[str, str], what: str) -> Matrix:
    return Matrix(
        values=values,
        rows=[title if key == NOISE else f"on {title}" for key, title in made.items()],
        columns=list(asked.values()),
        down="made",
        across="asked",
        most=100,
        loss=name != "accuracy",
        hover=f"{what}: %{{z:.1f}}<br>made: %{{y}}<br>asked: %{{x}}",
        outlined=[(row, column) for row, one in enumerate(made) for column, other in enumerate(asked) if one == other],
    )
