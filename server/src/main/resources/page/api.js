export async function call(path, options = {}) {
  const answer = await fetch(path, options).catch(() => {
    throw new Error("The server can't be reached.");
  });
  if (answer.status === 401) location.reload(); // which asks for the token
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

export const startRun = (request) =>
  call("/runs", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
  });

export const cancelRun = (id) => call(`/runs/${id}`, { method: "DELETE" });

/** Follows a run until it ends; a connection that breaks is made again. Returns what stops it. */
export function follow(id, onMessage) {
  let socket;
  let stopped = false;
  let wait = 250;
  const connect = () => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/runs/${id}/progress`);
    socket.onmessage = (event) => {
      wait = 250;
      const message = JSON.parse(event.data);
      if (["done", "failed", "cancelled"].includes(message.type)) stopped = true;
      onMessage(message);
    };
    socket.onclose = () => {
      if (stopped) return;
      onMessage({ type: "reconnecting", id });
      setTimeout(() => stopped || connect(), wait);
      wait = Math.min(wait * 2, 5000);
    };
  };
  connect();
  return () => {
    stopped = true;
    socket.close();
  };
}

/** Label and cosine of each pair of a run. */
export async function pairs(id) {
  const answer = await fetch(`/runs/${id}/pairs`);
  if (!answer.ok) return [];
  const [header, ...rows] = (await answer.text()).trimEnd().split("\n");
  const columns = header.split(",");
  const back = columns.length; // a spec may hold commas, so columns are counted from the end
  const label = columns.indexOf("label") - back;
  const cosine = columns.indexOf("cosine") - back;
  return rows.map((row) => {
    const cells = row.split(",");
    return { x: Number(cells.at(label)), y: Number(cells.at(cosine)) };
  });
}
