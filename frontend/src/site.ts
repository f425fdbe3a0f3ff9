import "./styles/site.scss";
import { submitOnChange } from "./controls.ts";
import { combobox } from "./search.ts";

document.querySelectorAll<HTMLFormElement>("form[data-search]").forEach(combobox);
document.querySelectorAll<HTMLFormElement>("form[data-submit-on-change]").forEach(submitOnChange);
