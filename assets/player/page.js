// What the player needs of the page around it: Plotly.js, its own style sheet, and which theme is on.

const here = new URL(".", import.meta.url);

let plotly;
/** Plotly.js as the installed Python package ships it, loaded once a page. */
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

/** The style sheet lies beside this file; waiting for it keeps the first picture from jumping. */
export const styled = new Promise((done) => {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: new URL("player.css", here), onload: done, onerror: done });
  document.head.append(link);
});

/** Streamlit gives the theme as CSS variables; a dark ground is one whose channels are low. */
export function isDark(element) {
  const ground = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = ground || "#fff";
  const [r, g, b] = probe.fillStyle.match(/\w\w/g).map((hex) => parseInt(hex, 16));
  return r + g + b < 3 * 128;
}

/** As tall as leaves controls, picture and transport bar on one screen; it never follows the page's content. */
export function fit(root) {
  const main = root.closest("[data-testid=stMain]");
  const top = root.getBoundingClientRect().top + (main?.scrollTop ?? 0);
  const rest = root.classList.contains("dp-lecture") ? 150 : 112;
  root.style.setProperty("--dp-height", `${Math.min(Math.max(innerHeight - top - rest, 340), 900)}px`);
}

/** Calls `then` once the page's script has run: until then what stands above may still grow or shrink. */
export function whenStill(root, then) {
  const app = root.closest("[data-testid=stApp]");
  if (app?.dataset.testScriptState === "running") setTimeout(() => whenStill(root, then), 50);
  else requestAnimationFrame(then);
}

/** Hands the reader a file. */
export function download(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
