// What the player needs of the page around it: Plotly.js, its own style sheet, and which theme is on.

const here = new URL(".", import.meta.url);

let plotly;
/** Plotly.js as the installed Python package ships it, loaded once a page, and only where a stage has a plot. */
export function loadPlotly() {
  plotly ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = new URL("../plotly.min.js", here);
    script.onload = () => done(window.Plotly);
    script.onerror = () => fail(new Error("plotly.min.js did not load"));
    document.head.append(script);
  });
  return plotly;
}

const sheet = (name) => new Promise((done) => {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: new URL(name, here), onload: done, onerror: done });
  document.head.append(link);
});

/** The style sheets lie beside this file; waiting for them keeps the first picture from jumping. */
export const styled = Promise.all(["player.css", "flow.css"].map(sheet));

/** Streamlit gives the theme as CSS variables; a dark ground is one whose channels are low. */
export function isDark(element) {
  const ground = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = ground || "#fff";
  const [r, g, b] = probe.fillStyle.match(/\w\w/g).map((hex) => parseInt(hex, 16));
  return r + g + b < 3 * 128;
}

/** As tall as leaves controls, picture and transport bar on one screen. */
export function fit(root) {
  const main = root.closest("[data-testid=stMain]");
  const top = root.getBoundingClientRect().top + (main?.scrollTop ?? 0);
  const [rest, least] = root.classList.contains("dp-lecture") ? [150, 320] : [112, 340];
  root.style.setProperty("--dp-height", `${Math.min(Math.max(innerHeight - top - rest, least), 900)}px`);
}

/**
 * Keeps that height with the window, and until the reader's first hand with what stands above: on a slow machine
 * parts of that come, or grow, after the picture. Later nothing moves under a hand. Returns what ends it.
 */
export function keepFit(root) {
  const main = root.closest("[data-testid=stMain]");
  // Not at once: a size that is changed while sizes are told is told a frame late, as an error.
  const above = new ResizeObserver(() => requestAnimationFrame(() => fit(root)));
  for (let part = root.parentElement; part && part !== main; part = part.parentElement) above.observe(part, { box: "border-box" });
  const [ended, touched] = [new AbortController(), () => above.disconnect()];
  for (const hand of ["pointerdown", "keydown"]) addEventListener(hand, touched, { capture: true, signal: ended.signal });
  addEventListener("resize", () => fit(root), { signal: ended.signal });
  return () => {
    ended.abort();
    touched();
  };
}

/** Hands the reader a file. */
export function download(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
