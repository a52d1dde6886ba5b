"""What the reader's hand does in the picture of the transform: keep a cell, change its number."""

from typing import Any

import streamlit as st

from dlcore.topics.batchnorm_config import with_edit
from dlcore.ui.controls import Controls


def listeners(c: Controls) -> dict[str, Any]:
    """What the player calls in the Transform view."""

    def edit(name: str, value: float, _: int) -> None:
        try:
            c.set(edits=with_edit(c.present("edits"), name, value))
        except ValueError as error:
            st.toast(str(error))  # what was there stays

    return {"on_select": lambda key: c.set(selected=key), "on_edit": edit}
