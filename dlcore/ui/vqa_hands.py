"""What the reader's hand does in the pictures of the lesson on visual question answering: move, remove, add, ask."""

from collections.abc import Callable
from typing import Any

from dlcore.datasets.aerial import FINE, SIDE
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa.changes import ChangesConfig
from dlcore.ui import vqa_changes_rail
from dlcore.ui.controls import Controls
from dlcore.ui.vqa_settings import Config


def listeners(c: Controls, config: Config) -> dict[str, Callable[..., Any]]:
    """What the player calls. What was changed after the frame at which the reader stands is undone by a new change."""

    def drag(key: str, x: float, y: float, step: int) -> None:
        change(f"move {key} {_pixel(x)} {_pixel(y)}", step)

    def remove(key: str, step: int) -> None:
        change(f"remove {key}", step)

    def place(x: float, y: float, step: int) -> None:
        change(f"add {c.present('add')} {_pixel(x)} {_pixel(y)}", step)

    def change(text: str, step: int) -> None:
        made = [item.strip() for item in c.present("changes").split(";") if item.strip()]
        vqa_changes_rail.add(c, "; ".join(made[:step]), text)

    def select(key: str) -> None:
        """class3: explain that answer, or the likeliest again; all else is only looked at."""
        answer = {f"class{place}": answer for place, answer in enumerate(ANSWERS)}.get(key)
        if answer is None:
            c.set(selected=key)
        else:
            c.set(explain="" if c.present("explain") == answer else answer)

    if isinstance(config, ChangesConfig):
        return {"on_drag": drag, "on_remove": remove, "on_place": place, "on_select": select}
    return {"on_select": select}


def _pixel(place: float) -> str:
    """A place of the large picture, in pixels of the small one as the address writes them."""
    return f"{min(max(place / FINE, 0.0), SIDE - 1.0):.0f}"
