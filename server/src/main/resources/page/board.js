import { call } from "./api.js";
import { el, select } from "./dom.js";
import { leaderboard } from "./leaderboard.js";
import { activeRuns, history, nodes, watch } from "./runs.js";
import { startForm, welcome } from "./start.js";

/** Start runs, see what goes on, and what poolers are worth; all of it on one data set. */
export async function board(main) {
  const [{ poolers, broken }, { datasets }, { models }, newest] = await Promise.all([call("/poolers"), call("/datasets"), call("/info"), call("/runs?limit=1")]);
  document.title = "Poolmark";
  const known = datasets.map(({ name }) => name);
  const likely = [sessionStorage.getItem("dataset"), newest.runs[0]?.request.dataset, known[0]];
  const state = { dataset: likely.find((name) => known.includes(name)) };

  const active = activeRuns(() => refresh());
  const past = history(state);
  const servers = nodes();
  const leaders = leaderboard(state);
  const hello = welcome({ poolers, state, datasets, onStarted: () => refresh() });
  const later = [leaders.box, past.box];
  const refresh = watch(active, past, servers, async (any) => {
    hello.hidden = any;
    for (const box of later) box.hidden = !any;
    if (any) await leaders.refresh();
  });

  const chooser = select("Data set", known.map((name) => [name]), state.dataset, async (name) => {
    state.dataset = name;
    sessionStorage.setItem("dataset", name);
    await Promise.all([past.first(), leaders.refresh()]);
  });
  hello.hidden = newest.runs.length > 0;
  for (const box of later) box.hidden = newest.runs.length === 0;
  main.replaceChildren(
    el("div", { class: "head page" }, el("div", {}, el("h1", {}, "What poolers are worth"), el("p", { class: "muted" }, "Quality and time of sentence-pooling models, before you submit one.")), chooser),
    hello,
    el("section", { class: "card", "aria-labelledby": "start" }, el("h2", { id: "start" }, "Start a run"), startForm({ poolers, models, state, onStarted: () => refresh() }), broken.map(({ plugin, expected, found }) => el("p", { class: "finding" }, `${plugin}: expected ${expected}, found ${found}`))),
    active.box,
    ...later,
    servers.box,
  );
  await refresh();
  return refresh.stop;
}
