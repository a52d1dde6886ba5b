"""What the reader's hand does in the pictures of the lesson on dropout: drop units, and change the networks' shape."""

from collections.abc import Callable
from typing import Any

from dlcore.topics.dropout_config import MOST_LAYERS, WIDTHS, ScalingConfig
from dlcore.ui.controls import Controls


def shaping(c: Controls) -> dict[str, Callable[..., Any]]:
    """What the player calls in the Train view: ± above the layers, which both networks have alike."""

    def act(name: str) -> None:
        """layer+, layer−: one layer more or less; units+1, units-2: all layers go to the next of the widths."""
        step = 1 if "+" in name else -1
        if name.startswith("layer"):
            c.restart(depth=min(max(c.present("depth") + step, 1), MOST_LAYERS))
        elif name.startswith("units"):
            place = WIDTHS.index(c.present("width")) + step
            c.restart(width=WIDTHS[min(max(place, 0), len(WIDTHS) - 1)])

    return {"on_act": act}


def listeners(c: Controls, config: ScalingConfig) -> dict[str, Callable[..., Any]]:
    """What the player calls in the Scaling view."""

    def toggle(x: float, y: float) -> None:
        """A click in a unit's column turns it off or on again in frame 0, and goes there."""
        unit = round(x)
        if 0 <= unit < config.units:
            c.restart(mask=with_turned(config.kept, unit))

    return {"on_pick": toggle}


def with_turned(kept: tuple[int, ...], unit: int) -> str:
    """The mask with one unit turned, as the address has it; "" where all stay."""
    turned = [1 - stays if k == unit else stays for k, stays in enumerate(kept)]
    return "" if all(turned) else "".join(map(str, turned))
