// The palette as the style sheets have it, and the patterns of the states as images.
import palette from "../../src/candor/site/palette.json";

type StateKey = keyof typeof palette.states;

export const STATES = Object.keys(palette.states) as StateKey[];
export const RATES = palette.rates.light.map((_, i) => `rate-${i + 1}`);

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
