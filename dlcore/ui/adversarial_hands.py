"""What the reader's hand does in the pictures of the lesson on adversarial examples: aim, choose, set the point."""

from collections.abc import Callable, Sequence
from typing import Any

from dlcore.ui.controls import Controls
from dlcore.ui.image_settings import picked


def listeners(c: Controls, classes: Sequence[str]) -> dict[str, Callable[..., Any]]:
    """What the player calls; classes: of the network on screen."""

    def select(key: str) -> None:
        """class3: aim at that class, or at none if it is aimed at; pick.heart.7: take that picture."""
        if key.startswith("class") and key[5:].isdigit():
            aim(int(key[5:]))
        elif key.startswith("pick."):
            c.restart(**picked(key), aim="", selected="")
        else:
            c.set(selected=key)

    def aim(number: int) -> None:
        if number < len(classes):  # else it is a class of the network before this one
            c.restart(aim="" if c.present("aim") == classes[number] else classes[number])

    def pick(x: float, y: float) -> None:
        c.restart(x=round(min(max(x, 0.0), 255.0), 1), y=round(min(max(y, 0.0), 255.0), 1))

    return {"on_select": select, "on_pick": pick}
