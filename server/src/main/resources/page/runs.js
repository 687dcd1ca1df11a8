import { call, cancelRun, deleteRun, ended, follow, query, startRun } from "./api.js";
import { button, duration, el, fixed, moment, notice, plural, scroll, select } from "./dom.js";

const PAGE = 12;
const LISTED = 50;
const SHOWN = 6;

/** Updates the children of a list in place: one element a key, kept as long as the key is there. */
function reconcile(list, items, key, make) {
  const known = new Map([...list.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  let before = null;
  for (const item of items) {
    const id = key(item);
    let element = known.get(id);
    if (!element) {
      element = make(item);
      element.dataset.key = id;
    }
    known.delete(id);
    const place = before ? before.nextSibling : list.firstChild;
    if (place !== element) list.insertBefore(element, place);
    element.update(item);
    before = element;
  }
  for (const gone of known.values()) gone.remove();
}

const set = (element, text) => element.textContent === text || (element.textContent = text);

/** The runs that go on, a row each, which lives as long as its run. */
export function activeRuns(onEnded) {
  const list = el("ul", { class: "runs active" });
  const rest = el("p", { class: "muted small", hidden: true });
  const box = el("section", { class: "card", "aria-labelledby": "active", hidden: true }, el("h2", { id: "active" }, "Running and waiting"), list, rest);
  const following = new Map();

  function item({ id, request }) {
    const bar = el("progress", { max: 1, value: 0, "aria-label": `Progress of ${request.pooler}` });
    const state = el("span", { class: "status" });
    const far = el("span", { class: "num small muted" });
    const left = el("span", { class: "num small muted left" });
    const cancel = button("Cancel", () => cancelRun(id), { "aria-label": `Cancel ${request.pooler}` });
    const element = el("li", {}, el("span", { class: "what" }, el("a", { href: `#/runs/${id}` }, request.pooler), " ", el("span", { class: "muted small" }, request.dataset)), far, left, state, cancel, bar);
    element.update = (run) => {
      set(state, run.status);
      state.className = `status ${run.status}`;
      bar.hidden = run.status === "queued";
      if (run.status === "queued") set(far, run.ahead ? `${run.ahead} before it` : "next in turn");
      if (run.status === "queued") set(left, "");
    };
    element.progress = (message) => {
      if (!message.total) {
        set(far, message.phase === "storing" ? "storing" : message.type === "progress" ? "starting" : far.textContent);
        set(left, "");
        return;
      }
      bar.max = message.total;
      bar.value = message.pairs;
      set(far, `${Math.floor((100 * message.pairs) / message.total)} %`);
      set(left, message.pairs < message.total ? `${duration(message.eta_seconds)} left` : "measuring");
    };
    return element;
  }

  function update(runs) {
    box.hidden = !runs.length;
    reconcile(list, runs, ({ id }) => id, item);
    for (const { id, status } of runs) {
      if (status === "running" && !following.has(id)) {
        following.set(
          id,
          follow(id, (message) => {
            list.querySelector(`[data-key="${id}"]`)?.progress(message);
            if (ended(message.type)) {
              following.delete(id);
              onEnded();
            }
          }),
        );
      }
    }
  }

  const stop = () => {
    for (const end of following.values()) end();
  };
  const more = (count) => {
    rest.hidden = count === 0;
    set(rest, `${plural(count, "more run")} ${count === 1 ? "waits" : "wait"}.`);
  };
  return { box, update, more, stop };
}

/** The servers that share the queue; nothing where there is one alone. */
export function nodes() {
  const place = el("div");
  const box = el("section", { class: "card", "aria-labelledby": "nodes", hidden: true }, el("h2", { id: "nodes" }, "Nodes"), place);
  let shown = "";

  async function refresh() {
    const { nodes: all } = await call("/nodes");
    box.hidden = all.length < 2;
    const found = JSON.stringify(all.map(({ name, state, machine, gflops, lanes, running, version }) => [name, state, machine, gflops, lanes, running, version]));
    if (found === shown) return;
    shown = found;
    const core = ({ torch, gflops, read_gb_per_second: read }) => (torch === undefined ? "–" : `torch ${torch}, ${gflops} GFLOPS, ${read} GB/s`);
    const line = (node) => row(node, core(node));
    const row = ({ name, state, machine, lanes, running = [], version, since }, speed) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, el("span", { class: `status ${state === "up" ? "done" : state === "lost" ? "failed" : "queued"}` }, state)), el("td", { class: "r num" }, lanes === undefined ? "–" : `${running.length} of ${lanes}`), el("td", {}, machine ?? "–"), el("td", {}, speed), el("td", {}, version ?? "–"), el("td", {}, moment(since)));
    place.replaceChildren(scroll("Nodes", el("table", { class: "small" }, el("thead", {}, el("tr", {}, ["Node", "State", "Lanes busy", "Machine", "Its core", "Version", "Since"].map((text, i) => el("th", { scope: "col", class: i === 2 ? "r" : null }, text)))), el("tbody", {}, all.map(line)))));
  }

  return { box, refresh };
}

/** What has ended: searched, picked for a comparison, deleted. Older pages stay as they were read. */
export function history(state) {
  const list = el("ul", { class: "runs" });
  const none = el("p", { class: "muted", hidden: true });
  const compare = el("a", { class: "button off", role: "link", "aria-disabled": "true" }, "Pick runs to compare");
  const more = button("Show older runs", older, { hidden: true });
  const search = el("input", { type: "search", placeholder: "pooler, name, tag, note", "aria-label": "Search the history", oninput: later });
  const filter = { status: "ended" };
  const picked = new Map();
  let shown = [];
  let next = null;
  let asked = "";
  let waiting;

  const box = el(
    "section",
    { class: "card", "aria-labelledby": "runs" },
    el("div", { class: "head" }, el("h2", { id: "runs" }, "History"), el("div", { class: "tools" }, search, select("Status", [["ended", "all"], ["done"], ["failed"], ["cancelled"]], "ended", (value) => ((filter.status = value), first()), { "aria-label": "Status" }), compare)),
    list,
    none,
    el("p", { class: "actions" }, more),
  );

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(first, 250);
  }

  const wanted = () => ({ q: search.value.trim().slice(0, 200), status: filter.status, dataset: state.dataset, limit: PAGE });

  /** The newest page anew; what was shown behind it stays, where the question is the same. */
  async function first() {
    const question = query("/runs", wanted());
    const page = await call(question);
    if (question !== query("/runs", wanted())) return;
    const known = new Set(page.runs.map(({ id }) => id));
    const same = question === asked && shown.some(({ id }) => known.has(id));
    const oldest = page.runs.at(-1)?.created_at;
    shown = same ? [...page.runs, ...shown.filter(({ id, created_at }) => !known.has(id) && created_at <= oldest)] : page.runs;
    if (!same) next = page.next_page_token;
    asked = question;
    show();
  }

  async function older() {
    const page = await call(query("/runs", { ...wanted(), next_page_token: next }));
    next = page.next_page_token;
    shown.push(...page.runs);
    show();
  }

  function show() {
    reconcile(list, shown, ({ id }) => id, item);
    none.hidden = shown.length > 0;
    none.textContent = search.value || filter.status !== "ended" ? "No run is like that." : "No run on this data set has ended yet.";
    more.hidden = next === null;
  }

  function item(run) {
    const { id, request } = run;
    const pick = el("input", { type: "checkbox", id: `pick-${id}`, onchange: (event) => choose(run, event.target.checked) });
    const name = el("span", { class: "small" });
    const tags = el("span", { class: "tags" });
    const when = el("span", { class: "muted small" });
    const score = el("span", { class: "num" });
    const status = el("span", { class: "status" });
    const element = el("li", {}, pick, el("div", { class: "what" }, el("a", { href: `#/runs/${id}` }, request.pooler), " ", name, " ", tags, " ", when), score, status);
    element.update = (now) => {
      pick.disabled = now.status !== "done";
      pick.checked = picked.has(id);
      pick.setAttribute("aria-label", `Compare ${request.pooler} of ${moment(now.created_at)}`);
      set(name, now.name ?? "");
      set(when, `${moment(now.finished_at ?? now.created_at)}, batch ${request.batch_size}, ${request.protocol}${request.engine === "python" ? ", Python" : ""}${now.pinned ? ", pinned" : ""}`);
      set(score, now.scores ? fixed(now.scores.total, 2) : "");
      set(status, now.status);
      status.className = `status ${now.status}`;
      if (tags.dataset.tags !== now.tags.join()) {
        tags.dataset.tags = now.tags.join();
        tags.replaceChildren(...now.tags.map((tag) => el("span", { class: "tag" }, tag)));
      }
    };
    return element;
  }

  function choose(run, on) {
    if (on) picked.set(run.id, run);
    else picked.delete(run.id);
    const enough = picked.size >= 2;
    compare.classList.toggle("off", !enough);
    compare.textContent = enough ? `Compare these ${picked.size}` : "Pick runs to compare";
    if (enough) {
      compare.href = `#/compare/${[...picked.keys()].join("/")}`;
      compare.removeAttribute("aria-disabled");
    } else {
      compare.removeAttribute("href");
      compare.setAttribute("aria-disabled", "true");
    }
  }

  return { box, first };
}

/** Starts a run again, with the same request; leads to the new one. */
export async function runAgain(request) {
  const { id } = await startRun(request);
  location.hash = `#/runs/${id}`;
}

/** Deletes a run after a word of consent; leads to the board. */
export async function deleteAsked(run) {
  if (!confirm(`Delete this run of ${run.request.pooler}, with its pairs? It can't be undone.`)) return;
  await deleteRun(run.id);
  notice("Deleted");
  location.hash = "#/";
}

/** What goes on and what came before, looked up now and then. */
export function watch(active, past, servers, onChange) {
  let timer;
  let stopped = false;
  let seen;

  async function refresh() {
    clearTimeout(timer);
    let busy = false;
    try {
      busy = await refreshNow();
    } catch (error) {
      notice(`${error.message} Trying again…`);
      busy = true;
    }
    if (!stopped) {
      clearTimeout(timer);
      timer = setTimeout(refresh, document.hidden ? 15000 : busy ? 1500 : 8000);
    }
  }

  async function refreshNow() {
    const [running, queued, newest, { queued: waiting }] = await Promise.all([call("/runs?status=running&limit=100"), call(`/runs?status=queued&limit=${LISTED}`), call("/runs?limit=1"), call("/info")]);
    if (stopped) return false;
    await servers.refresh();
    const open = new Set(running.runs.map(({ id }) => id));
    // Newest first is how they come; whose place is not known is not listed.
    const next = waiting > LISTED ? [] : queued.runs.reverse().map((run, ahead) => ({ ...run, ahead })).filter(({ id }) => !open.has(id));
    active.update([...running.runs.reverse(), ...next.slice(0, SHOWN)]);
    active.more(waiting > LISTED ? waiting : Math.max(0, next.length - SHOWN));
    const signature = [newest.runs[0]?.id, ...open, waiting].join();
    if (signature !== seen) {
      await past.first();
      await onChange(newest.runs.length > 0);
      seen = signature;
    }
    return open.size > 0 || waiting > 0;
  }

  refresh.stop = () => {
    stopped = true;
    clearTimeout(timer);
    active.stop();
  };
  return refresh;
}
