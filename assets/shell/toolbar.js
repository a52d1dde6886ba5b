// The small tools beside a lesson's title, "continue where you were" on the home page, and the way back from a login.

const STORE = "descent.last";
const WANTED = "descent.wanted"; // the link that a reader came by who had to log in first

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".dt");
  if (data.kind === "wanted") sessionStorage.setItem(WANTED, location.href);
  if (data.kind === "resume") goOn() || showResume(root);
  if (data.kind !== "tools") return undefined;
  showTools(root, data);
  // The address follows the widgets a moment after they change, so it is read late and often.
  const path = location.pathname;
  const remember = () => {
    if (location.pathname === path) localStorage.setItem(STORE, JSON.stringify({ title: data.title, href: location.href }));
  };
  const timer = setInterval(remember, 1000);
  addEventListener("pagehide", remember);
  return () => {
    clearInterval(timer);
    removeEventListener("pagehide", remember);
  };
}

function showTools(root, data) {
  if (root.dataset.ready) return;
  root.dataset.ready = "1";
  const lecture = new URL(location.href).searchParams.get("lecture") === "1";
  root.innerHTML = `
    <button data-do="copy">Copy link</button><button data-do="qr">QR code</button>
    <button data-do="lecture" title="${lecture ? "Back to the menus" : "Larger type, no menus"}">${lecture ? "Leave lecture" : "Lecture mode"}</button>
    <span class="dt-device" title="Where PyTorch computes">${data.device}</span>
    <dialog aria-label="QR code of this scene"><img alt="QR code of this scene's link"><p></p><button data-do="close">Close</button></dialog>
    <span role="status" class="dt-said"></span>`;
  const dialog = root.querySelector("dialog");
  const acts = {
    copy: async () => say(root, (await copy(location.href)) ? "Link copied" : "Copy it from the address bar"),
    qr: () => {
      dialog.querySelector("img").src = new URL(`descent/qr.svg?text=${encodeURIComponent(location.href)}`, document.baseURI);
      dialog.querySelector("p").textContent = location.href;
      dialog.showModal();
    },
    lecture: () => {
      const url = new URL(location.href);
      if (lecture) url.searchParams.delete("lecture");
      else url.searchParams.set("lecture", "1");
      location.assign(url);
    },
    close: () => dialog.close(),
  };
  root.onclick = (event) => acts[event.target.dataset.do]?.();
}

/** The clipboard needs a secure page; over plain http on a classroom network the old way still works. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

function say(root, text) {
  const place = root.querySelector(".dt-said");
  place.textContent = text;
  setTimeout(() => (place.textContent = ""), 2500);
}

/** A login leads here: to the link that was wanted before it, if there was one. */
function goOn() {
  const href = sessionStorage.getItem(WANTED);
  sessionStorage.removeItem(WANTED);
  const isElsewhere = href && new URL(href).origin === location.origin && href !== location.href;
  if (isElsewhere) location.replace(href);
  return isElsewhere;
}

function showResume(root) {
  root.replaceChildren();
  let last;
  try {
    last = JSON.parse(localStorage.getItem(STORE));
  } catch {
    return; // someone else's entry under our name
  }
  if (!last || new URL(last.href).origin !== location.origin) return;
  const link = document.createElement("a");
  link.href = last.href;
  link.textContent = `Continue where you were: ${last.title}`;
  root.append(link);
}
