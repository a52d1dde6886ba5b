// Frames that are still being computed: they come in chunks, fill the stage's pending arrays, and can be scrubbed at once.

import { readStream } from "./pack.js";

/** How a run may have ended: by itself, or before its last frame. */
const CUT_SHORT = ["stopped", "failed"];

export class Feed {
  /** on: arrived(first, count), ended(), failed(error). */
  constructor(on) {
    Object.assign(this, { on, stream: "", ready: 0, ended: "", words: [] });
  }

  /**
   * Takes a new stage. One that shows the same run goes on where the last one stood; another run is to be read anew.
   * goesOn: it is another run of the same settings, so that what has come of the one before is true of it, too.
   */
  take(header, before, goesOn) {
    const pending = header.arrays.filter((field) => field.pending);
    const same = header.stream && (goesOn || header.stream === this.stream) && carriedOver(pending, before.arrays);
    this.isNew = header.stream !== this.stream || !same;
    this.fields = pending;
    this.stops = header.stops;
    this.count();
    if (!this.isNew) return;
    this.abort?.abort();
    if (!same) for (const { data } of pending) if (data instanceof Float32Array) data.fill(NaN); // nothing is drawn yet
    Object.assign(this, { stream: header.stream, ready: same ? this.ready : 0, ended: "", words: [] });
    this.count();
  }

  /** Reads the frames of a run that is new, now that there are views to draw them. */
  async listen() {
    if (!this.stream || !this.isNew) return;
    this.isNew = false;
    this.abort = new AbortController();
    const { signal } = this.abort;
    try {
      await readStream(new URL(this.stream, document.baseURI), signal, (chunk) => signal.aborted || this.hear(chunk));
    } catch (error) {
      if (error.name !== "AbortError" && !signal.aborted) this.fail(error);
    }
    if (this.abort.signal !== signal) return; // another run has begun
    this.ended ||= "stopped"; // the connection was lost, or closed by the reader
    this.on.ended();
  }

  hear({ start, count, said, ended, pending, arrays }) {
    if (said !== undefined && said !== this.words.at(-1)?.said) this.words.push({ start, said, last: Boolean(ended) });
    for (const field of this.fields) if (count) field.fill(start, arrays[pending[field.pending].$]);
    this.ready = Math.max(this.ready, start + count);
    this.count();
    if (ended) this.ended = ended;
    this.on.arrived(start, count);
  }

  /** Tells the arrays how many of their rows are there. */
  count() {
    for (const field of this.fields) field.ready = this.ready;
  }

  fail(error) {
    this.ended = "failed";
    this.words.push({ start: 0, said: error.message, last: true });
    this.on.arrived(0, 0);
  }

  /** What the run has said by frame k; its last word is said at once. */
  said(k) {
    return this.words.filter(({ start, last }) => last || start <= Math.max(k, 0)).at(-1)?.said ?? "";
  }

  /** Whether the run ended before its last frame, and may be taken up again. */
  get canGoOn() {
    return CUT_SHORT.includes(this.ended) && Boolean(this.stops);
  }

  /** No more frames are wanted. Work that goes on without a reader is told to end, too. */
  stop() {
    if (this.stops) fetch(new URL(this.stops, document.baseURI), { method: "POST" });
    else this.abort?.abort();
  }

  remove() {
    this.abort?.abort();
  }
}

/** Puts what has arrived into the new stage's arrays, if they are of the same kinds; whether they are. */
function carriedOver(pending, known) {
  const partners = pending.map((field) => known.find((old) => old.pending === field.pending && `${old.shape}` === `${field.shape}`));
  if (!partners.every(Boolean)) return false;
  pending.forEach((field, i) => field.data.set(partners[i].data));
  return true;
}
