/** An answer that is an error; where it names a field of the request, that is known. */
export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
    this.field = message.match(/^(pooler|dataset|batch_size|engine|protocol|protocols|name|notes|tags)\b/)?.[1];
  }
}

export async function call(path, options = {}) {
  const answer = await fetch(path, options).catch(() => {
    throw new Error("The server can't be reached.");
  });
  if (answer.status === 401) {
    location.reload(); // the login page takes the token, and leads back here
    return new Promise(() => {});
  }
  const body = await answer.json();
  if (!answer.ok) throw new Refusal(body.error, answer.status);
  return body;
}

const send = (method, path, body) =>
  call(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const startRun = (request) => send("POST", "/runs", request);

export const describeRun = (id, change) => send("PATCH", `/runs/${id}`, change);

export const cancelRun = (id) => call(`/runs/${id}`, { method: "DELETE" });

export const deleteRun = (id) => call(`/runs/${id}?purge=true`, { method: "DELETE" });

/** A query of what is there of the values. */
export function query(path, values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `${path}?${given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}` : path;
}

export const ended = (status) => ["done", "failed", "cancelled"].includes(status);

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
      if (ended(message.type)) stopped = true;
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
