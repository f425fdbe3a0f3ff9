// The palette as the style sheets have it, and the patterns of the states as images.
import palette from "../../src/candor/graphics/palette.json";

type StateKey = keyof typeof palette.states;

export const STATES = Object.keys(palette.states) as StateKey[];
/** The classes that have a plain colour. */
export const COLOURS = [
  ...palette.rates.light.map((_, i) => `rate-${i + 1}`),
  ...Object.keys(palette.compared.light),
  "blank",
];
export const VERDICTS = ["higher", "lower"] as const;

/** The colour of a custom property of the page, which follows the scheme (light or dark). */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The tile of a state at the screen's resolution. */
export function tile(state: StateKey, ratio: number): ImageData {
  const { tile: size, width, path, cap } = palette.states[state];
  const pixels = Math.round(size * ratio);
  const canvas = new OffscreenCanvas(pixels, pixels);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2D canvas");
  context.fillStyle = colour(`k-${state}`);
  context.fillRect(0, 0, pixels, pixels);
  context.scale(pixels / size, pixels / size);
  context.strokeStyle = colour(`k-${state}-mark`);
  context.lineWidth = width;
  context.lineCap = cap as CanvasLineCap;
  context.stroke(new Path2D(path));
  return context.getImageData(0, 0, pixels, pixels);
}

/** The triangle of a verdict, dark with a light rim (in dark mode the other way round). */
export function mark(verdict: (typeof VERDICTS)[number], ratio: number): ImageData {
  const pixels = Math.round(16 * ratio);
  const canvas = new OffscreenCanvas(pixels, pixels);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser gives no 2D canvas");
  context.scale(pixels / 16, pixels / 16);
  const path = new Path2D(verdict === "higher" ? "M8 3l5 9h-10z" : "M8 13l-5 -9h10z");
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = colour("paper");
  context.stroke(path);
  context.fillStyle = colour("ink");
  context.fill(path);
  return context.getImageData(0, 0, pixels, pixels);
}
