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


def controls(c: Controls, names: Iterable[str], own_rates: bool) -> tuple[tuple[str, float], ...]:
    """The settings of the chosen optimizers, as RaceConfig's `hyper`; own learning rates where wanted."""
    chosen: list[tuple[str, float]] = []
    for name in names:
        rule = OPTIMIZERS[name]
        if not (rule.hypers or own_rates):
            continue
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.markdown(f"**{rule.title}**", width=110)
            if own_rates:
                chosen.append((f"{name}.lr", c.number(f"{name}.lr", "η", 1e-6, 100.0, 0.01, format="%.6g", width=120)))
            for setting, hyper in rule.hypers.items():
                chosen.append((f"{name}.{setting}", _control(c, f"{name}.{setting}", hyper)))
    return tuple(chosen)


def _control(c: Controls, name: str, hyper: Hyper) -> float:
    label = f"{hyper.symbol}"
    if hyper.kind == "switch":
        return float(c.switch(name, hyper.label, help=hyper.symbol))
    step = 0.01 if hyper.kind == "linear" else 1e-8
    return c.number(name, label, hyper.low, hyper.high, step, format="%.6g", help=hyper.label, width=130)
