"""The rail's part in which a reader changes the scene or the question, and the words in which changes are kept."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dlcore.numerals import plain
from dlcore.topics.vqa import changes
from dlcore.topics.vqa.vocabulary import read
from dlcore.ui.controls import Controls
from dlcore.ui.vqa_rail import ADDED, ASKING, shown
from dlcore.ui.vqa_settings import asked_of, changed_of, has_no_truth, unknown_words


def draw(c: Controls, values: dict[str, Any]) -> str:
    """Draws the part; returns all changes as text, which the address keeps."""
    stage, drawn = shown(values), values["picture"] == "drawn"
    with c.part("the-adding", stage == "change" and drawn):
        values["add"] = c.choice("add", "A click on the ground adds", ADDED)
    with c.part("the-changes", stage == "change"):
        text = c.text(
            "changes", "Changes", placeholder="remove boat 1; add house 20 30; grey", max_chars=changes.MOST_LETTERS
        )
    values["changes"] = text
    with c.part("the-buttons", stage == "change"):
        _buttons(c, values)
    with c.part("the-undoing", stage in ASKING and stage != "change" and bool(text)):
        st.button("Undo all changes", key=c.key("undo-all-here"), on_click=_set, args=(c, ""))
    return text


def draw_unknown(c: Controls, values: Mapping[str, Any]) -> None:
    """Names the words that the network has never read, each with known ones to put in its place."""
    if shown(values) not in ASKING:
        return
    words = unknown_words(values)
    for word, nearest in words.items():
        with st.container(key=c.key(f"unknown-{word}"), horizontal=True, gap="small"):
            st.markdown(plain(f"“{word[:30]}” was in no training question.{' Did you mean:' if nearest else ''}"))
            for other in nearest:
                key = c.key(f"instead-{word}-{other}")
                st.button(other, key=key, on_click=_ask_instead, args=(c, values["asked"], word, other))
    if not words and has_no_truth(values):
        st.markdown("No question that the scene can check: the network answers, and nothing says whether it is right.")


def _ask_instead(c: Controls, question: str, word: str, other: str) -> None:
    tokens = [other if token == word else token for token in read(question).tokens]
    c.set(asked=" ".join(tokens))


def _buttons(c: Controls, values: Mapping[str, Any]) -> None:
    """What can be done without a mouse: take a thing away, change a word, negate, see nothing, go back."""
    text = values["changes"]
    things, swaps, negation = _what_is_there(values)
    _menu(c, "removed", "Remove …", [thing.name for thing in things], lambda name: f"remove {name}", text)
    _menu(c, "swapped", "Change a word …", list(swaps), lambda words: changes.asking(swaps[words]), text)
    with st.container(horizontal=True, gap="small"):
        _button(c, "Negate", negation and changes.asking(negation), text, help="Ask for the opposite")
        grey = "colour" if _is_grey(values) else "grey"
        _button(c, "Grey picture" if grey == "grey" else "Picture back", grey, text)
    with st.container(horizontal=True, gap="small"):
        shorter = ";".join(text.split(";")[:-1]).strip()
        st.button("Undo", key=c.key("undo"), on_click=_set, args=(c, shorter), disabled=not text)
        st.button("Undo all", key=c.key("undo-all"), on_click=_set, args=(c, ""), disabled=not text)


def _what_is_there(values: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, str], str | None]:
    """The things that are there, the questions that differ in one word, by what differs, and the opposite question."""
    try:
        asked, now = asked_of(values), changed_of(values)
    except ValueError:
        return (), {}, None
    tokens = now.reading.tokens
    swaps = {
        f"{tokens[place]} → {word}": " ".join([*tokens[:place], word, *tokens[place + 1 :]])
        for place, words in changes.swaps(now.question).items()
        for word in words
    }
    return changes.things(asked, values["changes"]), swaps, changes.negated(now.question)


def _is_grey(values: Mapping[str, Any]) -> bool:
    try:
        return changed_of(values).sight.grey
    except ValueError:
        return False


def _menu(c: Controls, name: str, label: str, options: list[str], change: Any, text: str) -> None:
    key = c.key(name)
    st.selectbox(
        label,
        options,
        index=None,
        key=key,
        placeholder=label,
        label_visibility="collapsed",
        disabled=not options,
        on_change=lambda: _take(c, key, change, text),
    )


def _take(c: Controls, key: str, change: Any, text: str) -> None:
    chosen = st.session_state.get(key)
    if chosen:
        st.session_state[key] = None
        add(c, text, change(chosen))


def _button(c: Controls, label: str, change: str | None, text: str, **more: Any) -> None:
    key = c.key(f"button-{label.lower().replace(' ', '-')}")
    st.button(label, key=key, on_click=add, args=(c, text, change), disabled=not change, **more)


def add(c: Controls, text: str, change: str | None) -> None:
    """Puts a change behind those that there are; a thing that is moved again has only moved once.

    change: empty or None where there is none, as from a button that was pressed just before it was switched off.
    """
    if not change:
        return
    items = [item.strip() for item in text.split(";") if item.strip()]
    if items and change.startswith("move ") and items[-1].split()[:3] == change.split()[:3]:
        items.pop()
    try:
        _set(c, changes.with_change("; ".join(items), change))
    except ValueError as error:
        st.toast(str(error))


def _set(c: Controls, text: str) -> None:
    c.follow(changes=text, selected="")
