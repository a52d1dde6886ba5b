"""What a reader sees of the lesson on backpropagation, and what a hand does there: numbers at nodes, notes, clicks."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator

from benchmarks._browser import Screen
from dlcore.numerals import compact
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.walk import Walk
from tests.pages.backprop_page import TITLES
from tests.pages.stages import written

NEURON = BackpropConfig()
TEXTBOOK = BackpropConfig(network="textbook", lr=0.5)
# All that one frame of the walk says. A node's value stands in its box, its gradient below it.
SEEN = """() => {
  const { views, k } = window.__descent.player;
  const { element, targets, spec } = views.get("graph");
  const { xaxis, yaxis } = element._fullLayout;
  const plane = element.querySelector(".nsewdrag").getBoundingClientRect();
  const size = element._fullData[spec.rings[0]].marker.size;
  const layer = element.classList.contains("dp-moving") ? ".dp-live" : ".scatterlayer";
  const words = [...element.querySelectorAll(`${layer} text`)].map((text) => {
    const box = text.getBoundingClientRect();
    return [text.textContent.replaceAll("\\u200b", ""), box.x + box.width / 2, box.y + box.height / 2];
  });
  const [values, gradients] = [{}, {}];
  for (const [key, [x, y, ...more]] of targets) {
    if (more.length) continue;
    const [cx, cy] = [plane.x + xaxis.d2p(x), plane.y + yaxis.d2p(y)];
    for (const [word, wx, wy] of words) {
      if (!word || Math.abs(wx - cx) > 3 || Math.abs(wy - cy) > size) continue;
      if (Math.abs(wy - cy) < size / 4) values[key] = word;
      else if (wy > cy) gradients[key] = word;
    }
  }
  const said = (place) => [...document.querySelectorAll(place)].map((item) => item.textContent);
  return {
    values, gradients, line: said(".dp-program [aria-current] span").join().trim(),
    title: said(".dp-notes h4").join(), lines: said(".dp-lines > div"), label: said(".dp-bar output").join(), k,
  };
}"""
# A point on the screen: a share of the way along a part's line in the graph, or a place in the units of another plot.
PLACE = """([view, key, share, at]) => {
  const { element, targets } = window.__descent.player.views.get(view);
  const { xaxis, yaxis } = element._fullLayout;
  const plane = element.querySelector(".nsewdrag").getBoundingClientRect();
  const line = at ?? targets.find(([name]) => name === key)[1];
  const [x0, y0, x1, y1] = line.length > 2 ? line : [...line, ...line];
  return [plane.x + xaxis.d2p(x0 + share * (x1 - x0)), plane.y + yaxis.d2p(y0 + share * (y1 - y0))];
}"""


def link(**values: Any) -> str:
    """An address of the lesson; a link that names anything does not play by itself."""
    texts = written(TITLES, **values)
    return "backprop?" + urlencode({f"backprop.{name}": text for name, text in texts.items()}, doseq=True)


def seen(screen: Screen) -> dict[str, Any]:
    """All that the present frame says: values and gradients by node, the program's line, the note, the label."""
    return screen.page.evaluate(SEEN)


def values(screen: Screen) -> dict[str, str]:
    """The numbers in the boxes, by node."""
    return seen(screen)["values"]


def values_of(walk: Walk, k: int) -> dict[str, str]:
    """The numbers that belong in the boxes at a frame, by node."""
    drawn = {walk.net.graph.nodes[index].name for index in walk.net.places}
    return {s.key: compact(s.what.number) for s in walk.values if s.start <= k < s.end and s.key in drawn}


def place(screen: Screen, key: str, share: float = 0.5) -> tuple[float, float]:
    """Where a node is on the screen, or a point on an edge."""
    x, y = screen.page.evaluate(PLACE, ["graph", key, share, None])
    return x, y


def plotted(screen: Screen, view: str, x: float, y: float) -> tuple[float, float]:
    """Where a point of a side view lies on the screen."""
    px, py = screen.page.evaluate(PLACE, [view, "", 0, [x, y]])
    return px, py


def click(screen: Screen, key: str, share: float = 0.5) -> None:
    """Clicks a node, or a point on an edge."""
    screen.page.mouse.click(*place(screen, key, share))


def control(screen: Screen, name: str) -> Locator:
    return screen.control(name, "backprop")


def choose(screen: Screen, name: str, title: str) -> None:
    """Presses one of a few options side by side, and waits for the new picture."""
    before = screen.draws
    control(screen, name).get_by_role("radio", name=title, exact=True).click()
    screen.drawn(before)


def write(screen: Screen, name: str, text: str) -> None:
    """Types into a field of the rail."""
    field = control(screen, name).get_by_role("textbox")
    field.fill(text)
    field.press("Enter")


def title(screen: Screen) -> Locator:
    """What the note is about."""
    return screen.page.locator(".dp-notes h4")


def notes(screen: Screen) -> Locator:
    return screen.page.locator(".dp-lines > div")


def shown(screen: Screen) -> Locator:
    """The list of all parts, which says which one is selected."""
    return screen.page.locator(".dp-choice select")


def field(screen: Screen, label: str) -> Locator:
    """The input of the note whose label begins so."""
    return screen.page.locator(".dp-notes form", has_text=label).locator("input")


def alerts(screen: Screen) -> Locator:
    return screen.page.get_by_test_id("stAlert")


def says(**wanted: str) -> re.Pattern[str]:
    """An address in which these controls have these texts."""
    parts = urlencode({f"backprop.{name}": text for name, text in wanted.items()})
    return re.compile("".join(rf"(?=.*[?&]{re.escape(part)}(&|$))" for part in parts.split("&")))


def lacks(*names: str) -> re.Pattern[str]:
    """An address without these controls."""
    return re.compile(rf"^(?!.*backprop\.({'|'.join(names)})=)")


def numbers(shown: Mapping[str, str]) -> dict[str, float]:
    """What is written in the picture, as numbers."""
    return {key: float(text.replace("−", "-").removeprefix("≠")) for key, text in shown.items()}
