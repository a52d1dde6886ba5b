"""The shell around every lesson: menu, themes, lecture mode, and the net that catches a failing page.

This is the script that Streamlit runs for every session.
"""

import logging
import time

import streamlit as st

from dlcore.lessons import ROOT, Entry, discover
from dlcore.ui import address, home, metrics, toolbar
from dlcore.ui.turns import turns

log = logging.getLogger(__name__)


def run() -> None:
    """One run of the app's script for one reader, when it is their turn."""
    asked = time.perf_counter()
    with turns().taken():
        _run(asked)


def _run(asked: float) -> None:
    st.set_page_config(page_title="Descent", page_icon=str(ROOT / "assets/shell/icon.png"), layout="wide")
    entries = discover()
    # A flat menu: a lesson is one click away, and section headings of Streamlit's are no valid list for screen readers.
    menu = [st.Page(home.page(entries), title="Descent", url_path="home", default=True)]
    menu += [_page(entry) for entry in entries if entry.lesson]
    chosen = st.navigation(menu, position="hidden" if address.lecture() else "top")
    _style()
    # Only where the host has named who knows the readers, in Streamlit's secrets, is there anything to log in to.
    if not st.user.get("is_logged_in", True):
        _ask_to_log_in()
        return
    page = chosen.url_path or "home"
    try:
        with metrics.SCRIPTS.taken(page, asked):
            chosen.run()
    except Exception:
        # A reader gets a sentence, the host gets the trace, and every other page goes on working.
        metrics.FAILURES.note(page)
        log.exception("the page %r failed", chosen.title, extra={"page": page})
        st.error(f"“{chosen.title}” met an error and stopped here. The other lessons work; reload to try it again.")


def _ask_to_log_in() -> None:
    st.markdown("This server is for a class. Log in, and what you came for opens.")
    toolbar.want()
    st.button("Log in", key="shell.login", type="primary", on_click=st.login)


def _page(entry: Entry):
    assert entry.lesson is not None
    return st.Page(entry.path, title=entry.lesson.title, url_path=entry.slug)


def _style() -> None:
    st.html(ROOT / "assets/shell/shell.css")
    if address.lecture():
        st.html(ROOT / "assets/shell/lecture.css")


if __name__ == "__main__":
    run()
