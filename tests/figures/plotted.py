"""A plot's figure, which is plain data, as Plotly's own objects: they refuse what Plotly.js would not draw."""

from collections.abc import Iterator, Mapping
from typing import Any

import plotly.graph_objects as go

from dlcore.figures.stage import Plot


def plotted(plot: Plot) -> Any:
    """The figure by attributes, once Plotly has taken it word by word."""
    return taken(plot.figure)


def taken(figure: Mapping[str, Any]) -> Any:
    """The figure by attributes. A name that Plotly.py alone knows to take apart, as `line_width`, is refused, too."""
    drawn = go.Figure(figure)
    strange = set(_names(figure)) - set(_names(drawn.to_plotly_json()))
    assert strange == set(), f"Plotly.js knows nothing of these: {sorted(strange)}"
    return drawn


def _names(value: Any, path: str = "") -> Iterator[str]:
    """Every name with those above it, but of nothing that is empty, which Plotly leaves out, and none in arrays."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if part is not None and not (isinstance(part, list | tuple) and not part):
                yield f"{path}.{name}"
                yield from _names(part, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _names(part, f"{path}.{number}")
