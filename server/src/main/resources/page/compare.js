import { call, pairs, query } from "./api.js";
import { brief, el, fixed, moment, range, ratios, scroll, signed } from "./dom.js";
import { byLength, scatter } from "./charts.js";

/** Runs side by side: a row for each figure, with differences to the first. */
export async function compare(main, ids) {
  const found = await Promise.all(ids.map((id) => call(`/runs/${id}`)));
  if (!found.every(({ report }) => report?.total)) throw new Error("Only runs that are done can be compared.");
  if (found.length < 2) {
    await choose(main, found[0]);
    return;
  }
  const names = found.map((run, i) => (found.some((other) => other !== run && other.request.pooler === run.request.pooler) ? `${run.request.pooler} (${i + 1})` : run.request.pooler));
  document.title = `${names.join(" and ")} – Poolmark`;
  const reports = found.map(({ report }) => report);
  const [clouds, told] = await Promise.all([Promise.all(ids.map(pairs)), call(`/comparison?runs=${ids.join(",")}`).catch((error) => ({ error }))]);
  const sameData = new Set(reports.map(({ dataset }) => dataset.sha256)).size === 1;
  main.replaceChildren(
    el(
      "section",
      { class: "card" },
      el("h1", {}, names.length === 2 ? `${names[0]} and ${names[1]}` : `${names.length} runs compared`),
      sameData ? el("p", { class: "muted small" }, `on ${reports[0].dataset.name}, ${reports[0].dataset.pairs} pairs`) : el("p", { class: "finding" }, `They are of different data: ${[...new Set(reports.map(({ dataset }) => dataset.name))].join(", ")}.`),
      differing(reports),
      verdict(names, told),
      figures(names, reports, ids, told),
      el("p", { class: "actions" }, el("a", { class: "button", href: `#/compare/${ids[0]}` }, "Compare with another"), ids.length === 2 ? el("a", { class: "button", href: `#/compare/${[...ids].reverse().join("/")}` }, "Swap") : null, el("a", { class: "button", href: "#/" }, "Back to the board")),
    ),
    el(
      "div",
      { class: "cols" },
      el("section", { class: "card" }, el("h2", {}, "Similarity against label"), scatter(names.map((name, i) => ({ name, points: clouds[i] }))).box),
      el("section", { class: "card" }, el("h2", {}, "Time by sentence length"), byLength(reports.map((report, i) => ({ name: names[i], buckets: report.time.by_length }))).box),
    ),
  );
}

/** What one run can be compared with. */
async function choose(main, first) {
  if (!first) throw new Error("Pick runs to compare on the board.");
  const { runs } = await call(query("/runs", { status: "done", dataset: first.request.dataset, limit: 100 }));
  const others = runs.filter(({ id }) => id !== first.id);
  document.title = `Compare ${first.request.pooler} – Poolmark`;
  const item = ({ id, request, finished_at, scores, name }) => el("li", {}, el("span", { class: "what" }, el("a", { href: `#/compare/${first.id}/${id}` }, request.pooler), " ", el("span", { class: "small" }, name ?? ""), " ", el("span", { class: "muted small" }, `${moment(finished_at)}, batch ${request.batch_size}, ${request.protocol}`)), el("span", { class: "num" }, fixed(scores.total, 2)));
  main.replaceChildren(
    el("section", { class: "card" }, el("h1", {}, `Compare ${first.request.pooler} with`), others.length ? el("ul", { class: "runs choices" }, others.map(item)) : el("p", { class: "muted" }, "There is no other done run on this data set."), el("p", { class: "actions" }, el("a", { class: "button", href: `#/runs/${first.id}` }, "Back to the run"))),
  );
}

/** What was not measured alike. */
function differing(reports) {
  const values = [
    ["time protocols", (r) => r.time.protocol],
    ["engines", (r) => r.time.engine],
    ["batch sizes", (r) => r.environment.batch_size],
    ["machines", (r) => r.environment.machine ?? r.environment.cpu],
  ];
  const other = values.map(([name, value]) => [name, [...new Set(reports.map(value))]]).filter(([, all]) => all.length > 1);
  return other.length ? el("p", { class: "assumption" }, `Their times were not taken alike. They differ in ${other.map(([name, all]) => `${name} (${all.join("; ")})`).join(", ")}.`) : null;
}

/** What the paired bootstrap says, in the words of the command line. */
function verdict(names, { error, differences }) {
  if (error) return el("p", { class: "muted small" }, `No paired bootstrap: ${error.message}.`);
  const line = ({ total }, i) => {
    const name = names[i + 1];
    if (total.second_better === null) return `Which of ${names[0]} and ${name} has the better total is not known: a single pass tells no spread.`;
    const more = total.points >= 0;
    const [better, other] = more ? [name, names[0]] : [names[0], name];
    const [low, high] = more ? total.ci95 : [-total.ci95[1], -total.ci95[0]];
    return `${better} has a better total than ${other}, with a chance of ${fixed(100 * (more ? total.second_better : 1 - total.second_better), 0)} %: ${signed(Math.abs(total.points), 2)} points, 95 % from ${signed(low, 2)} to ${signed(high, 2)}.`;
  };
  return el("div", { class: "verdict" }, differences.map((difference, i) => el("p", {}, line(difference, i))), el("p", { class: "small muted" }, "By a paired bootstrap: each resample of pairs and passes is scored for all of them."));
}

function figures(names, reports, ids, { differences }) {
  const rows = [
    ["Total", (r) => r.total.score, 2, 1, (r) => range(r.total.ci95, 1), "total"],
    ["Quality", (r) => r.quality.score, 2, 1, (r) => range(r.quality.ci95, 1), "quality"],
    ["Time", (r) => r.time.score, 2, 1, null, "time"],
    ["Time × mean (less is better)", (r) => r.time.reference_ratio, 3, -1, (r) => ratios(r.time.reference_ratio_ci95)],
    ["µs per sentence (less is better)", (r) => r.time.us_per_sentence, 1, -1],
    ["Cosine Spearman", (r) => r.quality.cosine_spearman, 4, 1],
    ["Cosine Pearson", (r) => r.quality.cosine_pearson, 4, 1],
    ["Output width", (r) => r.pooler.output_dim, 0, 0],
    ["Parameters, MiB (less is better)", (r) => r.pooler.parameter_bytes / (1 << 20), 2, -1],
  ];
  const line = ([name, value, digits, sense, ci, paired]) => {
    const first = value(reports[0]);
    const cell = (report, i) => {
      const change = value(report) - first;
      const own = i > 0 && paired ? differences?.[i - 1]?.[paired] : null;
      const sure = own?.ci95 && (own.ci95[0] > 0 || own.ci95[1] < 0);
      const tone = sure ? (sense * change > 0 ? "better" : "worse") : "";
      const points = own ? own.points : change;
      return el(
        "td",
        { class: `r num ${tone}` },
        fixed(value(report), digits),
        ci ? el("span", { class: "ci" }, ` ${ci(report)}`) : null,
        i > 0 ? el("span", { class: "change" }, `${signed(points, digits)}${own?.ci95 ? ` (${signed(own.ci95[0], digits)} to ${signed(own.ci95[1], digits)})` : ""}${sure ? (sense * change > 0 ? " better" : " worse") : ""}`) : null,
      );
    };
    return el("tr", {}, el("th", { scope: "row" }, name), reports.map(cell));
  };
  const head = (name, i) => el("th", { scope: "col", class: "r" }, el("a", { href: `#/runs/${ids[i]}`, title: name }, brief(name)));
  return scroll(
    "Figures of all",
    el("table", { class: "both" }, el("caption", { class: "small muted" }, "Below a figure stands its difference to the first. One whose 95 % interval leaves out 0 is set off."), el("thead", {}, el("tr", {}, el("td", {}), names.map(head))), el("tbody", {}, rows.map(line))),
  );
}
