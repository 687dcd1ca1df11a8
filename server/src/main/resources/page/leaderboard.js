import { call, query } from "./api.js";
import { brief, el, fixed, heads, moment, notice, plural, range, ratio, ratios, row, scroll, select, size } from "./dom.js";
import { byHalf, closeChart, pareto, scenarios } from "./charts.js";

/** As many pairs are resampled within seconds: of so many are the poolers that are ranked, in all. */
const RANKED_PAIRS = 200_000;

const COLUMNS = [
  { name: "place", text: "#", value: (e) => e.place },
  { name: "pooler", text: "Pooler", value: (e) => e.report.pooler.spec },
  { name: "total", text: "Total", right: true, down: true, value: (e) => e.report.total.score },
  { name: "quality", text: "Quality /80", right: true, down: true, value: (e) => e.report.quality.score },
  { name: "time", text: "Time /20", right: true, down: true, value: (e) => e.report.time.score },
  { name: "ratio", text: "Time × mean", right: true, value: (e) => e.report.time.reference_ratio },
  { name: "width", text: "Width", right: true, value: (e) => e.report.pooler.output_dim },
  { name: "size", text: "Size", right: true, value: (e) => e.report.pooler.parameter_bytes },
  { name: "date", text: "Scored", right: true, down: true, value: (e) => e.finished_at },
];

/** What poolers are worth on the data set: the table, the charts, and what the order depends on. */
export function leaderboard(state) {
  const measured = el("div");
  const find = el("input", { type: "search", placeholder: "pooler or tag", "aria-label": "Filter the leaderboard", oninput: () => table() });
  const results = el("p", { class: "actions small" });
  const place = el("div");
  const below = el("div");
  const ranked = el("div");
  const sort = { name: "place", down: false };
  const charts = {};
  let wanted = {};
  let entries = [];
  let newest = 0;
  let shown = "";

  const box = el("section", { class: "card", "aria-labelledby": "leaders" }, el("div", { class: "head" }, el("h2", { id: "leaders" }, "Leaderboard"), el("div", { class: "tools" }, find, measured)), place, below, ranked, results);

  async function refresh() {
    const asked = ++newest;
    if (wanted.dataset !== state.dataset) wanted = { dataset: state.dataset };
    const board = await call(query("/leaderboard", wanted));
    // What is as it was stays as it is, and nobody ranks it again.
    const found = JSON.stringify([wanted, board.left_out, board.entries.map(({ run_id, tags }) => [run_id, tags])]);
    if (asked !== newest || found === shown) return;
    shown = found;
    const files = ["csv", "json", "mteb"].map((format) => el("a", { href: query("/results", { format, dataset: state.dataset }), download: `${state.dataset}.${format === "csv" ? "csv" : `${format}.json`.replace("json.json", "json")}` }, format.toUpperCase()));
    results.replaceChildren("Download all results: ", ...files.flatMap((file) => [file, " "]));
    results.hidden = find.hidden = !board.entries.length;
    if (!board.entries.length) {
      entries = [];
      measured.replaceChildren();
      below.replaceChildren();
      ranked.replaceChildren();
      place.replaceChildren(el("p", { class: "muted" }, `No run on ${state.dataset} is done yet.`));
      return;
    }
    choices(board);
    entries = board.entries.map((entry) => ({ ...entry, place: entry.rank, tied: false }));
    table();
    details(board);
    await rank(asked);
  }

  /** Which of the boards: runs that were measured otherwise can't be compared. */
  function choices(board) {
    const key = ({ batch_size, protocol, sha256, machine }) => JSON.stringify({ batch_size, protocol, sha256, machine });
    const all = [board, ...board.left_out];
    const several = new Set(all.map(({ sha256 }) => sha256)).size > 1;
    const machines = new Set(all.map(({ machine }) => machine)).size > 1;
    const text = ({ batch_size, protocol, sha256, machine, runs }) => `${protocol}, batch ${batch_size}${machines ? `, on ${machine || "an unknown machine"}` : ""}${several ? `, data ${sha256.slice(0, 6)}` : ""}${runs ? ` (${plural(runs, "run")})` : ""}`;
    measured.replaceChildren(
      select("Measured", all.map((one) => [key(one), text(one)]), key(board), async (value) => {
        wanted = { dataset: state.dataset, ...JSON.parse(value) };
        await refresh();
      }),
    );
  }

  function table() {
    const text = find.value.trim().toLowerCase();
    const shown = entries.filter(({ report, tags }) => [report.pooler.spec, ...(tags ?? [])].join(" ").toLowerCase().includes(text));
    const column = COLUMNS.find(({ name }) => name === sort.name);
    const order = (a, b) => {
      const [x, y] = [column.value(a), column.value(b)];
      return (x < y ? -1 : x > y ? 1 : a.rank - b.rank) * (sort.down ? -1 : 1);
    };
    const part = (untrained) => shown.filter((entry) => entry.untrained === untrained).sort(order);
    const [trained, untrained] = [part(false), part(true)];
    const focused = document.activeElement?.dataset?.sort;
    place.replaceChildren(
      scroll(
        "Poolers, best first",
        el(
          "table",
          { class: "board" },
          el("thead", {}, el("tr", {}, COLUMNS.map(head))),
          el("tbody", {}, trained.map(line)),
          untrained.length ? el("tbody", { class: "apart" }, el("tr", {}, el("th", { colspan: COLUMNS.length, scope: "rowgroup", class: "small muted" }, "Not trained: nobody has chosen their weights yet, so their quality says little")), untrained.map(line)) : null,
        ),
      ),
    );
    if (focused) place.querySelector(`[data-sort="${focused}"]`)?.focus();
  }

  function head({ name, text, right, down }) {
    const on = sort.name === name;
    const turn = () => {
      sort.down = on ? !sort.down : !!down;
      sort.name = name;
      table();
    };
    return el("th", { scope: "col", class: right ? "r" : null, "aria-sort": on ? (sort.down ? "descending" : "ascending") : null }, el("button", { type: "button", class: "sort", "data-sort": name, onclick: turn }, text, el("span", { "aria-hidden": "true" }, on ? (sort.down ? " ↓" : " ↑") : "")));
  }

  function line(entry) {
    const { run_id, report, engine, finished_at, tags } = entry;
    const cell = (label, value, ci) => el("td", { class: "r num wide", "data-label": label }, value, ci ? el("span", { class: "ci" }, ` ${ci}`) : null);
    return el(
      "tr",
      {},
      el("td", { class: "num muted" }, entry.untrained ? "–" : `${entry.place}${entry.tied ? "=" : ""}`),
      el("th", { scope: "row" }, el("a", { href: `#/runs/${run_id}` }, report.pooler.spec), engine === "python" ? el("span", { class: "tag" }, "Python") : null, (tags ?? []).map((tag) => el("span", { class: "tag" }, tag))),
      el("td", { class: "r num" }, el("b", {}, fixed(report.total.score, 2)), el("span", { class: "ci" }, ` ${range(report.total.ci95, 1)}`)),
      cell("Quality", fixed(report.quality.score, 2), range(report.quality.ci95, 1)),
      cell("Time", fixed(report.time.score, 2)),
      cell("× mean", ratio(report.time.reference_ratio), ratios(report.time.reference_ratio_ci95)),
      cell("Width", String(report.pooler.output_dim)),
      cell("Size", size(report.pooler.parameter_bytes)),
      cell("Scored", moment(finished_at)),
    );
  }

  function details({ entries: all, batch_size, protocol }) {
    const { formula } = all[0].report;
    const chart = keep("pareto", pareto(all));
    below.replaceChildren(
      el("h3", {}, "Quality against time"),
      el("p", { class: "small muted" }, "Bars are 95 % intervals, and a larger point is a larger model. Nothing is both better and faster than the dashed line."),
      chart.box,
      el("p", { class: "small muted" }, `Batch size ${batch_size}, time protocol ${protocol}, on ${[...new Set(all.map(({ machine }) => machine))].join("; ")}.`),
      el("p", { class: "assumption" }, `Quality = ${formula.quality}. Time = ${formula.time}.`),
      byProtocol(all),
    );
  }

  /** One chart of a kind lives at a time. */
  function keep(kind, chart) {
    if (charts[kind]) closeChart(charts[kind]);
    charts[kind] = chart;
    return chart;
  }

  /** Places with ties, and what they depend on; the board is useful without. */
  async function rank(asked) {
    const trained = entries.filter(({ untrained }) => !untrained);
    const of = trained.length ? trained : entries;
    const chosen = of.slice(0, Math.max(2, Math.min(50, Math.floor(RANKED_PAIRS / (of[0]?.report.dataset.pairs ?? 1)))));
    if (chosen.length < 2) {
      ranked.replaceChildren();
      return;
    }
    let told;
    try {
      told = await call(`/comparison?runs=${chosen.map(({ run_id }) => run_id).join(",")}`);
    } catch (error) {
      if (error.status !== 409) notice(error.message);
      ranked.replaceChildren(el("p", { class: "small muted" }, `No ties are known: ${error.message}.`));
      return;
    }
    if (asked !== newest || !told.ranking) return;
    const specs = new Map(told.runs.map(({ id, spec }) => [id, spec]));
    const places = new Map(told.ranking.poolers.map((pooler) => [pooler.spec, pooler]));
    for (const entry of entries) {
      const found = places.get(specs.get(entry.run_id));
      if (found) Object.assign(entry, { place: found.place, tied: found.tied_with.length > 0 });
    }
    table();
    const lost = keep("scenarios", scenarios(told.regrets, told.ranking.scenarios.map(judged)));
    const half = keep("half", byHalf(told.by_half, told.ranking.poolers));
    ranked.replaceChildren(...ranking(told.ranking, lost.box), el("h3", {}, "If the grader's curve is another"), el("p", { class: "small muted" }, "The total as the half of the time formula changes: the time, as a multiple of mean's, at which half of the points for time are left."), half.box);
  }

  return { box, refresh };
}

const judged = ({ protocol, batch_size, curve, metric }) => `${protocol} ${batch_size}, ${curve}, ${metric}`;

/** The table of the command line's rank, with the chart of what each pooler loses. */
function ranking({ poolers, scenarios, recommended, rule, instead }, lost) {
  const count = (key) => [...new Set(scenarios.map((scenario) => scenario[key]))].join(", ");
  const cells = ({ place, tied_with, total, best_in, regret_max, regret_mean }) => [`${place}${tied_with.length ? "=" : ""}`, el("span", {}, fixed(total.score, 2), el("span", { class: "ci" }, ` ${range(total.ci95, 1)}`)), `${fixed(100 * best_in, 1)} %`, fixed(regret_max, 2), fixed(regret_mean, 2)];
  return [
    el("h3", {}, "What the order depends on"),
    el("p", {}, el("b", {}, recommended), ` is recommended, by ${rule}.`),
    instead.length ? el("ul", { class: "small" }, instead.map((change) => el("li", {}, `${change.spec} instead, if ${change.if}`))) : null,
    scroll("Ranking", el("table", { class: "rank" }, heads(["Pooler"], ["Place", "Total", "Best in", "Regret max", "Regret mean"]), el("tbody", {}, poolers.map((pooler) => row(pooler.spec, cells(pooler)))))),
    el("h4", {}, `What each loses in ${plural(scenarios.length, "scenario")}`),
    el("p", { class: "small muted" }, "A scenario is a way to take the time, a curve from time to points, and a metric of quality. Each point is one: how many points the pooler loses there to the best. The bar is the mean, and the least mean is recommended."),
    lost,
    el("details", {}, el("summary", { class: "small" }, "Who is best in each"), el("p", { class: "small muted" }, `Protocols ${count("protocol")}; batches of ${count("batch_size")}; curves ${count("curve")}; metrics ${count("metric")}. An = beside a place: these can't be told apart by a paired bootstrap of pairs and passes.`), winners(scenarios)),
  ].filter(Boolean);
}

/** Who is best in each scenario: a row for each curve and metric, a column for each way to take the time. */
function winners(scenarios) {
  const setting = ({ protocol, batch_size }) => `${protocol} ${batch_size}`;
  const judge = ({ curve, metric }) => `${curve}, ${metric}`;
  const columns = [...new Set(scenarios.map(setting))];
  const lines = [...new Set(scenarios.map(judge))];
  const best = new Map(scenarios.map((one) => [`${judge(one)}|${setting(one)}`, one.best]));
  const cell = (line, column) => el("td", {}, brief(best.get(`${line}|${column}`) ?? "–"));
  return scroll("Best in each scenario", el("table", { class: "small winners" }, heads(["Curve and metric", ...columns], []), el("tbody", {}, lines.map((line) => el("tr", {}, el("th", { scope: "row" }, line), columns.map((column) => cell(line, column)))))));
}

/** For each protocol and batch size that was timed, the pooler with the best total there. */
function byProtocol(entries) {
  const best = new Map();
  for (const { report, untrained } of entries) {
    for (const { protocol, batch_size, score } of untrained ? [] : report.time.protocols ?? []) {
      const total = report.quality.score + score;
      const key = `${protocol}, batches of ${batch_size}`;
      if (!best.has(key) || best.get(key).total < total) best.set(key, { total, spec: report.pooler.spec });
    }
  }
  if (!best.size) return el("p", { class: "small muted" }, "Runs with every protocol timed tell here which pooler is best under each.");
  return el("details", {}, el("summary", {}, "Best by protocol"), el("table", { class: "small" }, heads(["Time taken", "Best pooler"], ["Total"]), el("tbody", {}, [...best].map(([key, { spec, total }]) => el("tr", {}, el("th", { scope: "row" }, key), el("td", {}, spec), el("td", { class: "r num" }, fixed(total, 2)))))));
}
