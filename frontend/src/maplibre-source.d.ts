// MapLibre's own source is compiled by Vite and typed by its published declarations (engine.ts).
declare module "maplibre-source/*" {
  export const Map: unknown;
  export const config: unknown;
}
