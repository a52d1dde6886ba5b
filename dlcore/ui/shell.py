"""The shell around every lesson: menu, themes, lecture mode, and the net that catches a failing page.

This is the script that Streamlit runs for every session.
"""

import logging

import streamlit as st

from dlcore.lessons import ROOT, Entry, discover
from dlcore.ui import address, home

log = logging.getLogger(__name__)


def run() -> None:
    """One run of the app's script for one reader."""
    st.set_page_config(page_title="Descent", page_icon=str(ROOT / "assets/shell/icon.png"), layout="wide")
    entries = discover()
    # A flat menu: a lesson is one click away, and section headings of Streamlit's are no valid list for screen readers.
    menu = [st.Page(home.page(entries), title="Descent", url_path="home", default=True)]
    menu += [_page(entry) for entry in entries if entry.lesson]
    chosen = st.navigation(menu, position="hidden" if address.lecture() else "top")
    _style()
    try:
        chosen.run()
    except Exception:
        # A reader gets a sentence, the host gets the trace, and every other page goes on working.
        log.exception("the page %r failed", chosen.title)
        st.error(f"“{chosen.title}” met an error and stopped here. The other lessons work; reload to try it again.")


def _page(entry: Entry):
    assert entry.lesson is not None
    return st.Page(entry.path, title=entry.lesson.title, url_path=entry.slug)


def _style() -> None:
    st.html(ROOT / "assets/shell/shell.css")
    if address.lecture():
        st.html(ROOT / "assets/shell/lecture.css")


if __name__ == "__main__":
    run()
