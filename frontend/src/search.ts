// The town search as a combobox (ARIA 1.2, list autocomplete with manual selection). Without this script the form
// submits to /search, and it still does on Enter where nothing is chosen.

interface Place {
  geoid: string;
  name: string;
  county: string;
  matched: string;
}

const WAIT = 120;
const MOST = 8;

function isPlace(value: unknown): value is Place {
  const place = value as Partial<Place> | null;
  return typeof place === "object" && place !== null && typeof place.geoid === "string" && typeof place.name === "string";
}

async function find(query: string, signal: AbortSignal): Promise<Place[]> {
  const answer = await fetch(`/api/places?q=${encodeURIComponent(query)}`, {
    headers: { accept: "application/json" },
    signal,
  });
  if (!answer.ok) throw new Error(`/api/places answered ${answer.status}`);
  const found: unknown = await answer.json();
  return Array.isArray(found) ? found.filter(isPlace).slice(0, MOST) : [];
}

function option(place: Place, id: string): HTMLLIElement {
  const item = document.createElement("li");
  item.id = id;
  item.className = "search__option";
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset["href"] = `/places/${encodeURIComponent(place.geoid)}`;
  item.append(place.name);
  const about = document.createElement("span");
  const village = place.matched && !place.name.toLowerCase().startsWith(place.matched.toLowerCase());
  about.textContent = [village ? `for “${place.matched}”` : "", place.county].filter(Boolean).join(" · ");
  item.append(about);
  return item;
}

export function combobox(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>("input[name=q]");
  const row = form.querySelector<HTMLElement>(".search__row");
  if (!input || !row) return;

  const list = document.createElement("ul");
  list.id = `${input.id}-list`;
  list.className = "search__list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  // What places are called, where they are no towns.
  const { sayOne: one = "town", sayMany: many = "towns" } = form.dataset;
  list.setAttribute("aria-label", many.charAt(0).toUpperCase() + many.slice(1));
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  row.after(list, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  let active = -1;
  let timer = 0;
  let request: AbortController | undefined;
  const items = (): HTMLLIElement[] => [...list.children] as HTMLLIElement[];

  const close = (): void => {
    request?.abort();
    window.clearTimeout(timer);
    active = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (index: number): void => {
    const all = items();
    active = all.length ? (index + all.length) % all.length : -1;
    all.forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
    const chosen = all[active];
    if (!chosen) return;
    input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  };

  const show = (places: Place[]): void => {
    list.replaceChildren(...places.map((place, i) => option(place, `${list.id}-${i}`)));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = places.length === 0;
    input.setAttribute("aria-expanded", String(places.length > 0));
    status.textContent =
      places.length === 0 ? `No ${one} by that name so far` : `${places.length} ${places.length === 1 ? one : many}`;
  };

  const ask = (): void => {
    const query = input.value.trim();
    request?.abort();
    if (query.length < 2) {
      close();
      status.textContent = "";
      return;
    }
    const asked = new AbortController();
    request = asked;
    find(query, asked.signal).then(
      (places) => {
        if (!asked.signal.aborted) show(places);
      },
      () => {
        if (!asked.signal.aborted) close(); // the form still submits
      },
    );
  };

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else choose(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && active >= 0) {
      const href = items()[active]?.dataset["href"];
      if (href) {
        event.preventDefault();
        window.location.assign(href);
      }
    } else if (event.key === "Tab") {
      close();
    }
  });
  input.addEventListener("blur", () => close());
  list.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus in the field
  list.addEventListener("click", (event) => {
    const href = (event.target as HTMLElement).closest<HTMLElement>("[data-href]")?.dataset["href"];
    if (href) window.location.assign(href);
  });
}
