import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import subsetFont from "subset-font";
import { defineConfig, type Plugin } from "vite";

const here = import.meta.dirname;
const site = resolve(here, "../src/candor/site");
const out = join(site, "static");
const fontCache = resolve(here, "node_modules/.cache/candor-fonts");
const publicSans = resolve(here, "node_modules/@uswds/uswds/dist/fonts/public-sans");

interface State {
  light: { fill: string; mark: string };
  dark: { fill: string; mark: string };
}
interface Palette {
  rates: { light: string[]; dark: string[] };
  compared: { light: Record<string, string>; dark: Record<string, string> };
  edge: { light: string; dark: string };
  circle: { light: string; dark: string };
  blank: { light: string; dark: string };
  boundary: { light: string; dark: string };
  outline: { light: string; dark: string };
  states: Record<string, State>;
}

/** The palette of the map, one source for Python, CSS and the map island, as a Sass map. */
function paletteAsSass(): string {
  const palette = JSON.parse(readFileSync(resolve(here, "../src/candor/graphics/palette.json"), "utf8")) as Palette;
  const scheme = (name: "light" | "dark"): string => {
    const rates = palette.rates[name].map((colour, i) => `"rate-${i + 1}": ${colour}`);
    const states = Object.entries(palette.states).flatMap(([key, s]) => [
      `"${key}": ${s[name].fill}`,
      `"${key}-mark": ${s[name].mark}`,
    ]);
    const compared = Object.entries(palette.compared[name]).map(([key, colour]) => `"${key}": ${colour}`);
    const single = ["boundary", "outline", "edge", "circle", "blank"] as const;
    const lines = single.map((key) => `"${key}": ${palette[key][name]}`);
    return `(${[...rates, ...compared, ...states, ...lines].join(", ")})`;
  };
  return `$palette-light: ${scheme("light")};\n$palette-dark: ${scheme("dark")};\n`;
}

/** The characters of the Latin subset: the same ranges as in `src/styles/_fonts.scss`. */
function latin(): string {
  const scss = readFileSync(join(here, "src/styles/_fonts.scss"), "utf8");
  const ranges = /\$latin: "([^"]+)"/.exec(scss)?.[1];
  if (ranges === undefined) throw new Error("src/styles/_fonts.scss: found no $latin; it names the subset's ranges");
  const characters = ranges.split(",").flatMap((range) => {
    const [from, to] = range.trim().slice(2).split("-");
    const first = Number.parseInt(from ?? "", 16);
    const last = to === undefined ? first : Number.parseInt(to, 16);
    return Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i));
  });
  return characters.join("");
}

/** Public Sans, cut to the Latin subset that nearly every page needs. */
function fonts(): Plugin {
  return {
    name: "candor-fonts",
    async config() {
      mkdirSync(fontCache, { recursive: true });
      for (const weight of ["Regular", "SemiBold"]) {
        const whole = readFileSync(join(publicSans, `PublicSans-${weight}.woff2`));
        const cut = await subsetFont(whole, latin(), {
          targetFormat: "woff2",
          keepFeatures: ["kern", "liga", "calt", "ccmp", "locl", "mark", "tnum", "lnum", "case"],
          noHinting: true,
        });
        writeFileSync(join(fontCache, `PublicSans-${weight}.latin.woff2`), cut);
      }
    },
  };
}

/** County and state boundaries (Census, as TopoJSON), from which the demo draws its schematic towns. */
function atlas(): Plugin {
  return {
    name: "candor-atlas",
    closeBundle() {
      const into = join(out, "atlas");
      mkdirSync(into, { recursive: true });
      for (const file of ["counties-10m.json", "states-10m.json", "LICENSE"]) {
        copyFileSync(resolve(here, "node_modules/us-atlas", file), join(into, file));
      }
      copyFileSync(resolve(here, "node_modules/@uswds/uswds/LICENSE.md"), join(out, "licences-uswds.md"));
    },
  };
}

/** Brotli and gzip beside every hashed text asset: the server sends them as they are. */
function compressed(): Plugin {
  return {
    name: "candor-compressed",
    writeBundle() {
      const folder = join(out, "assets");
      for (const name of readdirSync(folder)) {
        if (!/\.(css|js|svg|json)$/.test(name)) continue;
        const path = join(folder, name);
        const bytes = readFileSync(path);
        const size = { [constants.BROTLI_PARAM_SIZE_HINT]: statSync(path).size };
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: size }));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: here,
  base: "/static/",
  publicDir: "public",
  resolve: {
    alias: {
      "@maplibre/mlt": join(here, "src/unused/mlt.ts"),
      "bidi-js": join(here, "src/unused/bidi.ts"),
      "maplibre-source": resolve(here, "node_modules/maplibre-gl/src"),
      "@fonts": fontCache,
      "@public-sans": publicSans,
      "@uswds-img": resolve(here, "node_modules/@uswds/uswds/dist/img"),
    },
  },
  css: {
    preprocessorOptions: {
      scss: {
        loadPaths: [resolve(here, "node_modules/@uswds/uswds/packages")],
        // USWDS 3.14 still uses what Dart Sass has deprecated; its warnings are not ours to mend.
        quietDeps: true,
        importers: [
          {
            canonicalize: (url: string) => (url === "candor:palette" ? new URL(url) : null),
            load: () => ({ contents: paletteAsSass(), syntax: "scss" as const }),
          },
        ],
      },
    },
  },
  oxc: {
    // MapLibre's source is written for useDefineForClassFields = false: a field that is only declared is not defined.
    assumptions: { setPublicClassFields: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
  },
  build: {
    outDir: out,
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    assetsInlineLimit: 0,
    sourcemap: false,
    license: { fileName: "licences.md" },
    rollupOptions: {
      input: Object.fromEntries(["site", "map", "map-worker"].map((entry) => [entry, join(here, `src/${entry}.ts`)])),
    },
  },
  plugins: [fonts(), atlas(), compressed()],
});
