"""The small tools beside a lesson's title, and where the reader was, or wanted to go; all live in the browser."""

from streamlit.components.v2 import component

from dlcore.ui import server

LOADER = """
const code = import(new URL("descent/%s/shell/toolbar.js", document.baseURI));
export default function (component) {
  let stop;
  code.then((tools) => (stop = tools.default(component)));
  return () => stop && stop();
}
"""


def tools(title: str, device: str) -> None:
    """Copy link, QR code, lecture mode, and the device that computes."""
    _component()(key="shell.tools", data={"kind": "tools", "title": title, "device": device})


def resume() -> None:
    """A link to the scene that this browser saw last, if it saw one."""
    _component()(key="shell.resume", data={"kind": "resume"})


def want() -> None:
    """Has this tab remember its link over a login, which comes back to the home page."""
    _component()(key="shell.wanted", data={"kind": "wanted"})


def _component():
    html = '<div class="dt"></div>'
    return component("descent.toolbar", html=html, js=LOADER % server.version(), isolate_styles=False)
