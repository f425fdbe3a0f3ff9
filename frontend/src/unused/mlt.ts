// Stands for @maplibre/mlt in the build: MapLibre's own tile format, which a map of one GeoJSON source never reads.
export const GEOMETRY_TYPE = {};

export function decodeTile(): never {
  throw new Error("this build of the map reads no vector tiles in the MLT format");
}
