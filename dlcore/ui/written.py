"""What the page itself has given its controls, until the browser has it.

The browser sends the values of all its widgets with whatever the reader does. What it says before a value of the
script's has reached it would undo that value: a scene would be left where the player comes to rest just as it is
entered. So a hidden widget carries a number along: how much of what was written the browser has heard of.
"""

from typing import Any, NamedTuple

import streamlit as st


class Entry(NamedTuple):
    """What a widget was given; number: when, counted in writings; before: what the browser had there."""

    number: int
    before: Any
    value: Any


class Written:
    """The values that the page of a lesson has written into its session; `name` is the hidden widget's key."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: dict[str, Entry] = st.session_state.setdefault(f"{name}-entries", {})
        if name not in st.session_state:  # the page was left, and with it the hidden widget and what it had heard of
            self._entries.clear()

    @property
    def _count(self) -> int:
        return max((entry.number for entry in self._entries.values()), default=0)

    def _unheard(self, key: str) -> Entry | None:
        """The entry of a key, if the browser has not had it and its reader has not given it another value."""
        entry = self._entries.get(key)
        if entry is None or entry.number <= st.session_state.get(self.name, 0):
            return None
        return entry

    def _is_undone(self, key: str, entry: Entry) -> bool:
        return st.session_state.get(key) == entry.before

    def get(self, key: str, default: Any) -> Any:
        """The value of a key, and of one that the browser has just undone without knowing of it what was written."""
        entry = self._unheard(key)
        if entry is not None and self._is_undone(key, entry):
            return entry.value
        return st.session_state.get(key, default)

    def set(self, **values: Any) -> None:
        """Writes all of these at once; to be called from callbacks, before the widgets are drawn."""
        number = self._count + 1
        for key, value in values.items():
            unheard = self._unheard(key)
            before = unheard.before if unheard else st.session_state.get(key)
            self._entries[key] = Entry(number, before, value)
            st.session_state[key] = value

    def again(self) -> None:
        """Writes anew what the browser has undone without knowing of it; to be called before the widgets are drawn."""
        for key in self._entries:
            entry = self._unheard(key)
            if entry is not None and self._is_undone(key, entry):
                st.session_state[key] = entry.value

    def ask(self) -> None:
        """Lets the browser say from now on that it has all that was written; to be called after all widgets."""
        st.session_state[self.name] = self._count
        st.number_input("Heard of", min_value=0, step=1, key=self.name)
