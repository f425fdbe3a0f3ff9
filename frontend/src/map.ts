// The map island: takes the place of the server's SVG where WebGL works, and leaves it alone where anything fails.
import type { ExpressionSpecification, Map as MapLibreMap, MapMouseEvent, StyleSpecification } from "maplibre-gl";
import { countyLines, join, readFigures, readGeometry, type Figures, type Town } from "./figures.ts";
import { RATES, STATES, colour, tile } from "./palette.ts";
import { Tip, buttons, names } from "./map-parts.ts";

const IS_RATE: ExpressionSpecification = ["in", ["get", "key"], ["literal", RATES]];
const SCHEMES = ["(prefers-color-scheme: dark)", "(forced-colors: active)"];

function style(towns: GeoJSON.FeatureCollection, lines: GeoJSON.Feature): StyleSpecification {
  return {
    version: 8,
    sources: {
      towns: { type: "geojson", data: towns, promoteId: "geoid", tolerance: 0.2 },
      lines: { type: "geojson", data: lines, tolerance: 0.2 },
    },
    layers: [
      { id: "ground", type: "background" },
      { id: "rates", type: "fill", source: "towns", filter: IS_RATE },
      {
        id: "states",
        type: "fill",
        source: "towns",
        filter: ["!", IS_RATE],
        paint: { "fill-pattern": ["get", "key"] },
      },
      { id: "boundaries", type: "line", source: "towns", paint: { "line-width": 0.9 } },
      { id: "counties", type: "line", source: "lines", paint: { "line-width": 0.9, "line-opacity": 0.55 } },
      {
        id: "pointed",
        type: "line",
        source: "towns",
        layout: { "line-join": "round" },
        paint: { "line-width": ["case", ["boolean", ["feature-state", "pointed"], false], 3, 0] },
      },
    ],
  };
}

/** Colours and patterns from the page's custom properties; again whenever the scheme changes. */
function paint(map: MapLibreMap): void {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  for (const state of STATES) {
    const image = tile(state, ratio);
    if (map.hasImage(state)) map.updateImage(state, image);
    else map.addImage(state, image, { pixelRatio: image.width / Math.round(image.width / ratio) });
  }
  const classes = RATES.flatMap((key): [ExpressionSpecification, string] => [["==", ["get", "key"], key], colour(`k-${key}`)]);
  map.setPaintProperty("rates", "fill-color", ["case", ...classes, colour("paper")] as unknown as ExpressionSpecification);
  map.setPaintProperty("ground", "background-color", colour("paper-soft"));
  map.setPaintProperty("boundaries", "line-color", colour("k-boundary"));
  map.setPaintProperty("counties", "line-color", colour("k-outline"));
  map.setPaintProperty("pointed", "line-color", colour("ink"));
}

function pointing(map: MapLibreMap, stage: HTMLElement): void {
  const tip = new Tip(stage);
  let at: string | undefined;
  let touch = false;

  const leave = (): void => {
    if (at !== undefined) map.setFeatureState({ source: "towns", id: at }, { pointed: false });
    at = undefined;
    map.getCanvas().style.cursor = "";
    tip.hide();
  };
  const townAt = (event: MapMouseEvent): Town | undefined =>
    map.queryRenderedFeatures(event.point, { layers: ["rates", "states"] })[0]?.properties as Town | undefined;
  const point = (event: MapMouseEvent): Town | undefined => {
    const town = townAt(event);
    if (town?.geoid !== at) {
      leave();
      if (town) {
        at = town.geoid;
        map.setFeatureState({ source: "towns", id: at }, { pointed: true });
        map.getCanvas().style.cursor = "pointer";
      }
    }
    if (town) tip.show(town, event.point.x, event.point.y, touch);
    return town;
  };

  map.getCanvas().addEventListener("pointerdown", (event) => {
    touch = event.pointerType === "touch";
  });
  map.on("mousemove", (event) => {
    if (!touch) point(event);
  });
  map.on("mouseout", leave);
  map.on("movestart", leave);
  map.on("click", (event) => {
    // A finger cannot hover: its first tap says the figure, its second on the same town opens the page.
    const before = at;
    const town = point(event);
    if (town && (!touch || before === town.geoid)) window.location.assign(`/places/${town.geoid}`);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
}

/** The height that shows the whole state at the width there is, and no more than the window. */
function fit(canvas: HTMLElement, ratio: number): void {
  const most = Math.max(384, Math.min(752, window.innerHeight * 0.82));
  canvas.style.height = `${Math.round(Math.min(most, Math.max(288, canvas.clientWidth * ratio + 40)))}px`;
}

async function start(stage: HTMLElement, canvas: HTMLElement, figures: Figures): Promise<void> {
  const { geometry: href = "", worker = "", label = "" } = stage.dataset;
  const [geometry, engine] = await Promise.all([readGeometry(href), import("./engine.ts")]);
  engine.setWorkerUrl(new URL(worker, window.location.href).href);
  const shape = stage.querySelector("svg")?.viewBox.baseVal;
  stage.classList.add("map-stage--live");
  fit(canvas, shape ? shape.height / shape.width : 1);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new engine.Map({
    container: canvas,
    style: style(join(geometry, figures), countyLines(geometry)),
    bounds: figures.bounds,
    fitBoundsOptions: { padding: 20 },
    minZoom: 4,
    maxZoom: 10.5,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: false,
    doubleClickZoom: false, // a second tap opens the town
    cooperativeGestures: true,
    fadeDuration: still ? 0 : 150,
    locale: {
      "Map.Title": `Map. ${label} The table on this page has the same figures. Arrow keys move the map, plus and minus zoom.`,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.once("style.load", () => paint(map));
  map.once("load", () => {
    for (const query of SCHEMES) window.matchMedia(query).addEventListener("change", () => paint(map));
    canvas.append(names(map, figures.names));
    pointing(map, stage);
    stage.append(buttons(map, figures.bounds, still));
    stage.dataset["ready"] = "true";
  });
  map.on("error", ({ error }) => console.warn(error.message));
}

function webgl(): boolean {
  return new OffscreenCanvas(1, 1).getContext("webgl2") !== null;
}

const stage = document.getElementById("map-stage");
const canvas = document.getElementById("map-canvas");
const figures = readFigures();
const sparing = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
if (stage && canvas && figures && !sparing && webgl()) {
  start(stage, canvas, figures).catch((error: unknown) => {
    stage.classList.remove("map-stage--live"); // the SVG is still there and says the same
    canvas.replaceChildren();
    console.warn("The interactive map could not start.", error);
  });
}
