"""Controls for the settings of a registry of rules: one number or switch for each `Hyper`."""

from collections.abc import Iterable

import streamlit as st

from dlcore.topics.optimizers import OPTIMIZERS, Hyper
from dlcore.ui.controls import Controls


def defaults() -> dict[str, float | bool]:
    """Control name -> default, for every setting of every optimizer."""
    return {
        f"{name}.{setting}": bool(hyper.default) if hyper.kind == "switch" else hyper.default
        for name, rule in OPTIMIZERS.items()
        for setting, hyper in rule.hypers.items()
    }


def controls(c: Controls, names: Iterable[str], own_rates: bool) -> dict[str, float | bool]:
    """Draws the settings of the chosen optimizers; control name -> value, own learning rates where wanted."""
    chosen: dict[str, float | bool] = {}
    for name in names:
        rule = OPTIMIZERS[name]
        if not (rule.hypers or own_rates):
            continue
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.markdown(f"**{rule.title}**", width=96)
            if own_rates:
                chosen[f"{name}.lr"] = c.number(f"{name}.lr", "η", 1e-6, 100.0, 0.01, format="%.6g", width=112)
            for setting, hyper in rule.hypers.items():
                chosen[f"{name}.{setting}"] = _control(c, f"{name}.{setting}", hyper)
    return chosen


def _control(c: Controls, name: str, hyper: Hyper) -> float | bool:
    if hyper.kind == "switch":
        return c.switch(name, hyper.label, help=hyper.symbol)
    step = 0.001 if hyper.kind == "linear" else 1e-8
    return c.number(name, hyper.symbol, hyper.low, hyper.high, step, format="%.6g", help=hyper.label, width=112)
