import { call } from "./api.js";
import { el, notice } from "./dom.js";
import { closeCharts } from "./charts.js";
import { board } from "./board.js";
import { run } from "./run.js";
import { compare } from "./compare.js";

let leave = () => {};

/** Shows the view that the address names; a view returns what ends it. */
async function show() {
  leave();
  closeCharts();
  const main = document.getElementById("main");
  const [name, ...parts] = location.hash.replace(/^#\/?/, "").split("/");
  const views = { runs: () => run(main, parts[0]), compare: () => compare(main, parts[0], parts[1]) };
  leave = () => {};
  if (!main.hasChildNodes()) main.append(el("p", { class: "muted" }, "Loading…"));
  try {
    const view = views[name] ?? (() => board(main));
    const here = location.hash;
    const end = (await view()) ?? (() => {});
    if (here === location.hash) leave = end;
    else end();
  } catch (error) {
    main.replaceChildren(
      el("section", { class: "card" }, el("h1", {}, "That did not work"), el("p", { class: "finding" }, error.message), el("a", { href: "#/" }, "Back to the board")),
    );
  }
  if (show.again) main.focus({ preventScroll: true });
  if (show.again) scrollTo(0, 0);
  show.again = true;
}

addEventListener("hashchange", show);
addEventListener("unhandledrejection", (event) => notice(event.reason.message));
show();
call("/info").then(({ needs_token }) => (document.getElementById("logout").hidden = !needs_token));
