import { call, cancelRun, follow, startRun } from "./api.js";
import { el, fixed, moment, notice, range, ratio, ratios, size } from "./dom.js";
import { pareto } from "./charts.js";

const PAGE = 12;

/** Start a run, see what goes on, and what poolers are worth. */
export async function board(main) {
  const [{ poolers, broken }, { datasets }, { models }, newest] = await Promise.all([call("/poolers"), call("/datasets"), call("/info"), call("/runs?limit=1")]);
  document.title = "Poolmark";
  const known = datasets.map(({ name }) => name);
  const likely = [sessionStorage.getItem("dataset"), newest.runs[0]?.request.dataset, known[0]];
  const state = { dataset: likely.find((name) => known.includes(name)), picked: new Set(), ended: -1, limit: PAGE };

  const runs = el("ul", { class: "runs" });
  const compareLink = el("a", { class: "button off", href: "#/", "aria-disabled": "true", tabindex: "-1" }, "Pick two to compare");
  const more = el("button", { onclick: () => ((state.limit += PAGE), refresh()) }, "Show older runs");
  const ranking = el("div");
  const chooser = select("Data set", known, state.dataset, (name) => {
    state.dataset = name;
    sessionStorage.setItem("dataset", name);
    state.ended = -1;
    refresh();
  });

  const refresh = watchRuns(runs, more, compareLink, state, () => showRanking(ranking, state.dataset));
  main.replaceChildren(
    el("section", { class: "card", "aria-labelledby": "start" }, el("h2", { id: "start" }, "Start a run"), startForm(poolers, models, known, state, () => refresh()), brokenPlugins(broken)),
    el("section", { class: "card", "aria-labelledby": "leaders" }, el("div", { class: "head" }, el("h2", { id: "leaders" }, "Leaderboard"), chooser), ranking),
    el("section", { class: "card", "aria-labelledby": "runs" }, el("div", { class: "head" }, el("h2", { id: "runs" }, "Runs"), compareLink), runs, el("p", { class: "actions" }, more)),
  );
  await refresh();
  return refresh.stop;
}

function select(text, values, chosen, onchange) {
  const list = el("select", { onchange: (event) => onchange(event.target.value) }, values.map((value) => el("option", { value, selected: value === chosen }, value)));
  return el("label", {}, text, list);
}

function startForm(poolers, models, datasets, state, onStarted) {
  const specs = el("datalist", { id: "specs" }, [...poolers.map(({ name }) => name), ...models].map((spec) => el("option", { value: spec })));
  const pooler = el("input", { name: "pooler", list: "specs", required: true, value: (poolers.find(({ name }) => name === "mean") ?? poolers[0])?.name ?? "", autocomplete: "off", spellcheck: "false", "aria-describedby": "pooler-help" });
  const help = el("p", { class: "help small muted", id: "pooler-help" });
  const explain = () => (help.textContent = helpText(poolers, pooler.value));
  pooler.addEventListener("input", explain);
  pooler.addEventListener("focus", () => pooler.select());
  explain();
  const data = el("select", { name: "dataset" }, datasets.map((name) => el("option", { value: name, selected: name === state.dataset }, name)));
  const batch = el("input", { name: "batch_size", type: "number", min: 1, max: 4096, value: 64, required: true });
  const submit = async (event) => {
    event.preventDefault();
    try {
      const started = await startRun({ pooler: pooler.value.trim(), dataset: data.value, batch_size: Number(batch.value) });
      notice(started.position ? `Queued, ${started.position} before it` : "Started");
      onStarted();
    } catch (error) {
      notice(error.message);
    }
  };
  return el(
    "div",
    {},
    el("form", { class: "start", onsubmit: submit }, el("label", {}, "Pooler", pooler, specs), el("label", {}, "Data set", data), el("label", {}, "Batch", batch), el("button", { class: "primary" }, "Score it")),
    help,
  );
}

function helpText(poolers, spec) {
  const name = spec.split(":")[0].trim();
  const pooler = poolers.find((one) => one.name === name);
  if (!pooler) return `A name, or name:option=value,… — ${poolers.map((one) => one.name).join(", ")}`;
  const options = pooler.options.map((option) => `${option.name}=${option.default} (${option.help}${option.allowed.length ? ": " + option.allowed.join(", ") : ""})`);
  return `${pooler.summary}${options.length ? ". Options: " + options.join("; ") : ""}`;
}

function brokenPlugins(broken) {
  return broken.map(({ plugin, expected, found }) => el("p", { class: "finding" }, `${plugin}: expected ${expected}, found ${found}`));
}

/** Keeps the list of runs: asks now and then, and follows those that are running. */
function watchRuns(list, more, compareLink, state, onEnded) {
  const following = new Map();
  const progress = new Map();
  let timer;
  let stopped = false;

  async function refresh() {
    clearTimeout(timer);
    try {
      await refreshNow();
    } catch (error) {
      notice(`${error.message} Trying again…`);
      if (!stopped) timer = setTimeout(refresh, 3000);
    }
  }

  async function refreshNow() {
    const { runs, next_page_token } = await call(`/runs?limit=${Math.min(state.limit, 1000)}`);
    if (stopped) return;
    more.hidden = next_page_token === null || runs.length >= 1000;
    const open = runs.filter(({ status }) => status === "running");
    for (const { id } of open) if (!following.has(id)) following.set(id, follow(id, (message) => onMessage(id, message)));
    show(runs);
    const ended = runs.filter(({ status }) => !["queued", "running"].includes(status)).map(({ id }) => id).join();
    if (ended !== state.ended) {
      state.ended = ended;
      await onEnded();
    }
    const busy = runs.some(({ status }) => ["queued", "running"].includes(status));
    timer = setTimeout(refresh, document.hidden ? 15000 : busy ? 1500 : 8000);
  }

  function onMessage(id, message) {
    progress.set(id, message);
    if (["done", "failed", "cancelled"].includes(message.type)) {
      following.delete(id);
      refresh();
      return;
    }
    const bar = document.getElementById(`bar-${id}`);
    if (bar && message.total) {
      bar.max = message.total;
      bar.value = message.pairs;
      document.getElementById(`live-${id}`).textContent = `Spearman ${fixed(message.cosine_spearman, 4)}`;
    }
  }

  function show(runs) {
    const focused = document.activeElement?.id;
    list.replaceChildren(...(runs.length ? runs.map(item) : [el("li", { class: "muted" }, "None yet.")]));
    if (focused) document.getElementById(focused)?.focus();
  }

  function item(run) {
    const { id, status, request, scores } = run;
    const pick = el("input", { type: "checkbox", id: `pick-${id}`, "aria-label": `Compare ${request.pooler}`, checked: state.picked.has(id), disabled: status !== "done", onchange: (event) => choose(id, event.target.checked) });
    const what = el("div", { class: "what" }, el("a", { href: `#/runs/${id}`, id: `run-${id}` }, request.pooler), " ", el("span", { class: "muted small" }, `${request.dataset}, ${moment(run.finished_at ?? run.created_at)}`));
    const cancel = ["queued", "running"].includes(status) ? el("button", { id: `cancel-${id}`, onclick: () => cancelRun(id).then(refresh, (error) => notice(error.message)) }, "Cancel") : null;
    const score = scores ? el("span", { class: "num" }, fixed(scores.total, 2)) : el("span", { class: "num muted small", id: `live-${id}` });
    const rows = [pick, what, score, el("span", {}, cancel ?? el("span", { class: `status ${status}` }, status))];
    if (status === "running") {
      const at = progress.get(id);
      rows.push(el("progress", { id: `bar-${id}`, max: at?.total ?? 1, value: at?.pairs ?? 0, "aria-label": `Progress of ${request.pooler}` }));
    } else if (status === "queued") {
      score.textContent = "queued";
    }
    return el("li", {}, rows);
  }

  function choose(id, on) {
    if (on) state.picked.add(id);
    else state.picked.delete(id);
    const two = [...state.picked].slice(-2);
    compareLink.classList.toggle("off", two.length < 2);
    compareLink.setAttribute("aria-disabled", two.length < 2);
    compareLink.tabIndex = two.length < 2 ? -1 : 0;
    compareLink.textContent = two.length < 2 ? "Pick two to compare" : "Compare these two";
    compareLink.href = two.length < 2 ? "#/" : `#/compare/${two.join("/")}`;
  }

  refresh.stop = () => {
    stopped = true;
    clearTimeout(timer);
    for (const stop of following.values()) stop();
  };
  return refresh;
}

/** Runs that can't be compared with those of the board. */
function leftOut(boards) {
  const others = boards.map(({ runs, batch_size, protocol, sha256 }) => `${runs} with batch size ${batch_size}, ${protocol}, data ${sha256.slice(0, 8)}`);
  return others.length ? ` Left out: ${others.join("; ")}.` : "";
}

async function showRanking(place, dataset) {
  const { entries, batch_size, protocol, left_out } = await call(`/leaderboard?dataset=${encodeURIComponent(dataset)}`);
  if (!entries.length) {
    place.replaceChildren(el("p", { class: "muted" }, `No run on ${dataset} is done yet.`));
    return;
  }
  const formula = entries[0].report.formula;
  place.replaceChildren(
    table(entries, dataset),
    el("h3", { class: "small muted" }, "Quality against time: bars are 95 % intervals, a larger point is a larger model, and nothing is both better and faster than the dashed line"),
    pareto(entries).box,
    el("p", { class: "small muted" }, `Batch size ${batch_size}, time protocol ${protocol}, on ${[...new Set(entries.map(({ machine }) => machine))].join("; ")}.${leftOut(left_out)}`),
    el("p", { class: "assumption" }, `Quality = ${formula.quality}. Time = ${formula.time}.`),
  );
}

function table(entries, dataset) {
  const cell = (label, value, ci) => el("td", { class: "r num wide", "data-label": label }, value, ci ? el("span", { class: "ci" }, ` ${ci}`) : null);
  const row = ({ rank, run_id, report, untrained }) =>
    el(
      "tr",
      {},
      el("td", { class: "num muted" }, String(rank)),
      el("th", { scope: "row" }, el("a", { href: `#/runs/${run_id}` }, report.pooler.spec), untrained ? el("span", { class: "small muted" }, " not trained") : null),
      el("td", { class: "r num" }, el("b", {}, fixed(report.total.score, 2))),
      cell("Quality", fixed(report.quality.score, 2), range(report.quality.ci95, 1)),
      cell("Time", fixed(report.time.score, 2)),
      cell("× mean", ratio(report.time.reference_ratio), ratios(report.time.reference_ratio_ci95)),
      cell("Width", String(report.pooler.output_dim)),
      cell("Size", size(report.pooler.parameter_bytes)),
    );
  const head = (text, right) => el("th", { scope: "col", class: right ? "r" : null }, text);
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Leaderboard" },
    el(
      "table",
      { class: "board" },
      el("thead", {}, el("tr", {}, head("#"), head("Pooler"), head("Total", true), head("Quality /80", true), head("Time /20", true), head("Time × mean", true), head("Width", true), head("Size", true))),
      el("tbody", {}, entries.map(row)),
    ),
  );
}
