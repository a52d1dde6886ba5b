"""The player with 200 steps of 7 optimizers: its message, scrubbing, playing, and what it tells the server meanwhile.

payload_kb: the packed stage as the page hands it to the browser: 200 frames of 7 paths, an 80 x 80 surface, all views.
scrub_ms: from the scrub bar's input event to the picture changed and laid out, median; scrub_ms_p95 beside it. The
picture is 2-D: contour and curves.
frames_per_s: frames with a new step a second while it plays at speed 2, which asks for 57 steps a second.
messages_while_playing: websocket messages that the page sends while it plays.
"""

import json
import statistics
from urllib.parse import urlencode

from playwright.sync_api import Page

from benchmarks._browser import WINDOW, Screen, launch, serve

OPTIMIZERS = ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW")
NUM_STEPS = 200

# Moves the bar to 100 places, one a turn; the layout is asked for, so that the browser cannot put its work off.
SCRUB = """async () => {
  const { player } = window.__descent;
  const range = document.querySelector(".dp-bar input[type=range]");
  const taken = [];
  for (let i = 1; i <= 100; i++) {
    range.value = (i * 37) % player.header.frames;
    const begin = performance.now();
    range.dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector(".dp-main").getBoundingClientRect();
    const shown = player.k === +range.value;
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done));
    if (!shown) throw new Error("the picture did not follow");
    taken.push(performance.now() - begin);
  }
  return taken;
}"""

# Plays from the start: the times of the animation frames that show another step, and what the page sent meanwhile.
PLAY = """() => new Promise((done) => {
  const { player } = window.__descent;
  const { send } = WebSocket.prototype;
  let messages = 0;
  WebSocket.prototype.send = function (data) {
    messages += player.transport.playing;
    return send.call(this, data);
  };
  player.transport.play(0);
  const times = [];
  let last = -1;
  const look = (now) => {
    if (!player.transport.playing) return done([times, messages]);
    if (player.k !== last) times.push(now);
    last = player.k;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


def address() -> str:
    """The race to measure."""
    values = {"optimizers.optimizers": OPTIMIZERS, "optimizers.num_steps": NUM_STEPS}
    return f"optimizers?{urlencode(values, doseq=True)}"


def payload_kb(page: Page) -> float:
    """The message as it came to the component, checked to be the one that is meant."""
    header = page.evaluate("(({ frames, readouts }) => [frames, readouts.length])(window.__descent.player.header)")
    surface = page.evaluate("window.__descent.player.views.get('contour').element.data[0].z.length")
    if [*header, surface] != [NUM_STEPS + 1, len(OPTIMIZERS), 80]:
        raise RuntimeError(f"frames, paths and surface are {header}, {surface}: not what is to be measured.")
    return page.evaluate("window.__descent.player.bytes.length") / 1000


def main(argv: list[str]) -> None:
    """Measure the player on the lesson on optimizers."""
    with serve() as url, launch() as browser, browser.new_context(viewport=WINDOW) as context:
        screen = Screen(context.new_page(), url).lesson(address())
        size = payload_kb(screen.page)
        screen.page.evaluate(SCRUB)  # warm-up
        scrubs = sorted(screen.page.evaluate(SCRUB))
        screen.page.locator(".dp-bar select").select_option("2")
        times, messages = screen.page.evaluate(PLAY)
    rate = 1000 * (len(times) - 1) / (times[-1] - times[0])
    figures = {
        "payload_kb": round(size, 1),
        "scrub_ms": round(statistics.median(scrubs), 2),
        "scrub_ms_p95": round(scrubs[int(0.95 * len(scrubs))], 2),
        "frames_per_s": round(rate, 1),
        "messages_while_playing": messages,
    }
    print(
        f"{len(OPTIMIZERS)} paths, {NUM_STEPS} steps: {size:.1f} kB; {len(scrubs)} scrubs, {len(times)} frames played"
    )
    print(json.dumps(figures))
