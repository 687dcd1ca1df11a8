import { call, cancelRun, describeRun, ended, follow, pairs } from "./api.js";
import { button, duration, el, fixed, heads, moment, notice, once, range, ratio, ratios, row, scroll, seconds, signed, size, whole } from "./dom.js";
import { byLength, redraw, running, scatter, training } from "./charts.js";
import { deleteAsked, runAgain } from "./runs.js";

/** One run: live while it goes on, its report when it is done. */
export async function run(main, id) {
  const found = await call(`/runs/${id}`);
  document.title = `${found.request.pooler} – Poolmark`;
  if (ended(found.status)) {
    await showEnd(main, found);
    return () => {};
  }
  const view = liveView(found);
  main.replaceChildren(view.box);
  return follow(id, async (message) => {
    if (ended(message.type)) {
      await showEnd(main, await call(`/runs/${id}`));
      notice(`The run is ${message.type}`);
    } else {
      view.show(message);
    }
  });
}

function heading(found) {
  const { pooler, dataset, batch_size, engine, protocol } = found.request;
  return el(
    "div",
    { class: "head" },
    el("div", {}, el("h1", {}, pooler), el("p", { class: "muted small" }, `on ${dataset}, batches of ${batch_size}, ${protocol}, in ${engine === "python" ? "Python" : "Java"}; queued ${moment(found.created_at)}`)),
    el("span", { class: `status ${found.status}` }, found.status),
  );
}

function liveView(found) {
  const points = found.history ?? [];
  const bar = el("progress", { class: "big", max: 1, value: 0, "aria-label": "Pairs done" });
  const fields = Object.fromEntries(["Pairs", "Spearman", "Pearson", "Time left"].map((name) => [name, el("div", {}, "–")]));
  const state = el("p", { class: "muted", role: "status" }, "Waiting…");
  const graph = running(points);
  const scoring = el("div", { hidden: true }, bar, el("div", { class: "live" }, Object.entries(fields).map(([name, value]) => el("div", {}, el("span", {}, name), value))), graph.box);
  const box = el("section", { class: "card" }, heading(found), state, scoring, el("div", { class: "actions" }, button("Cancel this run", () => cancelRun(found.id)), el("a", { class: "button", href: "#/" }, "Back to the board")));
  const status = box.querySelector(".status");
  if (found.status === "queued") show({ type: "queued", position: found.position });
  else if (found.progress) show(found.progress);
  return { box, show };

  function show(message) {
    state.textContent = stateText(message);
    if (message.type === "queued" || message.type === "progress") {
      const now = message.type === "queued" ? "queued" : "running";
      status.textContent = now;
      status.className = `status ${now}`;
    }
    if (message.type === "queued" || message.phase === "starting") begin();
    if (!message.total) return;
    // It was taken from its lane and starts again: what was before is of another attempt.
    if (points.length && message.pairs < points.at(-1).pairs) begin();
    scoring.hidden = false;
    bar.max = message.total;
    bar.value = message.pairs;
    fields.Pairs.textContent = `${whole(message.pairs)} of ${whole(message.total)}`;
    fields.Spearman.textContent = fixed(message.cosine_spearman, 4);
    fields.Pearson.textContent = fixed(message.cosine_pearson, 4);
    fields["Time left"].textContent = duration(message.eta_seconds);
    if (message.pairs !== points.at(-1)?.pairs) points.push(message);
    redraw(graph);
  }

  function begin() {
    points.length = 0;
    scoring.hidden = true;
  }
}

function stateText(message) {
  if (message.type === "queued") return message.position ? `Queued: ${message.position} before it` : "Queued: next in turn";
  if (message.type === "reconnecting") return "The connection broke; making it again…";
  if (message.phase === "storing") return "Scored; waiting for the database to keep it…";
  if (!message.total) return "Starting: reading data, compiling the pooler…";
  return message.pairs < message.total ? "Scoring…" : "All pairs are scored; taking the time in further passes…";
}

async function showEnd(main, found) {
  const { report } = found;
  const again = button("Run again", () => runAgain(found.request));
  const top = el("section", { class: "card" }, heading(found), found.error ? el("p", { class: "finding" }, found.error) : null);
  if (!report?.total) {
    if (found.log) top.append(el("h2", { class: "gap" }, "The last lines of its process"), el("pre", { class: "log", tabindex: "0", role: "region", "aria-label": "Log" }, found.log));
    top.append(el("div", { class: "actions" }, again, button("Delete", () => deleteAsked(found)), el("a", { class: "button", href: "#/" }, "Back to the board")));
    main.replaceChildren(top, labels(found), about(found));
    return;
  }
  top.append(
    scores(report),
    ...report.findings.map((finding) => el("p", { class: report.eligible ? "note" : "finding" }, finding)),
    el("p", { class: "assumption" }, `Quality = ${report.formula.quality}. Time = ${report.formula.time}.`),
    el("p", { class: "actions" }, again, el("a", { class: "button", href: `#/compare/${found.id}` }, "Compare with…"), ...downloads(found), button("Delete", () => deleteAsked(found)), el("a", { class: "button", href: "#/" }, "Back to the board")),
  );
  const [points, taught] = await Promise.all([pairs(found.id), trainingOf(found.request.pooler)]);
  if (taught?.report) top.querySelector(".actions").prepend(el("a", { class: "button", href: taught.report }, "Report of its tuning"));
  main.replaceChildren(
    top,
    el(
      "div",
      { class: "cols" },
      el("section", { class: "card" }, el("h2", {}, "Similarity against label"), scatter([{ name: found.request.pooler, points }]).box),
      el("section", { class: "card" }, el("h2", {}, "Time by sentence length"), byLength([{ name: found.request.pooler, buckets: report.time.by_length }]).box, lengths(report)),
    ),
    el("div", { class: "cols loose" }, el("div", { class: "stack" }, about(found), protocols(report)), el("div", { class: "stack" }, taught?.dev_history?.length ? lesson(taught) : null, labels(found), correlations(report))),
  );
}

/** How a model under the server's models was trained; nothing where that is not known. */
async function trainingOf(spec) {
  const [, name] = spec.match(/^models\/([^/]+)$/) ?? [];
  if (!name || /\.(pt|zip)$/.test(name)) return null;
  return call(`/models/${encodeURIComponent(name)}/training`).catch(() => null);
}

function lesson(taught) {
  const { train, dev, settings = {}, best_epoch, dev_best } = taught;
  const facts = [
    ["Pooler", taught.spec],
    ["Trained on", train ? `${train.name}, ${whole(train.pairs)} pairs` : null],
    ["Chosen on", dev ? `${dev.name}, ${whole(dev.pairs)} pairs` : null],
    ["Kept", `epoch ${best_epoch}, Spearman ${fixed(dev_best?.cosine_spearman, 4)}`],
    ["Loss", settings.loss],
    ["Learning rate", settings.learning_rate],
    ["Seed", taught.seed],
  ];
  return el("section", { class: "card" }, el("h2", {}, "Its training"), training(taught).box, el("dl", { class: "facts small" }, listed(facts)));
}

const listed = (facts) => facts.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);

/** What people write beside a run. */
function labels(found) {
  const input = (name, value, more = {}) => el("input", { name, value: value ?? "", autocomplete: "off", ...more });
  const name = input("name", found.name, { maxlength: 200 });
  const tags = input("tags", found.tags.join(", "), { placeholder: "separated by commas" });
  const notes = el("textarea", { name: "notes", rows: 3, maxlength: 10000 }, found.notes ?? "");
  const pinned = el("input", { type: "checkbox", name: "pinned", checked: found.pinned });
  const save = el("button", {}, "Save");
  const keep = async () => {
    await describeRun(found.id, { name: name.value, notes: notes.value, tags: tags.value.split(",").map((tag) => tag.trim()).filter(Boolean), pinned: pinned.checked });
    notice("Saved");
  };
  const submit = (event) => {
    event.preventDefault();
    once(save, keep);
  };
  return el(
    "section",
    { class: "card" },
    el("h2", {}, "Name, tags and notes"),
    el("form", { class: "labels", onsubmit: submit }, el("label", {}, "Name", name), el("label", {}, "Tags", tags), el("label", {}, "Notes", notes), el("label", { class: "check" }, pinned, "Keep it when old runs are deleted"), el("p", { class: "actions" }, save)),
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

const downloads = (found) => [button("Download JSON", () => save(`${found.id}.json`, JSON.stringify(found, null, 2))), el("a", { class: "button", href: `/runs/${found.id}/pairs`, download: `${found.id}.csv` }, "Download pairs as CSV")];

function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  el("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

function lengths({ time }) {
  const all = time.by_length.reduce((sum, { sentences }) => sum + sentences, 0);
  const mean = time.by_length.reduce((sum, { sentences, us_per_sentence }) => sum + sentences * us_per_sentence, 0) / all;
  const apart = time.us_per_sentence / mean - 1;
  return [
    el("table", { class: "small" }, heads(["Tokens"], ["Sentences", "µs per sentence"]), el("tbody", {}, time.by_length.map(({ min_tokens, max_tokens, sentences, us_per_sentence }) => row(`${min_tokens}–${max_tokens}`, [whole(sentences), fixed(us_per_sentence, 1)])))),
    el("p", { class: "small muted" }, `Here a batch holds sentences of similar length, which takes ${fixed(mean, 1)} µs per sentence. The score keeps the order of the data and pads each batch to its longest sentence, as a grader does. That takes ${fixed(time.us_per_sentence, 1)} µs${Math.abs(apart) > 0.1 ? `, ${fixed(Math.abs(100 * apart), 0)} % ${apart > 0 ? "more" : "less"}` : ""}.`),
  ];
}

function correlations({ quality }) {
  const line = (kind) => row(kind, ["pearson", "spearman"].map((name) => fixed(quality[`${kind}_${name}`], 4)));
  return el("section", { class: "card" }, el("h2", {}, "Correlation with the labels"), el("table", {}, heads(["Similarity"], ["Pearson", "Spearman"]), el("tbody", {}, ["cosine", "dot", "euclidean", "manhattan"].map(line))));
}

/** Time under every protocol, where the request wanted it. */
function protocols({ time }) {
  if (!time.protocols?.length) return null;
  const line = ({ protocol, batch_size, us_per_sentence, reference_ratio, reference_ratio_ci95, score }) => row(`${protocol}, batches of ${batch_size}`, [fixed(us_per_sentence, 1), el("span", {}, ratio(reference_ratio), el("span", { class: "ci" }, ` ${ratios(reference_ratio_ci95)}`)), fixed(score, 2)]);
  return el("section", { class: "card" }, el("h2", {}, "Time under every protocol"), scroll("Time under every protocol", el("table", { class: "small" }, heads(["Time taken"], ["µs per sentence", "× mean", "Points"]), el("tbody", {}, time.protocols.map(line)))));
}

function about(found) {
  const { request, report } = found;
  const { pooler, dataset, environment, time } = report ?? {};
  const facts = [
    ["Id", found.id],
    ["Duration", found.started_at && found.finished_at ? `${duration(seconds(found.started_at, found.finished_at))}, after ${duration(seconds(found.created_at, found.started_at))} in the queue` : "–"],
    ["Ended", found.finished_at ? moment(found.finished_at) : "–"],
    ["Attempts", found.attempt > 1 ? found.attempt : null],
    ["Engine", (time?.engine ?? request.engine) === "python" ? `Python ${environment?.python ?? ""}` : `Java ${environment?.java ?? ""}`],
    ["Protocol", time ? `${time.protocol}, ${time.passes} passes` : request.protocol],
    ["Inference", time ? `${fixed(time.inference_seconds, 3)} s, ${fixed(time.us_per_sentence, 1)} µs per sentence` : null],
    ["Plugin", pooler?.plugin ? `${pooler.plugin}, version ${pooler.version}` : null],
    ["Output", pooler && pooler.output_dim !== null ? `${pooler.output_dim} wide` : null],
    ["Parameters", pooler && pooler.parameters !== null ? `${whole(pooler.parameters)} (${size(pooler.parameter_bytes)})` : null],
    ["Data", dataset ? `${dataset.name}: ${whole(dataset.pairs)} pairs, ${whole(dataset.tokens)} tokens of ${dataset.dim}` : request.dataset],
    ["Node", found.node ?? environment?.node],
    ["Machine", environment ? `${environment.machine ?? environment.cpu}; ${environment.threads} thread, torch ${environment.torch}` : null],
    ["Order", environment?.order],
    ["Data's SHA-256", dataset?.sha256],
  ];
  return el("section", { class: "card" }, el("h2", {}, "About this run"), el("dl", { class: "facts small" }, listed(facts)));
}
