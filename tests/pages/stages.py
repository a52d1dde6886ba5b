"""What the tests read off any lesson's page: the player's message, what is said beside it; a hand for its picture."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlcore.ui import player

OpenPage = Callable[..., AppTest]


def written(titles: Mapping[str, Mapping[Any, str]], **values: Any) -> dict[str, str | list[str]]:
    """The values of controls as the address writes them; titles: those of the options, by control."""

    def text(name: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        return titles[name][value] if name in titles else str(value)

    return {
        name: [text(name, item) for item in value] if isinstance(value, tuple) else text(name, value)
        for name, value in values.items()
    }


def toasts(page: AppTest) -> list[str]:
    return [toast.value for toast in page.toast]


def check_told_once(page: AppTest, invalid: Mapping[str, str], unknown: str) -> None:
    """Each value of the link that was not possible is told of, and so is an unknown name; a rerun repeats nothing."""
    told = toasts(page)
    assert len(told) == len(invalid) + 1
    for name, text in invalid.items():
        (sentence,) = [one for one in told if one.startswith(f"The link's {name} = “{text}”")]
        assert sentence.endswith(" now.")
    assert f"The link's “{unknown}” is not a control of this scene and was ignored." in told
    page.run()
    assert toasts(page) == []


def prose(page: AppTest) -> str:
    """All Markdown on the page."""
    return " ".join(part.value for part in page.markdown)


def lit(page: AppTest) -> list[str]:
    """The keys of the buttons that stand out: that of the scene which is shown."""
    return [str(button.key) for button in page.button if button.proto.type == "primary"]


def hidden(page: AppTest) -> set[str]:
    """The keys, as names of classes, of parts and controls that are drawn and not seen."""
    styles = " ".join(str(part.proto.body) for part in page.get("html"))
    return set(re.findall(r"\.st-key-([\w-]+)(?=[^{}]*{display:none})", styles))


def healthy(page: AppTest) -> AppTest:
    assert not page.exception
    assert [error.value for error in page.error] == []
    return page


def message_on(page: AppTest) -> bytes:
    """The bytes that the player got."""
    (component,) = [part for part in page.get("bidi_component") if part.proto.component_name.endswith("player")]
    return component.proto.bytes


def header(message: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(message[:4], "little")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def stage_on(page: AppTest) -> tuple[dict[str, Any], dict[str, Any], list[np.ndarray]]:
    """The player's settings, the stage, and its arrays."""
    settings, rest = header(message_on(page))
    stage, body = header(zlib.decompress(rest))
    arrays = [
        np.frombuffer(body, entry["dtype"], int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"])
        for entry in stage["arrays"]
        if "pending" not in entry
    ]
    return settings, stage, arrays


def stage_bytes(page: AppTest) -> bytes:
    """The stage alone, without the player's settings."""
    return header(message_on(page))[1]


def view_on(page: AppTest, key: str) -> dict[str, Any]:
    """One view of the stage, with its arrays in it; None where a run has yet to compute one."""
    _, stage, given = stage_on(page)
    there = iter(given)
    arrays = [None if "pending" in entry else next(there) for entry in stage["arrays"]]

    def resolved(value: Any) -> Any:
        if isinstance(value, dict):
            return arrays[value["$"]] if set(value) == {"$"} else {name: resolved(part) for name, part in value.items()}
        return [resolved(part) for part in value] if isinstance(value, list) else value

    return resolved(next(view for view in stage["views"] if view["key"] == key))


class Hand:
    """A reader's hand in the picture: a button beside the player says what the player would say."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.word, self.said = "", ()
        real = player.player

        def with_a_hand(key: str, stage: bytes, **settings: Any) -> None:
            real(key, stage, **settings)
            st.button("hand", key="hand", on_click=lambda: settings[self.word](*self.said))

        monkeypatch.setattr(player, "player", with_a_hand)

    def say(self, page: AppTest, word: str, *said: Any) -> AppTest:
        """hand.say(page, "edit", "w1", 0.5, 3) is on_edit("w1", 0.5, 3)."""
        self.word, self.said = f"on_{word}", said
        return page.button(key="hand").click().run()
