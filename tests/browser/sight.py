"""What a reader cannot see, or only with effort: parts that are wider than a phone, text too faint for its ground."""

from typing import Any

from benchmarks._browser import Screen

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}

# Elements that are wider than what shows them, and do not scroll sideways on purpose.
OVERFLOW = """() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
  .filter((element) => element.scrollWidth > element.clientWidth)
  .map((element) => `${element.tagName} ${element.scrollWidth} > ${element.clientWidth}`)"""

# The contrast of every text in these places with its ground, where it is below 4.5: [text, contrast].
FAINT = """(places) => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => sum + part * linear(colour[i] / 255), 0);
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * (top[3] ?? 1) + under[i] * (1 - (top[3] ?? 1)));
  const groundOf = (element) => {
    if (!element) return [255, 255, 255];
    const own = rgb(getComputedStyle(element).backgroundColor);
    return (own[3] ?? 1) === 1 ? own : over(own, groundOf(element.parentElement));
  };
  const found = [];
  for (const element of document.querySelectorAll(places)) {
    const said = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const beside = element.closest("[data-testid=stSliderThumbValue]"); // not on its parent's ground
    if (!said || beside || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const plot = element.closest(".js-plotly-plot");
    const ground = plot ? rgb(getComputedStyle(plot.querySelector(".main-svg")).backgroundColor) : groundOf(element);
    const ink = over(rgb(element instanceof SVGElement ? style.fill : style.color), ground);
    const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    found.push([element.textContent.trim().slice(0, 30), Math.round(contrast * 100) / 100]);
  }
  if (found.length < 30) throw new Error(`only ${found.length} texts were looked at`);
  return found.filter(([, contrast]) => contrast < 4.5);
}"""
TEXTS = "h1, p, label, .dp-legend *, .dp-tabs button, .dp-bar *, .dt *, .js-plotly-plot text, .stButton button *"
READABLE: dict[str, list[list[Any]]] = {"light": [], "dark": []}
# The colours of a theme have come to stand still.
SETTLED = "document.getAnimations().every((one) => !(one instanceof CSSTransition))"


def faint(screen: Screen, places: str = TEXTS) -> dict[str, list[list[Any]]]:
    """The texts in these places that are too faint for their ground, in the light theme and then in the dark one."""
    found = {"light": screen.page.evaluate(FAINT, places)}
    before = screen.draws
    screen.page.emulate_media(color_scheme="dark")
    screen.drawn(before).until(f"player.theme === 'dark' && {SETTLED}")
    return {**found, "dark": screen.page.evaluate(FAINT, places)}
