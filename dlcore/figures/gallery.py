"""Pictures to choose from, beside the maps; knows how they are told apart, not how they were made."""

from collections.abc import Mapping

import numpy as np

from dlcore.figures.tiles import Tile, Tiles


def gallery(pictures: Mapping[str, tuple[str, np.ndarray]]) -> Tiles:
    """Pictures (h, w, 3) in bytes with their titles, by the keys that a click on them says."""
    tiles = [
        Tile(key=key, title=title, kind="picture", values=picture[None]) for key, (title, picture) in pictures.items()
    ]
    titles = ", ".join(title for title, _ in pictures.values())
    return Tiles(key="pictures", title="Pictures", tiles=tiles, area="side", alt=f"Pictures to choose from: {titles}.")
