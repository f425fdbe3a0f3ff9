// What lies over the map: the tooltip and the buttons.
import type { Map as MapLibreMap } from "maplibre-gl";
import type { Town } from "./figures.ts";

/** The tooltip. It repeats what the table says, for the eye only, and Escape hides it. */
export class Tip {
  readonly #box = document.createElement("div");
  readonly #stage: HTMLElement;

  constructor(stage: HTMLElement) {
    this.#stage = stage;
    this.#box.className = "map-tip";
    this.#box.hidden = true;
    this.#box.setAttribute("aria-hidden", "true");
    stage.append(this.#box);
  }

  show(town: Town, x: number, y: number, touch: boolean): void {
    const name = document.createElement("strong");
    name.textContent = town.name;
    const text = town.text.startsWith(`${town.name}: `) ? town.text.slice(town.name.length + 2) : town.text;
    const parts: (Node | string)[] = [name, text];
    if (touch) parts.push(document.createElement("br"), "Tap again to open its page.");
    this.#box.replaceChildren(...parts);
    this.#box.hidden = false;
    const { clientWidth, clientHeight } = this.#stage;
    const { offsetWidth, offsetHeight } = this.#box;
    const left = x + 16 + offsetWidth > clientWidth ? Math.max(8, x - 16 - offsetWidth) : x + 16;
    const top = Math.min(Math.max(8, y + 16), Math.max(8, clientHeight - offsetHeight - 8));
    this.#box.style.transform = `translate(${left}px, ${top}px)`;
  }

  hide(): void {
    this.#box.hidden = true;
  }
}

const ICONS = {
  in: "M12 5v14M5 12h14",
  out: "M5 12h14",
  whole: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
};

function button(label: string, icon: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.setAttribute("aria-label", label);
  made.title = label;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const attributes = { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "aria-hidden": "true" };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  svg.setAttribute("stroke-width", "2");
  svg.setAttribute("stroke-linecap", "round");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", icon);
  svg.append(path);
  made.append(svg);
  made.addEventListener("click", act);
  return made;
}

/** In pixels: to the right the map leaves room for its buttons. */
export const PADDING = { top: 20, right: 68, bottom: 20, left: 20 };

/** The names of towns for orientation, as HTML that follows the map; of names that would overlap, the first. */
export function names(map: MapLibreMap, towns: [name: string, longitude: number, latitude: number][]): HTMLElement {
  const box = document.createElement("div");
  box.className = "map-labels";
  box.setAttribute("aria-hidden", "true");
  const labels = towns.map(([name, longitude, latitude]) => {
    const label = document.createElement("span");
    label.className = "map-label";
    label.textContent = name;
    return { label, at: [longitude, latitude] as [number, number], width: 0, height: 0 };
  });
  box.append(...labels.map(({ label }) => label));
  const place = (): void => {
    const taken: { x: number; y: number; width: number; height: number }[] = [];
    for (const one of labels) {
      const { label } = one;
      const { x, y } = map.project(one.at);
      label.style.transform = `translate(${x - 5}px, ${y}px) translateY(-50%)`;
      // A name has a size once it is in the page, and keeps it.
      if (one.width === 0) [one.width, one.height] = [label.offsetWidth, label.offsetHeight];
      const { width, height } = one;
      const free = taken.every((t) => x >= t.x + t.width || t.x >= x + width || Math.abs(y - t.y) >= (height + t.height) / 2);
      label.style.visibility = free ? "" : "hidden";
      if (free) taken.push({ x, y, width, height });
    }
  };
  map.on("move", place);
  map.on("resize", place);
  place();
  requestAnimationFrame(place);
  return box;
}

/** Zoom in, zoom out, the whole state (`whole`: how that button is called). */
export function buttons(
  map: MapLibreMap,
  bounds: [number, number, number, number],
  still: boolean,
  whole: string,
): HTMLElement {
  const box = document.createElement("div");
  box.className = "map-buttons";
  const animate = !still;
  box.append(
    button("Zoom in", ICONS.in, () => map.zoomIn({ animate })),
    button("Zoom out", ICONS.out, () => map.zoomOut({ animate })),
    button(whole, ICONS.whole, () => map.fitBounds(bounds, { padding: PADDING, animate })),
  );
  return box;
}
