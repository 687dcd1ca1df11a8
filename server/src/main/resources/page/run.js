import { call, cancelRun, follow, pairs } from "./api.js";
import { duration, el, fixed, moment, notice, range, ratio, ratios, size, whole } from "./dom.js";
import { byLength, redraw, running, scatter } from "./charts.js";

/** One run: live while it goes on, its report when it is done. */
export async function run(main, id) {
  const found = await call(`/runs/${id}`);
  document.title = `${found.request.pooler} – Poolmark`;
  if (["done", "failed", "cancelled"].includes(found.status)) {
    await showEnd(main, found);
    return () => {};
  }
  const view = liveView(found);
  main.replaceChildren(view.box);
  return follow(id, async (message) => {
    if (["done", "failed", "cancelled"].includes(message.type)) {
      await showEnd(main, await call(`/runs/${id}`));
      notice(`The run is ${message.type}`);
    } else {
      view.show(message);
    }
  });
}

function heading(found) {
  const { pooler, dataset, batch_size } = found.request;
  return el("div", { class: "head" }, el("div", {}, el("h1", {}, pooler), el("p", { class: "muted small" }, `on ${dataset}, batches of ${batch_size}, asked for ${moment(found.created_at)}`)), el("span", { class: `status ${found.status}` }, found.status));
}

function liveView(found) {
  const points = [];
  const bar = el("progress", { class: "big", max: 1, value: 0, "aria-label": "Pairs done" });
  const fields = Object.fromEntries(["Pairs", "Spearman", "Pearson", "Time left"].map((name) => [name, el("div", {}, "–")]));
  const state = el("p", { class: "muted", role: "status" }, "Waiting…");
  const graph = running(points);
  const box = el(
    "section",
    { class: "card" },
    heading(found),
    state,
    bar,
    el("div", { class: "live" }, Object.entries(fields).map(([name, value]) => el("div", {}, el("span", {}, name), value))),
    graph.box,
    el("div", { class: "actions" }, el("button", { onclick: () => cancelRun(found.id).catch((error) => notice(error.message)) }, "Cancel this run")),
  );
  return { box, show };

  function show(message) {
    state.textContent = stateText(message);
    if (!message.total) return;
    bar.max = message.total;
    bar.value = message.pairs;
    fields.Pairs.textContent = `${whole(message.pairs)} of ${whole(message.total)}`;
    fields.Spearman.textContent = fixed(message.cosine_spearman, 4);
    fields.Pearson.textContent = fixed(message.cosine_pearson, 4);
    fields["Time left"].textContent = duration(message.eta_seconds);
    points.push(message);
    redraw(graph);
  }
}

function stateText(message) {
  if (message.type === "queued") return message.position ? `Queued, ${message.position} before it` : "Queued, next in turn";
  if (message.type === "reconnecting") return "The connection broke; making it again…";
  if (message.phase === "storing") return "Scored; waiting for the database to keep it…";
  return message.total ? "Scoring…" : "Starting: reading data, compiling the pooler…";
}

async function showEnd(main, found) {
  const { report } = found;
  const top = el("section", { class: "card" }, heading(found), found.error ? el("p", { class: "finding" }, found.error) : null);
  if (!report?.total) {
    top.append(el("div", { class: "actions" }, el("a", { class: "button", href: "#/" }, "Back to the board")));
    main.replaceChildren(top, ...(report ? [about(report)] : []));
    return;
  }
  top.append(scores(report), ...report.findings.map((finding) => el("p", { class: "finding" }, finding)), el("p", { class: "assumption" }, `Quality = ${report.formula.quality}. Time = ${report.formula.time}.`), downloads(found));
  const points = await pairs(found.id);
  main.replaceChildren(
    top,
    el(
      "div",
      { class: "cols" },
      el("section", { class: "card" }, el("h2", {}, "Similarity against label"), scatter([{ name: found.request.pooler, points }]).box),
      el("section", { class: "card" }, el("h2", {}, "Time by sentence length"), byLength([{ name: found.request.pooler, buckets: report.time.by_length }]).box, lengths(report)),
    ),
    el("div", { class: "cols" }, correlations(report), about(report)),
  );
}

function scores({ total, quality, time }) {
  const score = (name, value, of, ci, note, main) =>
    el("div", { class: main ? "score total" : "score" }, el("span", { class: "muted small" }, name), el("b", {}, fixed(value, 2), el("span", { class: "of" }, ` / ${of}`)), meter(value, of, ci), el("span", { class: "ci" }, note));
  return el(
    "div",
    { class: "scores" },
    score("Total", total.score, 100, total.ci95, total.ci95 ? `95 %: ${range(total.ci95, 1)}` : "", true),
    score("Quality", quality.score, 80, quality.ci95, quality.ci95 ? `95 %: ${range(quality.ci95, 1)}` : ""),
    score("Time", time.score, 20, null, `${ratio(time.reference_ratio)} × ${time.reference}${time.reference_ratio_ci95 ? ` (95 %: ${ratios(time.reference_ratio_ci95)})` : ""}`),
  );
}

function meter(value, of, ci) {
  const fill = el("i");
  fill.style.width = `${(100 * value) / of}%`;
  const box = el("div", { class: "meter", "aria-hidden": "true" }, fill);
  if (ci) {
    const span = el("u");
    span.style.left = `${(100 * ci[0]) / of}%`;
    span.style.width = `${(100 * (ci[1] - ci[0])) / of}%`;
    box.append(span);
  }
  return box;
}

function downloads(found) {
  const json = el("button", { onclick: () => save(`${found.id}.json`, JSON.stringify(found, null, 2)) }, "Download JSON");
  return el("p", { class: "actions" }, json, el("a", { class: "button", href: `/runs/${found.id}/pairs`, download: `${found.id}.csv` }, "Download pairs as CSV"), el("a", { class: "button", href: "#/" }, "Back to the board"));
}

function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  el("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

function lengths({ time }) {
  const row = (bucket) => el("tr", {}, el("th", { scope: "row" }, `${bucket.min_tokens}–${bucket.max_tokens}`), el("td", { class: "r num" }, whole(bucket.sentences)), el("td", { class: "r num" }, fixed(bucket.us_per_sentence, 1)));
  return el("table", { class: "small" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Tokens"), el("th", { scope: "col", class: "r" }, "Sentences"), el("th", { scope: "col", class: "r" }, "µs a sentence"))), el("tbody", {}, time.by_length.map(row)));
}

function correlations({ quality }) {
  const row = (kind) => el("tr", {}, el("th", { scope: "row" }, kind), ["pearson", "spearman"].map((name) => el("td", { class: "r num" }, fixed(quality[`${kind}_${name}`], 4))));
  return el(
    "section",
    { class: "card" },
    el("h2", {}, "Correlation with the labels"),
    el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Similarity"), el("th", { scope: "col", class: "r" }, "Pearson"), el("th", { scope: "col", class: "r" }, "Spearman"))), el("tbody", {}, ["cosine", "dot", "euclidean", "manhattan"].map(row))),
  );
}

function about({ pooler, dataset, environment, time }) {
  const facts = [
    ["Plugin", `${pooler.plugin}, version ${pooler.version}`],
    ["Output", pooler.output_dim === null ? "–" : `${pooler.output_dim} wide`],
    ["Parameters", pooler.parameters === null ? "–" : `${whole(pooler.parameters)} (${size(pooler.parameter_bytes)})`],
    ["Data", `${dataset.name}: ${whole(dataset.pairs)} pairs, ${whole(dataset.tokens)} tokens of ${dataset.dim}`],
    ["Inference", time ? `${fixed(time.inference_seconds, 3)} s, ${fixed(time.us_per_sentence, 1)} µs a sentence` : "–"],
    ["Machine", `${environment.cpu}, ${environment.threads} thread, torch ${environment.torch}`],
    ["Order", environment.order],
    ["Data's SHA-256", dataset.sha256],
  ];
  return el("section", { class: "card" }, el("h2", {}, "About this run"), el("dl", { class: "facts small" }, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])));
}
