// The parts of MapLibre that the map uses, from its source, so that the map and its worker share one chunk and what is
// not used is left out. Its published bundle holds the shared code twice, which alone would fill the page's budget.
import { Map as SourceMap } from "maplibre-source/ui/map.ts";
import { config } from "maplibre-source/util/config.ts";
import type * as maplibre from "maplibre-gl";

export const Map = SourceMap as unknown as typeof maplibre.Map;

export function setWorkerUrl(url: string): void {
  (config as { WORKER_URL: string }).WORKER_URL = url;
}
