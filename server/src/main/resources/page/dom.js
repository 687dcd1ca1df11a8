// Elements without markup in strings, so nothing a pooler is called can become markup.
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value === "boolean") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export function notice(text) {
  const place = document.getElementById("notice");
  place.textContent = text;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => (place.textContent = ""), 6000);
}

/** A button that does one thing at a time: a second click finds it at work. */
export function button(text, work, attributes = {}) {
  const element = el("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", () => once(element, work));
  return element;
}

/** Does the work unless this element is at it already; what goes wrong is told. */
export async function once(element, work) {
  if (element.getAttribute("aria-busy") === "true") return;
  element.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    notice(error.message);
  } finally {
    element.removeAttribute("aria-busy");
  }
}

/** A table that scrolls by itself where it is too wide, also by keyboard. */
export const scroll = (label, table) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, table);

export const row = (head, cells) => el("tr", {}, el("th", { scope: "row" }, head), cells.map((cell) => el("td", { class: "r num" }, cell)));

export const heads = (left, right) => el("thead", {}, el("tr", {}, left.map((text) => el("th", { scope: "col" }, text)), right.map((text) => el("th", { scope: "col", class: "r" }, text))));

export function select(text, options, chosen, onchange, attributes = {}) {
  const list = el("select", { ...attributes, onchange: (event) => onchange(event.target.value) }, options.map(([value, label]) => el("option", { value, selected: value === chosen }, label ?? value)));
  return el("label", {}, text, list);
}

export const fixed = (value, digits) =>
  value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits);

export const signed = (value, digits) => `${value > 0 ? "+" : ""}${fixed(value, digits)}`;

export const range = (pair, digits) =>
  pair ? `${fixed(pair[0], digits)} – ${fixed(pair[1], digits)}` : "";

/** A multiple of the reference's time: two digits that count, however small it is. */
export const ratio = (value) =>
  value === null || value === undefined ? "–" : value >= 0.1 || value === 0 ? value.toFixed(2) : value.toPrecision(2);

export const ratios = (pair) => (pair ? `${ratio(pair[0])} – ${ratio(pair[1])}` : "");

/** A name that fits beside a point or into a legend. */
export const brief = (name) => (name.length > 26 ? `${name.slice(0, 25)}…` : name);

export const moment = (time) => new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

export const whole = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en"));

export const plural = (count, one, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 1) return "under 1 s";
  const rounded = Math.round(seconds);
  return rounded < 90 ? `${rounded} s` : `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
}

export const seconds = (from, to) => (new Date(to) - new Date(from)) / 1000;

export function size(bytes) {
  if (bytes === null || bytes === undefined) return "–";
  if (bytes === 0) return "none";
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(2)} MiB`;
}
