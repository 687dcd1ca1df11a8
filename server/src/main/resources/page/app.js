import { call } from "./api.js";
import { el, notice } from "./dom.js";
import { closeCharts } from "./charts.js";
import { board } from "./board.js";
import { run } from "./run.js";
import { compare } from "./compare.js";

const main = document.getElementById("main");
let leave = () => {};

/** Shows the view that the address names; a view returns what ends it. */
async function show() {
  leave();
  closeCharts();
  const [name, ...parts] = location.hash.replace(/^#\/?/, "").split("/");
  const views = { runs: () => run(main, parts[0]), compare: () => compare(main, parts.filter(Boolean)) };
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
// The address names the view, so a jump within the page must not change it.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
show();
call("/info").then(({ needs_token }) => (document.getElementById("logout").hidden = !needs_token));
