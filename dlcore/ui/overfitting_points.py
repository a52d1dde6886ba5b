"""A reader's own points on a page: a file of them, which nobody else sees, or painted ones."""

import streamlit as st

from dlcore.datasets.points_file import GivenPoints, read_points
from dlcore.datasets.points_given import FEWEST, MOST_IN_TEXT, REACH, points_text, read_points_text
from dlcore.ui.controls import Controls

MOST_MEGABYTES = 1


def upload(c: Controls) -> GivenPoints | None:
    """The points of the file that was uploaded; None without one, or where it cannot be read.

    They are not in the address, so a link shows the painted ones instead.
    """
    file = st.file_uploader(
        "Or a CSV file with x, y, label: links do not have it",
        type=["csv", "tsv", "txt"],
        key=c.key("upload"),
        max_upload_size=MOST_MEGABYTES,
    )
    if file is None:
        return None
    try:
        given = _read(file.getvalue())
    except ValueError as error:
        st.error(str(error))
        return None
    st.caption(given.said or f"{len(given.points)} points, as they are in the file.")
    return given


@st.cache_data(max_entries=20, show_spinner=False, scope="session")
def _read(data: bytes) -> GivenPoints:
    return read_points(data)


def few(text: str) -> bool:
    """Whether these painted points are too few to be learned, so that the reader still has to paint."""
    try:
        points = read_points_text(text)
    except ValueError:
        return False  # there is something wrong with them, which is told
    return len(points) < FEWEST or len({point.label for point in points}) < 2


def with_point(text: str, x: float, y: float, label: int) -> str:
    """The points with one more.

    Raises: ValueError, one sentence, where it is beside the picture, or there is no room for it in an address.
    """
    points = read_points_text(text)
    if max(abs(x), abs(y)) > REACH:
        raise ValueError(f"The point ({x:.3g}, {y:.3g}) is beside the picture, which shows −{REACH:g} to {REACH:g}.")
    if len(points) >= MOST_IN_TEXT:
        raise ValueError(f"There are {len(points)} painted points; a link has no room for more: upload a file instead.")
    return points_text([*points, (x, y, label)])
