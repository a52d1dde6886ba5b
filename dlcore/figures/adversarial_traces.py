"""Lines and dots as Plotly's JSON, in colours of the palette, for the stages on why attacks work, and words above them;
knows nothing of what they show.
"""

from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.optimizers import CORNER

LINE, DOT = 2.5, 8  # pixels
LEFT = 62  # pixels of the numbers and the title beside the vertical axis


def line(hue: str, name: str, *, x: Any = (), y: Any = (), width: float = LINE, **more: Any) -> dict[str, Any]:
    """A line in a colour of the palette, told by its name when it is pointed at."""
    look = {"color": theme.colour(hue), "width": width, "dash": more.pop("dash", "solid")}
    return {**_scatter(name, x, y), "mode": "lines", "line": look, **more}


def dots(
    hue: str, name: str, symbol: str, *, x: Any = (), y: Any = (), size: float = DOT, **more: Any
) -> dict[str, Any]:
    """Places in a colour of the palette, told by their name when they are pointed at."""
    colour = theme.colour(hue)
    look = {"symbol": symbol, "size": size, "color": colour, "line": {"width": 2, "color": colour}}
    return {**_scatter(name, x, y), "mode": "markers", "marker": look, **more}


def caption(text: str, left: float = LEFT) -> dict[str, Any]:
    """Lines (HTML) above the picture, which begin at its edge."""
    return {**CORNER, "text": text, "xshift": 8 - left, "yshift": 6, "align": "left"}


def margin(text: str, left: float = LEFT) -> dict[str, float]:
    """Room for such lines, and for the axes."""
    return {"l": left, "r": 14, "t": 20 + 16 * (1 + text.count("<br>")), "b": 46}


def powers(numbers: tuple[int, ...], every: int) -> dict[str, Any]:
    """A logarithmic axis over powers of two, of which each so many-th is named, the last one always."""
    named = numbers[::-1][::every][::-1]
    room = 0.04 * np.log10(numbers[-1] / numbers[0])
    ends = [np.log10(numbers[0]) - room, np.log10(numbers[-1]) + room]
    return {
        "type": "log",
        "range": [float(end) for end in ends],
        "tickvals": list(named),
        "ticktext": [f"{number:,}" for number in named],
        "tickangle": 0,
    }


def _scatter(name: str, x: Any, y: Any) -> dict[str, Any]:
    hover = f"{name}: %{{y:.3g}} at %{{x:.4g}}<extra></extra>"
    return {"type": "scatter", "x": list(x), "y": list(y), "name": name, "hovertemplate": hover}
