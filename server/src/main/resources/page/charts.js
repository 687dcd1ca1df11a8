import { brief, el, fixed, ratio } from "./dom.js";

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const alive = new Set();

/** A chart with a description for those who can't see it. It is drawn again when the scheme changes. */
export function chart(description, config, short = false) {
  const canvas = el("canvas", { role: "img", "aria-label": description });
  const box = el("div", { class: short ? "chart short" : "chart" }, canvas);
  const handle = { box, canvas, config, chart: null };
  alive.add(handle);
  requestAnimationFrame(() => draw(handle));
  return handle;
}

export function closeChart(handle) {
  handle.chart?.destroy();
  alive.delete(handle);
}

export function closeCharts() {
  for (const handle of [...alive]) closeChart(handle);
}

export function redraw(handle) {
  if (handle.chart) {
    handle.chart.data = handle.config().data;
    handle.chart.update("none");
  }
}

function draw(handle) {
  if (!handle.canvas.isConnected || !alive.has(handle)) return;
  handle.chart?.destroy();
  Chart.defaults.color = color("muted");
  Chart.defaults.borderColor = color("grid");
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  handle.chart = new Chart(handle.canvas, handle.config());
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const handle of alive) draw(handle);
});

/** Each series has a tone and a dash or shape of its own, to tell them apart without colours. */
const TONES = ["accent", "second", "third", "fourth", "fifth", "sixth"];
const DASHES = [[], [6, 4], [2, 3], [10, 3], [8, 3, 2, 3], [3, 6]];
const SHAPES = ["circle", "rect", "triangle", "rectRot", "star", "crossRot"];
const tone = (i) => color(TONES[i % TONES.length]);

const axis = (text, more = {}) => ({ title: { display: true, text }, ...more });

/** A logarithmic axis tells 1, 2 and 5 of each power of ten. */
const oneTwoFive = (value) => ([1, 2, 5].includes(Number(String(value).replace(/[.0]/g, ""))) ? String(value) : "");

const intervals = {
  id: "intervals",
  beforeDatasetsDraw(chart) {
    const { ctx, scales, chartArea } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    ctx.strokeStyle = color("muted");
    ctx.globalAlpha = 0.4;
    ctx.lineWidth = 1.5;
    for (const point of chart.data.datasets[0].data) {
      const x = scales.x.getPixelForValue(point.x);
      const y = scales.y.getPixelForValue(point.y);
      line(ctx, x, scales.y.getPixelForValue(point.yci?.[0] ?? point.y), x, scales.y.getPixelForValue(point.yci?.[1] ?? point.y));
      line(ctx, scales.x.getPixelForValue(point.xci?.[0] ?? point.x), y, scales.x.getPixelForValue(point.xci?.[1] ?? point.x), y);
    }
    ctx.restore();
  },
};

const names = {
  id: "names",
  afterDatasetsDraw(chart) {
    const { ctx, chartArea } = chart;
    const taken = [];
    ctx.save();
    ctx.fillStyle = color("ink");
    ctx.font = `12px ${Chart.defaults.font.family}`;
    const points = chart.data.datasets[0].data;
    const elements = chart.getDatasetMeta(0).data;
    for (const { x, y } of elements) taken.push({ x: x - 4, y: y - 4, width: 8, height: 8 });
    const narrow = chartArea.width < 480;
    const order = points.map((point, i) => i).filter((i) => !narrow || points[i].front);
    for (const i of order.sort((a, b) => points[b].front - points[a].front)) {
      const place = placeFor(ctx.measureText(points[i].name).width, elements[i], points[i].r, chartArea, taken);
      if (place) {
        taken.push(place);
        ctx.fillText(points[i].name, place.x, place.y + 10);
      }
    }
    ctx.restore();
  },
};

/** A free box between the bars of a point; none where there is no room: its tooltip names it. */
function placeFor(width, { x, y }, r, area, taken) {
  const height = 13;
  const away = Math.max(4, 0.75 * r);
  const beside = [x + away, x - away - width];
  const levels = [y - away - height, y + away, y - away - 2 * height, y + away + height];
  for (const top of levels) {
    for (const left of beside) {
      const box = { x: left, y: top, width, height };
      const inside = left >= area.left && left + width <= area.right && top >= area.top && top + height <= area.bottom;
      if (inside && !taken.some((other) => overlap(box, other))) return box;
    }
  }
  return null;
}

function line(ctx, x1, y1, x2, y2) {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

const overlap = (a, b) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Quality against time; nothing is both better and faster than what is on the line. */
export function pareto(entries) {
  const points = entries.map(({ report }) => ({
    x: report.time.reference_ratio,
    y: report.quality.score,
    xci: report.time.reference_ratio_ci95,
    yci: report.quality.ci95,
    r: 6 + Math.sqrt(report.pooler.parameter_bytes / (1 << 20)) * 4,
    name: brief(report.pooler.spec),
    total: report.total.score,
  }));
  const front = [];
  for (const point of [...points].sort((a, b) => a.x - b.x || b.y - a.y)) {
    point.front = !front.length || point.y > front.at(-1).y;
    if (point.front) front.push(point);
  }
  const around = (key, ci) => points.flatMap((point) => [point[key], ...(point[ci] ?? [])]);
  const [xs, ys] = [around("x", "xci"), around("y", "yci")];
  const least = Math.sqrt(Math.max(1.3, 10 / (Math.max(...xs) / Math.min(...xs))));
  const xRange = { min: Math.min(...xs) / least, max: Math.max(...xs) * least };
  const description = `Quality against time of ${points.length} poolers. On the front: ${front
    .map((point) => `${point.name} (${fixed(point.y, 1)} at ${ratio(point.x)} times mean)`)
    .join(", ")}. The table above has all figures.`;
  const edge = { x: xRange.max, y: front.at(-1).y };
  return chart(description, () => ({
    type: "bubble",
    data: {
      datasets: [
        { type: "bubble", data: points, backgroundColor: color("accent") + "b0", borderColor: color("accent"), borderWidth: 1.5 },
        { type: "line", data: [...front, edge], stepped: "before", pointRadius: 0, borderColor: color("second"), borderDash: [6, 4], borderWidth: 2, parsing: { xAxisKey: "x", yAxisKey: "y" } },
      ],
    },
    options: {
      layout: { padding: { right: 12, top: 8 } },
      scales: {
        x: axis("time, as a multiple of mean's (log)", { type: "logarithmic", ...xRange, ticks: { maxRotation: 0, autoSkip: true, autoSkipPadding: 12, callback: oneTwoFive } }),
        y: axis("quality (of 80)", { suggestedMin: Math.min(...ys), suggestedMax: Math.max(...ys) }),
      },
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { label: ({ raw }) => (raw.name ? `${raw.name}: quality ${fixed(raw.y, 2)}, ${ratio(raw.x)} × mean, total ${fixed(raw.total, 2)}` : "") }, filter: (item) => item.datasetIndex === 0 },
      },
    },
    plugins: [intervals, names],
  }));
}

/** Similarity against label, a series for each run. */
export function scatter(series) {
  const description = `Cosine similarity of each pair against its label: ${series
    .map(({ name, points }) => `${name}, ${points.length} pairs`)
    .join("; ")}.`;
  return chart(description, () => ({
    type: "scatter",
    data: {
      datasets: series.map(({ name, points }, i) => ({
        label: brief(name),
        data: points,
        pointRadius: points.length > 800 ? 2 : 3,
        pointStyle: SHAPES[i % SHAPES.length],
        backgroundColor: tone(i) + "80",
        borderColor: tone(i),
        borderWidth: i % SHAPES.length > 3 ? 1 : 0,
        clip: false,
      })),
    },
    options: {
      layout: { padding: 6 },
      scales: { x: axis("label", { min: 0, max: 5, ticks: { stepSize: 1 } }), y: axis("cosine similarity") },
      plugins: { legend: { display: series.length > 1, labels: { usePointStyle: true } } },
    },
  }));
}

/** Time by sentence length, a series for each run. */
export function byLength(series) {
  const buckets = series[0].buckets.map((bucket) => `${bucket.min_tokens}–${bucket.max_tokens}`);
  const description = `Microseconds per sentence by its tokens: ${series
    .map(({ name, buckets: found }) => `${name} ${found.map((b) => `${b.min_tokens} to ${b.max_tokens}: ${fixed(b.us_per_sentence, 1)}`).join(", ")}`)
    .join("; ")}.`;
  return chart(
    description,
    () => ({
      type: "bar",
      data: {
        labels: buckets,
        datasets: series.map(({ name, buckets: found }, i) => ({ label: brief(name), data: found.map((bucket) => bucket.us_per_sentence), backgroundColor: tone(i) + "d0", borderRadius: 5, maxBarThickness: 56 })),
      },
      options: {
        scales: { x: axis("tokens in the sentence", { grid: { display: false } }), y: axis("µs per sentence", { beginAtZero: true }) },
        plugins: { legend: { display: series.length > 1 } },
      },
    }),
    true,
  );
}

/** The range in which a correlation of so many pairs would lie 95 times of 100, by Fisher's z. */
function band(correlation, pairs) {
  if (correlation === null || pairs < 5) return [-1, 1];
  const z = Math.atanh(Math.max(-0.9999, Math.min(0.9999, correlation)));
  const half = 1.96 * Math.sqrt(1.06 / (pairs - 3)); // 1.06: Spearman's (Fieller et al. 1957)
  return [Math.tanh(z - half), Math.tanh(z + half)];
}

/**
 * The running correlations of a run that goes on; points are added to the array by the caller. The
 * axes span the whole run, and the band shows how much of what is seen is chance.
 */
export function running(points, total) {
  const series = (label, key, name, dash) => ({ label, data: points.map((point) => ({ x: point.pairs, y: point[key] })), borderColor: color(name), backgroundColor: color(name), borderDash: dash, borderWidth: 2, pointStyle: "line", pointRadius: points.length === 1 ? 2 : 0 });
  const edge = (side, fill) => ({ label: side ? "95 % interval" : "", data: points.map((point) => ({ x: point.pairs, y: band(point.cosine_spearman, point.pairs)[side] })), borderWidth: 0, pointStyle: "rect", pointRadius: 0, backgroundColor: color("accent") + "30", borderColor: color("accent") + "30", fill });
  return chart(
    "Running correlation of similarity with label over the pairs done so far",
    () => ({
      type: "line",
      data: { datasets: [series("Spearman", "cosine_spearman", "accent", []), series("Pearson", "cosine_pearson", "second", [6, 4]), edge(0, false), edge(1, "-1")] },
      options: {
        scales: { x: axis("pairs done", { type: "linear", min: 0, max: points.at(-1)?.total ?? total }), y: axis("correlation", { min: Math.min(0, ...points.map((point) => (point.pairs < 20 ? 0 : Math.floor(10 * Math.min(point.cosine_spearman ?? 0, point.cosine_pearson ?? 0)) / 10))), max: 1 }) },
        plugins: { legend: { labels: { usePointStyle: true, filter: ({ text }) => text !== "" } }, tooltip: { filter: ({ datasetIndex }) => datasetIndex < 2 } },
      },
    }),
    true,
  );
}

/** Totals of the best poolers as the half of the time formula changes. */
export function byHalf({ halves, poolers }, places) {
  const order = places.slice(0, TONES.length).map(({ spec }) => poolers.find((one) => one.spec === spec));
  const best = halves.map((half, i) => order.reduce((a, b) => (b.totals[i] > a.totals[i] ? b : a)).spec);
  const turns = best.map((spec, i) => (i > 0 && spec !== best[i - 1] ? `${spec} from ${ratio(halves[i])}` : null)).filter(Boolean);
  const description = `Total of ${order.length} poolers by the half of the time formula, from ${ratio(halves[0])} to ${halves.at(-1)} times mean. Best at first: ${best[0]}${turns.length ? `; then ${turns.join("; ")}` : ", everywhere"}.`;
  return chart(description, () => ({
    type: "line",
    data: { datasets: order.map(({ spec, totals }, i) => ({ label: brief(spec), data: halves.map((half, at) => ({ x: half, y: totals[at] })), borderColor: tone(i), backgroundColor: tone(i), borderDash: DASHES[i], borderWidth: 2, pointRadius: 0, pointHitRadius: 6 })) },
    options: {
      layout: { padding: { right: 14 } },
      interaction: { mode: "nearest", axis: "x", intersect: false },
      scales: { x: axis("half, as a multiple of mean's time (log)", { type: "logarithmic", min: halves[0], max: halves.at(-1), ticks: { maxRotation: 0, callback: oneTwoFive } }), y: axis("total") },
      plugins: { legend: { labels: { usePointStyle: true, pointStyle: "line" } }, tooltip: { callbacks: { title: ([item]) => `half ${ratio(item.parsed.x)}`, label: ({ dataset, parsed }) => `${dataset.label}: ${fixed(parsed.y, 2)}` } } },
    },
  }));
}

/** How many poolers fit into a chart with a row each; how far points stand from the middle of it. */
const ROWS = 10;
const HEIGHT = 0.18;

const means = {
  id: "means",
  afterDatasetsDraw(chart) {
    const { ctx, scales } = chart;
    ctx.save();
    ctx.strokeStyle = color("second");
    ctx.lineWidth = 3;
    chart.data.datasets[0].means.forEach((mean, i) => {
      const x = scales.x.getPixelForValue(mean);
      line(ctx, x, scales.y.getPixelForValue(i - 1.3 * HEIGHT), x, scales.y.getPixelForValue(i + 1.3 * HEIGHT));
    });
    ctx.restore();
  },
};

/** What each pooler loses in each scenario: a row for each pooler, a point for each scenario, the best on top. */
export function scenarios(all, settings) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rows = all.map((one) => ({ ...one, mean: mean(one.regrets) })).sort((a, b) => a.mean - b.mean).slice(0, ROWS);
  // Points of a row stand at several heights, so that points of similar value are seen.
  const points = rows.flatMap(({ spec, regrets }, i) => regrets.map((regret, at) => ({ x: regret, y: i + HEIGHT * (((at * 5) % 7) / 3 - 1), spec, setting: settings[at] })));
  const description = `What ${rows.length} poolers lose in ${settings.length} scenarios to the best one there, in points: ${rows.map((one) => `${one.spec} ${fixed(one.mean, 2)} on average, ${fixed(Math.max(...one.regrets), 2)} at most`).join("; ")}.`;
  const handle = chart(description, () => ({
    type: "scatter",
    data: { datasets: [{ data: points, means: rows.map((one) => one.mean), pointRadius: 3, pointHitRadius: 4, backgroundColor: color("accent") + "70", borderWidth: 0, clip: 6 }] },
    options: {
      layout: { padding: { right: 12 } },
      scales: {
        x: axis("points lost to the best pooler of the scenario", { min: 0 }),
        y: { min: -0.7, max: rows.length - 0.65, reverse: true, grid: { display: false }, afterBuildTicks: (scale) => (scale.ticks = rows.map((row, value) => ({ value }))), ticks: { autoSkip: false, mirror: true, z: 1, labelOffset: -19, color: color("ink"), callback: (value) => brief(rows[value].spec) } },
      },
      plugins: { legend: { display: false }, tooltip: { callbacks: { label: ({ raw }) => `${brief(raw.spec)} loses ${fixed(raw.x, 2)} under ${raw.setting}` } } },
    },
    plugins: [means],
  }));
  handle.box.style.height = `${3.5 + 3.25 * rows.length}rem`;
  return handle;
}

/** Correlation on the dev pairs before a training and after each of its epochs. */
export function training({ dev_before, dev_history, best_epoch }) {
  const course = [dev_before ?? {}, ...dev_history];
  const series = (label, key, name, dash) => ({ label, data: course.map((figures, x) => ({ x, y: figures[key] ?? null })), borderColor: color(name), backgroundColor: color(name), borderDash: dash, borderWidth: 2, pointStyle: "circle", pointRadius: course.map((figures, epoch) => (epoch === best_epoch ? 5 : 2)) });
  return chart(
    `Cosine Spearman on the dev pairs: ${fixed(course[0].cosine_spearman, 4)} before the training, ${fixed(course[best_epoch]?.cosine_spearman, 4)} after epoch ${best_epoch}, which is kept.`,
    () => ({
      type: "line",
      data: { datasets: [series("Spearman", "cosine_spearman", "accent", []), series("Pearson", "cosine_pearson", "second", [6, 4])] },
      options: {
        layout: { padding: { right: 8, top: 6 } },
        scales: { x: axis("epoch", { type: "linear", min: 0, max: course.length - 1, ticks: { precision: 0 } }), y: axis("correlation on dev") },
        plugins: { legend: { labels: { usePointStyle: true, pointStyle: "line" } }, tooltip: { callbacks: { title: ([item]) => (item.parsed.x ? `after epoch ${item.parsed.x}` : "before the training"), label: ({ dataset, parsed }) => `${dataset.label} ${fixed(parsed.y, 4)}` } } },
      },
    }),
    true,
  );
}
