import { startRun } from "./api.js";
import { button, el, notice, once, plural, select } from "./dom.js";

/** The poolers that come with Poolmark. */
export const builtIn = (poolers) => poolers.filter(({ plugin }) => plugin.startsWith("poolmark-poolers-"));

/** Queues all built-in poolers; tells how many. */
export async function startBuiltIn(poolers, dataset) {
  for (const { name } of builtIn(poolers)) await startRun({ pooler: name, dataset });
  notice(`${plural(builtIn(poolers).length, "run")} queued`);
}

/** The form that starts a run: a pooler and its options, and how time is taken. */
export function startForm({ poolers, models, state, onStarted }) {
  const preferred = poolers.find(({ name }) => name === "mean") ?? poolers[0];
  const specs = el("datalist", { id: "specs" }, [...poolers.map(({ name }) => name), ...models].map((spec) => el("option", { value: spec })));
  const spec = el("input", { name: "pooler", id: "pooler", list: "specs", required: true, value: preferred?.name ?? "", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-describedby": "pooler-help pooler-error" });
  const help = el("p", { class: "help small muted", id: "pooler-help" });
  const options = el("fieldset", { class: "options", hidden: true });
  const batch = el("input", { name: "batch_size", id: "batch_size", type: "number", min: 1, max: 4096, value: 64, required: true, "aria-describedby": "batch_size-error" });
  const choices = { engine: "java", protocol: "fresh" };
  const all = el("input", { type: "checkbox", name: "protocols" });
  const errors = Object.fromEntries(["pooler", "batch_size"].map((name) => [name, el("p", { class: "error small", id: `${name}-error`, hidden: true })]));
  const submit = el("button", { class: "primary" }, "Score it");

  spec.addEventListener("input", () => {
    clearErrors();
    explain();
  });
  spec.addEventListener("focus", () => spec.select());
  batch.addEventListener("input", clearErrors);
  explain();

  function explain() {
    const [name, given] = parts(spec.value);
    const pooler = poolers.find((one) => one.name === name);
    help.textContent = pooler ? `${pooler.summary.replace(/^./, (first) => first.toUpperCase())}.` : `A pooler's name, or name:option=value,… There are ${poolers.map((one) => one.name).join(", ")}${models.length ? `, and ${models.join(", ")}` : ""}.`;
    options.hidden = !pooler?.options.length;
    if (pooler && options.dataset.of !== name) {
      options.dataset.of = name;
      options.replaceChildren(el("legend", { class: "small" }, `Options of ${name}`), ...pooler.options.map((option) => field(option)));
    }
    for (const input of options.querySelectorAll("[data-option]")) show(input, given[input.dataset.option] ?? input.dataset.default);
  }

  /** A field for an option; what is entered goes into the spec, which stays what counts. */
  function field(option) {
    const id = `option-${option.name}`;
    const common = { id, "data-option": option.name, "data-default": option.default, "aria-describedby": `${id}-help`, onchange: rebuild };
    const about = el("span", { class: "small muted", id: `${id}-help` }, `${option.help}${option.type === "list" ? `: ${option.allowed.join(", ")}, with + between them` : ""}`);
    if (option.type === "flag") return el("div", { class: "option" }, el("label", { class: "check" }, el("input", { type: "checkbox", ...common }), option.name), about);
    const input =
      option.type === "choice"
        ? el("select", common, option.allowed.map((value) => el("option", { value }, value)))
        : el("input", { ...common, ...(option.type === "integer" ? { type: "number", min: 1, step: 1 } : option.type === "number" ? { type: "number", step: "any" } : { type: "text" }), autocomplete: "off" });
    return el("div", { class: "option" }, el("label", { for: id }, option.name, input), about);
  }

  function show(input, value) {
    if (input === document.activeElement) return;
    if (input.type === "checkbox") input.checked = value === "true";
    else input.value = value;
  }

  function rebuild() {
    const [name] = parts(spec.value);
    const given = [...options.querySelectorAll("[data-option]")]
      .map((input) => [input.dataset.option, input.type === "checkbox" ? String(input.checked) : input.value.trim(), input.dataset.default])
      .filter(([, value, preset]) => value !== "" && value !== preset)
      .map(([option, value]) => `${option}=${value}`);
    spec.value = given.length ? `${name}:${given.join(",")}` : name;
    clearErrors();
  }

  function clearErrors() {
    for (const [name, line] of Object.entries(errors)) {
      line.hidden = true;
      document.getElementById(name)?.removeAttribute("aria-invalid");
    }
  }

  async function start() {
    clearErrors();
    try {
      const started = await startRun({ pooler: spec.value.trim(), dataset: state.dataset, batch_size: Number(batch.value), ...choices, ...(all.checked ? { protocols: "all" } : {}) });
      notice(started.position ? `Queued, ${started.position} before it` : "Started");
      await onStarted();
    } catch (error) {
      const line = errors[error.field];
      if (!line) throw error;
      line.textContent = error.message.replace(/^[a-z_]+: /, "").replace(/^./, (first) => first.toUpperCase());
      line.hidden = false;
      const input = document.getElementById(error.field);
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
  }

  return el(
    "form",
    {
      class: "start",
      onsubmit: (event) => {
        event.preventDefault();
        once(submit, start);
      },
    },
    el("div", { class: "fields" }, el("div", {}, el("label", { for: "pooler" }, "Pooler"), spec, specs, errors.pooler), el("div", { class: "batch" }, el("label", { for: "batch_size" }, "Batch size"), batch, errors.batch_size), submit),
    help,
    options,
    el(
      "details",
      {},
      el("summary", { class: "small" }, "How time is taken"),
      el(
        "div",
        { class: "timing" },
        select("Engine", [["java", "Java's torch"], ["python", "a real Python"]], choices.engine, (value) => (choices.engine = value), { name: "engine" }),
        select("Protocol", [["fresh", "fresh: each batch is made just before"], ["cold", "cold: all batches are made first"], ["hot", "hot: the fastest of seven passes"]], choices.protocol, (value) => (choices.protocol = value), { name: "protocol" }),
        el("label", { class: "check" }, all, "Time every protocol at 1, 16, 64 and 256 sentences a batch besides"),
      ),
    ),
  );
}

/** A spec's name, and what it gives for options. */
function parts(spec) {
  const [name, list = ""] = spec.trim().split(/:(.*)/s);
  return [name, Object.fromEntries(list.split(",").map((pair) => pair.split(/=(.*)/s).map((part) => part.trim())).filter(([option]) => option))];
}

/** What an empty server says to somebody who has never seen it. */
export function welcome({ poolers, state, datasets, onStarted }) {
  return el(
    "section",
    { class: "card welcome", "aria-labelledby": "welcome" },
    el("h2", { id: "welcome" }, "No pooler is scored yet"),
    el("p", {}, "A pooler makes one vector of a sentence's token embeddings. Poolmark runs it over labelled pairs of sentences on one core. It estimates what a contest's grader would give: up to 80 points for quality, and up to 20 for time."),
    el("p", { class: "muted" }, datasets.length > 1 ? "A data set is pairs of sentences as token embeddings, each with a label from 0 (unrelated) to 5 (the same)." : "The data set “sample” comes with Poolmark: pairs of English sentences, each with a label from 0 (unrelated) to 5 (the same). For your own, start the server with --data-root DIR; each folder in it with first.txt, second.txt and labels.txt is a data set."),
    el("p", { class: "actions" }, button(`Score the ${builtIn(poolers).length} built-in poolers`, () => startBuiltIn(poolers, state.dataset).then(onStarted), { class: "primary" }), el("span", { class: "muted small" }, "or one of your choice below")),
  );
}
