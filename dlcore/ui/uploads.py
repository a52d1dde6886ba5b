"""A reader's own picture on a page: where it is chosen, and what is wrong with it; nobody else sees it."""

import numpy as np
import streamlit as st

from dlcore.ui.controls import Controls
from dlcore.uploads import read_image

MOST_MEGABYTES = 5


def picture(c: Controls) -> np.ndarray | None:
    """The picture that was uploaded, (height, width, 3) bytes; None without one, or where it cannot be read.

    It is not in the address, so a link shows another one instead.
    """
    file = st.file_uploader(
        "A picture of yours: links do not have it",
        type=["png", "jpg", "jpeg", "webp"],
        key=c.key("upload"),
        max_upload_size=MOST_MEGABYTES,
    )
    if file is None:
        return None
    try:
        return _read(file.getvalue())
    except ValueError as error:
        st.error(str(error))
        return None


@st.cache_data(max_entries=20, show_spinner=False, scope="session")
def _read(data: bytes) -> np.ndarray:
    return read_image(data)
