"""What the address says beyond a lesson's controls: lecture mode and hidden controls."""

import re

import streamlit as st

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,40}", re.IGNORECASE)


def lecture() -> bool:
    """`?lecture=1`: no menus, larger type, thicker lines."""
    return st.query_params.get("lecture") == "1"


def hidden() -> tuple[str, ...]:
    """The controls named in `?hide=a,b`; anything that cannot be a name is left out."""
    names = st.query_params.get("hide", "").split(",")
    return tuple(name for name in (n.strip() for n in names) if NAME.fullmatch(name))


def css_class(key: str) -> str:
    """The class that Streamlit gives to an element with this key."""
    return "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())
