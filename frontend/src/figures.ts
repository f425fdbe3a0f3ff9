// What the server wrote into the page for the map, and the geometry that goes with it.
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";

export interface Figures {
  circles: [radius: number, longitude: number, latitude: number][];
  marks: [verdict: string, longitude: number, latitude: number][];
  height: number;
  names: [name: string, longitude: number, latitude: number][];
  bounds: [west: number, south: number, east: number, north: number];
}

interface Properties {
  geoid: string;
  county?: string;
}

export interface Town {
  geoid: string;
  name: string;
  key: string;
  text: string;
}

export type Towns = FeatureCollection<Polygon | MultiPolygon, Town>;
type Geometry = FeatureCollection<Polygon | MultiPolygon, Properties>;

export function readFigures(): Figures | undefined {
  const text = document.getElementById("map-figures")?.textContent;
  return text ? (JSON.parse(text) as Figures) : undefined;
}

export async function readGeometry(href: string): Promise<Geometry> {
  const answer = await fetch(href);
  if (!answer.ok) throw new Error(`${href} answered ${answer.status}`);
  return (await answer.json()) as Geometry;
}

/** The towns as the server's drawing has them: its links say their sentence, its paths their class. */
export function readTowns(stage: HTMLElement): Map<string, Town> {
  const links = stage.querySelectorAll<SVGAElement>("svg a[href^='/places/']");
  return new Map(
    [...links].map((link) => {
      const geoid = link.getAttribute("href")?.split("/").pop() ?? "";
      const text = link.getAttribute("aria-label") ?? "";
      const key = link.firstElementChild?.getAttribute("class")?.replace(/^k-/, "") ?? "";
      return [geoid, { geoid, name: text.split(": ", 1)[0] ?? "", key, text }];
    }),
  );
}

/** Points with what is drawn on them, as MapLibre reads them. */
export function points<T>(list: [value: T, longitude: number, latitude: number][]): FeatureCollection {
  const features = list.map(
    ([value, longitude, latitude]): Feature => ({
      type: "Feature",
      properties: { value },
      geometry: { type: "Point", coordinates: [longitude, latitude] },
    }),
  );
  return { type: "FeatureCollection", features };
}

/** The towns' shapes with their figures. A shape without a figure is left out: it would be drawn as nothing known. */
export function join(geometry: Geometry, known: Map<string, Town>): Towns {
  const features = geometry.features.flatMap((shape): Feature<Polygon | MultiPolygon, Town>[] => {
    const town = known.get(shape.properties.geoid);
    return town ? [{ type: "Feature", geometry: shape.geometry, properties: town }] : [];
  });
  return { type: "FeatureCollection", features };
}

/** The edges between towns of different counties, and those that only one town has: the outlines of the counties. */
export function countyLines(geometry: Geometry): Feature {
  const edges = new Map<string, { line: Position[]; counties: Set<string>; towns: number }>();
  for (const { geometry: shape, properties } of geometry.features) {
    const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
    for (const ring of polygons.flat()) {
      for (let i = 1; i < ring.length; i++) {
        const line = [ring[i - 1] as Position, ring[i] as Position];
        const key = line.map(String).sort().join(" ");
        const edge = edges.get(key) ?? { line, counties: new Set<string>(), towns: 0 };
        edge.counties.add(properties.county ?? "");
        edge.towns += 1;
        edges.set(key, edge);
      }
    }
  }
  const lines = [...edges.values()].filter((edge) => edge.towns === 1 || edge.counties.size > 1);
  return {
    type: "Feature",
    properties: {},
    geometry: { type: "MultiLineString", coordinates: lines.map((edge) => edge.line) },
  };
}
