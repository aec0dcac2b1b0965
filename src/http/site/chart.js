// One uPlot in its place: follows the width, the light and the time zone, and answers to the keyboard.

import { colours } from "./look.js";

const uPlot = globalThis.uPlot;

/** A drawing. `make(width, colours)` gives uPlot's options; `heard(index)` hears where the cursor is. */
export class Chart {
  constructor(host, label, make, data, heard) {
    Object.assign(this, { host, make, data, heard });
    host.tabIndex = 0;
    host.setAttribute("role", "group");
    host.setAttribute("aria-label", `${label}. Arrow keys move the cursor, Escape shows all.`);
    host.addEventListener("keydown", (event) => this.key(event));
    this.redraw = () => this.draw();
    document.addEventListener("look", this.redraw);
    this.watcher = new ResizeObserver(() => this.fit());
    this.watcher.observe(host);
    this.draw();
  }

  draw() {
    if (!this.host.isConnected && this.drawn) return this.leave();
    this.drawn?.destroy();
    this.width = Math.floor(this.host.clientWidth) || 600;
    const options = this.make(this.width, colours());
    options.hooks = { ...options.hooks, setCursor: [(u) => this.heard?.(u.cursor.idx ?? null)] };
    this.drawn = new uPlot(options, this.data, this.host);
  }

  fit() {
    const width = Math.floor(this.host.clientWidth);
    if (width > 0 && width !== this.width && this.drawn) {
      this.width = width;
      this.drawn.setSize({ width, height: this.drawn.height });
    }
  }

  /** New data; where the reader has zoomed in, the view stays. */
  feed(data) {
    const { min, max } = this.drawn.scales.x;
    const old = this.data[0];
    const whole = old.length === 0 || (min <= old[0] && max >= old[old.length - 1]);
    this.data = data;
    this.drawn.setData(data, whole);
  }

  key(event) {
    const u = this.drawn;
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    if (event.key === "Escape") return void u.setData(this.data);
    if (!step || u.data[0].length === 0) return;
    event.preventDefault();
    const last = u.data[0].length - 1;
    const from = u.cursor.idx ?? (step > 0 ? -1 : last + 1);
    const to = Math.min(last, Math.max(0, from + step));
    u.setCursor({ left: u.valToPos(u.data[0][to], "x"), top: u.over.clientHeight / 2 });
  }

  leave() {
    document.removeEventListener("look", this.redraw);
    this.watcher.disconnect();
    this.drawn?.destroy();
    this.drawn = null;
  }
}
