"""The last row of every rail: the seed, a new one, and the way back to the opening scene."""

import streamlit as st

from dlcore.ui.controls import Controls

STRIDE = 7919  # fixed, so that the sequence of seeds is the same for everyone in the room


def row(c: Controls) -> int:
    """Draws the row; returns the seed. A new seed starts at step 0; reset changes all but the seed."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        seed = c.number("seed", "Seed", 0, 2**31 - 1, 1, width=88)
        st.button("New seed", key=c.key("new-seed"), on_click=_renew, args=(c, seed))
        st.button("Reset", key=c.key("reset"), on_click=_reset, args=(c, seed), help="All but the seed")
    return seed


def _renew(c: Controls, seed: int) -> None:
    c.restart(seed=(seed + STRIDE) % (2**31 - 1))


def _reset(c: Controls, seed: int) -> None:
    c.restart(**{name: value for name, value in c.defaults.items() if name not in ("seed", "step")})
