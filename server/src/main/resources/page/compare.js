import { call, pairs } from "./api.js";
import { brief, el, fixed, range, ratios } from "./dom.js";
import { byLength, scatter } from "./charts.js";

/** Two runs side by side. */
export async function compare(main, firstId, secondId) {
  const [first, second] = await Promise.all([call(`/runs/${firstId}`), call(`/runs/${secondId}`)]);
  const [firstPairs, secondPairs] = await Promise.all([pairs(firstId), pairs(secondId)]);
  const names = [first, second].map((run, i) => (first.request.pooler === second.request.pooler ? `${run.request.pooler} (${i + 1})` : run.request.pooler));
  document.title = `${names.join(" and ")} – Poolmark`;
  const reports = [first.report, second.report];
  if (!reports.every((report) => report?.total)) throw new Error("Only runs that are done can be compared.");
  const sameData = reports[0].dataset.sha256 === reports[1].dataset.sha256;
  main.replaceChildren(
    el(
      "section",
      { class: "card" },
      el("h1", {}, `${names[0]} and ${names[1]}`),
      sameData ? el("p", { class: "muted small" }, `on ${reports[0].dataset.name}, ${reports[0].dataset.pairs} pairs`) : el("p", { class: "finding" }, `They are of different data: ${reports.map((report) => report.dataset.name).join(" and ")}.`),
      figures(names, reports, [firstId, secondId]),
      el("p", { class: "actions" }, el("a", { class: "button", href: "#/" }, "Back to the board")),
    ),
    el(
      "div",
      { class: "cols" },
      el("section", { class: "card" }, el("h2", {}, "Similarity against label"), scatter([{ name: names[0], points: firstPairs }, { name: names[1], points: secondPairs }]).box),
      el("section", { class: "card" }, el("h2", {}, "Time by sentence length"), byLength(reports.map((report, i) => ({ name: names[i], buckets: report.time.by_length }))).box),
    ),
  );
}

function figures(names, reports, ids) {
  const rows = [
    ["Total", (r) => r.total.score, 2, 1, (r) => range(r.total.ci95, 1)],
    ["Quality", (r) => r.quality.score, 2, 1, (r) => range(r.quality.ci95, 1)],
    ["Time", (r) => r.time.score, 2, 1],
    ["Time × mean", (r) => r.time.reference_ratio, 3, -1, (r) => ratios(r.time.reference_ratio_ci95)],
    ["µs a sentence", (r) => r.time.us_per_sentence, 1, -1],
    ["Cosine Spearman", (r) => r.quality.cosine_spearman, 4, 1],
    ["Cosine Pearson", (r) => r.quality.cosine_pearson, 4, 1],
    ["Output width", (r) => r.pooler.output_dim, 0, 0],
    ["Parameters, MiB", (r) => r.pooler.parameter_bytes / (1 << 20), 2, -1],
  ];
  const row = ([name, value, digits, sense, ci]) => {
    const [a, b] = reports.map(value);
    const difference = b - a;
    const cell = (report, better) => el("td", { class: better ? "r num better" : "r num" }, fixed(value(report), digits), ci ? el("span", { class: "ci" }, ` ${ci(report)}`) : null);
    return el("tr", {}, el("th", { scope: "row" }, name), cell(reports[0], sense * difference < 0), cell(reports[1], sense * difference > 0), el("td", { class: "r num" }, `${difference > 0 ? "+" : ""}${fixed(difference, digits)}`));
  };
  const head = (name, i) => el("th", { scope: "col", class: "r" }, el("a", { href: `#/runs/${ids[i]}`, title: name }, brief(name)));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Figures of both" }, el("table", { class: "both" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, ""), names.map(head), el("th", { scope: "col", class: "r" }, "Change"))), el("tbody", {}, rows.map(row))));
}
