import { call } from "./api.js";
import { button, el, heads, notice, scroll } from "./dom.js";

const METHODS = ["get", "post", "patch", "delete"];

/** The contract, as people read it: each route with what it takes, what it answers, and a line to try. */
async function show() {
  const contract = await call("/openapi.json");
  const resolve = (schema) => (schema?.$ref ? schema.$ref.split("/").slice(1).reduce((at, key) => at[key], contract) : (schema ?? {}));
  const operations = Object.entries(contract.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(resolve) })));
  const main = document.getElementById("main");
  main.replaceChildren(
    el("section", { class: "card" }, el("h1", {}, "The API"), el("p", {}, prose(contract.info.description)), el("p", { class: "actions" }, el("a", { class: "button", href: "/openapi.json" }, "The contract as OpenAPI")), el("nav", { "aria-label": "Routes" }, el("ul", { class: "routes small" }, operations.map((one) => el("li", {}, el("a", { href: `#${one.operationId}` }, `${one.method.toUpperCase()} ${one.path}`)))))),
    ...contract.tags.map(({ name, description }) => el("section", { class: "card", "aria-labelledby": `tag-${name}` }, el("h2", { id: `tag-${name}` }, name), el("p", { class: "muted" }, prose(description)), operations.filter(({ tags }) => tags.includes(name)).map((one) => route(one, resolve)))),
  );
  addEventListener("hashchange", open);
  open();
}

/** The route that the address names is opened. */
function open() {
  const place = document.getElementById(location.hash.slice(1));
  if (place?.tagName === "DETAILS") {
    place.open = true;
    place.scrollIntoView();
    place.querySelector("summary").focus({ preventScroll: true });
  }
}

function route({ operationId, method, path, summary, description, parameters, requestBody, responses }, resolve) {
  return el(
    "details",
    { class: "route", id: operationId },
    el("summary", {}, el("b", { class: `method ${method}` }, method.toUpperCase()), " ", el("code", {}, path), " ", el("span", { class: "muted" }, prose(summary))),
    description ? el("p", {}, prose(description)) : null,
    parameters.length ? [el("h3", {}, "In the address"), table(`Parameters of ${operationId}`, parameters.map((one) => [one.name, resolve(one.schema), one.required, one.description]), resolve)] : null,
    requestBody ? body(operationId, requestBody, resolve) : null,
    el("h3", {}, "Answers"),
    el("ul", { class: "small" }, Object.entries(responses).map(([status, response]) => el("li", {}, el("b", { class: "num" }, status), " ", prose(resolve(response).description), kinds(resolve(response).content)))),
    example(method, path, parameters, requestBody, resolve),
  );
}

const kinds = (content) => (content ? ` (${Object.keys(content).join(", ")})` : "");

function body(operationId, { content }, resolve) {
  return Object.entries(content).flatMap(([type, { schema }]) => {
    const whole = resolve(schema);
    const kind = el("h3", {}, `Body, ${type}`);
    const parts = whole.properties ? [whole] : (whole.oneOf ?? whole.anyOf ?? []).map(resolve);
    return [kind, ...parts.map((part, i) => table(`Body ${i + 1} of ${operationId}`, Object.entries(part.properties ?? {}).map(([name, value]) => [name, { ...resolve(value), ...value }, part.required?.includes(name), value.description ?? resolve(value).description]), resolve))];
  });
}

function table(label, lines, resolve) {
  const line = ([name, schema, required, about]) => el("tr", {}, el("th", { scope: "row" }, el("code", {}, name), required ? el("span", { class: "small muted" }, " needed") : null), el("td", {}, type(schema, resolve)), el("td", {}, prose(about ?? "")));
  return scroll(label, el("table", { class: "small" }, heads(["Name", "Type", ""], []), el("tbody", {}, lines.map(line))));
}

function type(schema, resolve) {
  const kind = schema.enum ? schema.enum.map(String).join(", ") : schema.type === "array" ? `array of ${type(resolve(schema.items), resolve)}` : schema.anyOf || schema.oneOf ? (schema.anyOf ?? schema.oneOf).map((one) => type(resolve(one), resolve)).join(" or ") : [schema.type ?? "anything"].flat().join(" or ");
  const limits = [schema.minimum !== undefined || schema.maximum !== undefined ? `${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}` : null, schema.default !== undefined ? `default ${schema.default}` : null].filter(Boolean);
  return limits.length ? `${kind} (${limits.join("; ")})` : kind;
}

/** A line for the shell, and where it only reads, a link. */
function example(method, path, parameters, requestBody, resolve) {
  const url = `${location.origin}${path.replace("{id}", "ID")}`;
  const json = requestBody?.content["application/json"];
  const words = ["curl", method === "get" ? null : `-X ${method.toUpperCase()}`, `'${url}'`, json ? `-H 'Content-Type: application/json' -d '${JSON.stringify(sample(resolve(json.schema), resolve))}'` : null];
  const line = words.filter(Boolean).join(" ");
  const free = method === "get" && !path.includes("{") && !parameters.some(({ required }) => required);
  return el("div", {}, el("h3", {}, "Try it"), el("pre", { class: "log", tabindex: "0", role: "region", "aria-label": "Command" }, line), el("p", { class: "actions" }, button("Copy", () => navigator.clipboard.writeText(line).then(() => notice("Copied"))), free ? el("a", { class: "button", href: path }, "Look at it here") : null));
}

/** Something that fits a schema. */
function sample(schema, resolve) {
  const one = resolve(schema);
  if (one.default !== undefined && one.default !== null) return one.default;
  if (one.enum) return one.enum[0];
  if (one.anyOf || one.oneOf) return sample((one.anyOf ?? one.oneOf)[0], resolve);
  if (one.properties) return Object.fromEntries(Object.entries(one.properties).filter(([name]) => (one.required ?? Object.keys(one.properties)).includes(name)).map(([name, value]) => [name, name === "pooler" ? "mean" : sample(value, resolve)]));
  const kind = [one.type].flat()[0];
  if (kind === "array") return [sample(one.items, resolve)];
  return { string: "A man plays the guitar.", number: 1, integer: 1, boolean: true }[kind] ?? {};
}

/** Text in which backquotes are a contract's only markup. */
const prose = (text) => text.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part));

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main").focus();
});
show();
