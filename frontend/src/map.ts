// The map island: takes the place of the server's SVG where WebGL works, and leaves it alone where anything fails.
import type { ExpressionSpecification, Map as MapLibreMap, MapMouseEvent, StyleSpecification } from "maplibre-gl";
import { countyLines, join, points, readFigures, readGeometry, readTowns, type Figures, type Town } from "./figures.ts";
import { COLOURS, STATES, VERDICTS, colour, mark, tile } from "./palette.ts";
import { PADDING, Tip, buttons, names } from "./map-parts.ts";

const HAS_COLOUR: ExpressionSpecification = ["in", ["get", "key"], ["literal", COLOURS]];
const SCHEMES = ["(prefers-color-scheme: dark)", "(forced-colors: active)"];

function style(towns: GeoJSON.FeatureCollection, lines: GeoJSON.Feature, figures: Figures): StyleSpecification {
  return {
    version: 8,
    sources: {
      towns: { type: "geojson", data: towns, promoteId: "geoid", tolerance: 0.2 },
      lines: { type: "geojson", data: lines, tolerance: 0.2 },
      circles: { type: "geojson", data: points(figures.circles) },
      marks: { type: "geojson", data: points(figures.marks) },
    },
    layers: [
      { id: "ground", type: "background" },
      { id: "rates", type: "fill", source: "towns", filter: HAS_COLOUR },
      {
        id: "states",
        type: "fill",
        source: "towns",
        filter: ["!", HAS_COLOUR],
        paint: { "fill-pattern": ["get", "key"] },
      },
      { id: "boundaries", type: "line", source: "towns", paint: { "line-width": 0.9 } },
      { id: "counties", type: "line", source: "lines", paint: { "line-width": 0.9, "line-opacity": 0.55 } },
      {
        id: "circles",
        type: "circle",
        source: "circles",
        layout: { "circle-sort-key": ["-", 0, ["get", "value"]] },
        paint: { "circle-opacity": 0.5, "circle-stroke-width": 1.2, "circle-radius": 0 },
      },
      {
        id: "marks",
        type: "symbol",
        source: "marks",
        layout: { "icon-image": ["get", "value"], "icon-allow-overlap": true, "icon-ignore-placement": true },
      },
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
function paint(map: MapLibreMap, view: string): void {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const images = [
    ...STATES.map((state): [string, ImageData] => [state, tile(state, ratio)]),
    ...VERDICTS.map((verdict): [string, ImageData] => [verdict, mark(verdict, ratio)]),
  ];
  for (const [name, image] of images) {
    if (map.hasImage(name)) map.updateImage(name, image);
    else map.addImage(name, image, { pixelRatio: image.width / Math.round(image.width / ratio) });
  }
  const classes = COLOURS.flatMap((key): [ExpressionSpecification, string] => [["==", ["get", "key"], key], colour(`k-${key}`)]);
  map.setPaintProperty("rates", "fill-color", ["case", ...classes, colour("paper")] as unknown as ExpressionSpecification);
  map.setPaintProperty("ground", "background-color", colour("paper-soft"));
  map.setPaintProperty("boundaries", "line-color", colour(view === "rate" ? "k-boundary" : "k-edge"));
  map.setPaintProperty("counties", "line-color", colour("k-outline"));
  map.setPaintProperty("circles", "circle-color", colour("k-circle"));
  map.setPaintProperty("circles", "circle-stroke-color", colour("k-circle"));
  map.setPaintProperty("pointed", "line-color", colour("ink"));
}

/** Circles are as large beside the state as in the server's drawing, and grow with the map, all in proportion. */
function radius(map: MapLibreMap, { bounds: [west, south, east, north], height }: Figures): ExpressionSpecification {
  const top = map.project([(west + east) / 2, north]).y;
  const scale = (map.project([(west + east) / 2, south]).y - top) / height;
  const at = (zoom: number): [number, ExpressionSpecification] => [
    map.getZoom() + zoom,
    ["*", scale * 2 ** zoom, ["get", "value"]],
  ];
  return ["interpolate", ["exponential", 2], ["zoom"], ...at(0), ...at(6)];
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
  const { view = "" } = stage.dataset;
  const towns = readTowns(stage);
  const [geometry, engine] = await Promise.all([readGeometry(href), import("./engine.ts")]);
  engine.setWorkerUrl(new URL(worker, window.location.href).href);
  const shape = stage.querySelector("svg")?.viewBox.baseVal;
  stage.classList.add("map-stage--live");
  fit(canvas, shape ? shape.height / shape.width : 1);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new engine.Map({
    container: canvas,
    style: style(join(geometry, towns), countyLines(geometry), figures),
    bounds: figures.bounds,
    fitBoundsOptions: { padding: PADDING },
    minZoom: 4,
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
  // A state is looked at from afar, a city from near: as far in as a few steps from where all of it is seen.
  map.setMaxZoom(Math.max(10.5, map.getZoom() + 3));
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.once("style.load", () => {
    paint(map, view);
    map.setPaintProperty("circles", "circle-radius", radius(map, figures));
  });
  map.once("load", () => {
    for (const query of SCHEMES) window.matchMedia(query).addEventListener("change", () => paint(map, view));
    canvas.append(names(map, figures.names));
    pointing(map, stage);
    stage.append(buttons(map, figures.bounds, still, stage.dataset["sayWhole"] ?? "Show the whole state"));
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
