// MapLibre's worker, an entry of its own so that it shares its code with the map.
import "maplibre-source/source/worker.ts";
