"""Measures the performance figures of the documentation, and prints them as Markdown and JSON.

figures.py POOLMARK PARTS --train DIR --dev DIR [--encoder DIR] [--benchmarks FILE --load FILE] [--json FILE]

POOLMARK is bin/poolmark of a distribution, PARTS is "all" or names with commas. DIR are folders that `encode` wrote, with
texts, store and pairs.tsv. The encoder is MiniLM's folder with model.safetensors. The files hold the class paths of the
benchmarks and of the load tests. The Python that runs this needs torch, numpy and scipy; poolmark is told to use it.
"""

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
TRAINED = ["low_rank", "attention:output_dim=256"]
TIMED = ["sum", *TRAINED, "cls"]


class Bench:
    """The commands under measurement, with a cache of their own and one thread for every library."""

    def __init__(self, arguments: argparse.Namespace, cache: str):
        self.arguments = arguments
        self.cache = cache

    def run(self, *command, cache: str = "") -> str:
        environment = dict(
            os.environ, POOLMARK_PYTHON=sys.executable, XDG_CACHE_HOME=cache or self.cache
        )
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            environment[name] = "1"
        done = subprocess.run(
            [str(word) for word in command], env=environment, stdout=subprocess.PIPE, text=True
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))}: exit {done.returncode}")
        return done.stdout

    def seconds(self, *command, cache: str = "") -> float:
        start = time.perf_counter()
        self.run(*command, cache=cache)
        return time.perf_counter() - start

    def poolmark(self, *words) -> str:
        return self.run(self.arguments.poolmark, *words)

    def reports(self, specs: list, *words) -> list:
        poolers = [word for spec in specs for word in ("--pooler", spec)]
        return json.loads(
            self.poolmark("score", "--data", self.arguments.dev, *poolers, "--format", "json", *words)
        )

    def java(self, class_path: pathlib.Path, *words) -> list:
        """The lines that a Java benchmark prints."""
        java = pathlib.Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
        lines = self.run(java, *words[:-1], "-cp", class_path.read_text().strip(), *words[-1])
        return [line for line in lines.splitlines() if line and not line.startswith("#")]


def poolers(bench: Bench) -> list:
    """The table of the README: two learned poolers, trained by default, and three that learn nothing."""
    specs = []
    with tempfile.TemporaryDirectory() as models:
        for spec in TRAINED:
            folder = pathlib.Path(models, spec.partition(":")[0])
            data = ("--data", bench.arguments.train, "--dev", bench.arguments.dev)
            bench.poolmark("train", "--pooler", spec, *data, "--out", folder)
            specs.append(str(folder))
        reports = bench.reports([*specs, "sum", "cls", "mean"])
    names = [f"`{spec}`, trained" for spec in TRAINED] + ["`sum`", "`cls`", "`mean`"]
    rows = [
        {
            "pooler": name,
            "quality": report["quality"]["score"],
            "time": report["time"]["score"],
            "total": report["total"]["score"],
            "total_ci95": report["total"]["ci95"],
            "reference_ratio": report["time"]["reference_ratio"],
        }
        for name, report in zip(names, reports)
    ]
    return sorted(rows, key=lambda row: -row["total"])


def engines(bench: Bench) -> list:
    """Microseconds a sentence and ratios by protocol and batch size, in Java and in Python."""
    rows: dict = {}
    for engine in ("java", "python"):
        for report in bench.reports(TIMED, "--engine", engine, "--protocols", "all"):
            for each in report["time"]["protocols"]:
                key = (report["pooler"]["spec"], each["protocol"], each["batch_size"])
                rows.setdefault(key, {})[engine] = each
    return [
        {
            "pooler": pooler,
            "protocol": protocol,
            "batch_size": batch_size,
            "java_us": both["java"]["us_per_sentence"],
            "python_us": both["python"]["us_per_sentence"],
            "java_ratio": both["java"]["reference_ratio"],
            "python_ratio": both["python"]["reference_ratio"],
        }
        for (pooler, protocol, batch_size), both in rows.items()
    ]


def spin() -> None:
    while True:
        pass


@contextlib.contextmanager
def busy_core():
    process = multiprocessing.get_context("spawn").Process(target=spin, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def repeats(bench: Bench) -> list:
    """How often the figure of one run lies inside the interval of another, the median, and how far the figures differ."""
    rows = []
    specs = ["sum", *TRAINED]
    for name, load in (("idle", contextlib.nullcontext), ("the other core busy", busy_core)):
        times: dict = {spec: [] for spec in specs}
        with load():
            for _ in range(bench.arguments.runs):
                for report in bench.reports(specs):
                    times[report["pooler"]["spec"]].append(report["time"])
        for spec, each in times.items():
            pairs = list(itertools.permutations(each, 2))
            ratios = [one["reference_ratio"] for one in each]
            inside = [
                low <= other["reference_ratio"] <= high
                for one, other in pairs
                for low, high in [one["reference_ratio_ci95"]]
            ]
            rows.append(
                {
                    "machine": name,
                    "pooler": spec,
                    "inside": sum(inside),
                    "of": len(pairs),
                    "median": statistics.median(ratios),
                    "largest_over_smallest": max(ratios) / min(ratios),
                }
            )
    return rows


def end_to_end(bench: Bench) -> list:
    """Wall time of the whole process, in turn; the text is parsed anew in a cache of its own."""
    data = pathlib.Path(bench.arguments.train).resolve()
    text = pathlib.Path(bench.cache, "text")
    text.mkdir()
    for name in ("first.txt", "second.txt", "labels.txt"):
        (text / name).symlink_to(data / name)
    store = data / "tokens.safetensors"
    score = (bench.arguments.poolmark, "score", "--pooler", "sum", "--passes", "1", "--format", "json", "--data")
    script = (sys.executable, HERE / "end_to_end.py")
    ours = json.loads(bench.run(*score, data))[0]["quality"]
    for kind, place in (("text", text), ("store", store)):
        for name, value in json.loads(bench.run(*script, kind, place)).items():
            # Ranks hang on the last bit where two pairs are equally close.
            if name.endswith("pearson") and abs(ours[name] - value) > 1e-6:
                raise SystemExit(f"{name} from {kind}: expected {value}, found {ours[name]}")
    times: dict = {(kind, who): [] for kind in ("text", "store") for who in ("poolmark", "python")}
    for _ in range(bench.arguments.runs):
        with tempfile.TemporaryDirectory() as empty:
            times["text", "poolmark"].append(bench.seconds(*score, text, cache=empty))
        times["text", "python"].append(bench.seconds(*script, "text", text))
        times["store", "poolmark"].append(bench.seconds(*score, data))
        times["store", "python"].append(bench.seconds(*script, "store", store))
    median = {key: statistics.median(each) for key, each in times.items()}
    return [
        {
            "from": kind,
            "poolmark_seconds": median[kind, "poolmark"],
            "python_seconds": median[kind, "python"],
            "python_over_poolmark": median[kind, "python"] / median[kind, "poolmark"],
        }
        for kind in ("text", "store")
    ]


def parsing(bench: Bench) -> list:
    """The lines of the benchmarks (JMH) of parsing and opening."""
    lines = bench.java(bench.arguments.benchmarks, ["dev.poolmark.evaluator.dataset.Benchmarks"])
    return [line for line in lines if "MB/s" in line or "data set" in line]


def encoders(bench: Bench) -> list:
    """The lines of the encoders' benchmarks, and the start of a model's weights alone."""
    room = "dev.poolmark.evaluator.encoder."
    words = (pathlib.Path(bench.arguments.dev, "pairs.tsv"), "400")
    lines = bench.java(bench.arguments.benchmarks, [room + "EncodingBenchmark", *words])
    if bench.arguments.encoder:
        folder = bench.arguments.encoder
        lines += bench.java(bench.arguments.benchmarks, [room + "TorchBesideOnnxBenchmark", *words, folder])
        command = (bench.arguments.poolmark, "similarity", "--encoder", folder, "a man sings", "a man is singing")
        seconds = statistics.median(bench.seconds(*command) for _ in range(bench.arguments.runs))
        lines.append(f"similarity of two sentences, the whole process: {seconds:.2f} s")
    return [line for line in lines if "sentence" in line]


def load(bench: Bench) -> list:
    """The lines of the load tests of the server."""
    home = pathlib.Path(bench.arguments.poolmark).resolve().parent.parent
    properties = (f"-Dpoolmark.home={home}", f"-Dpoolmark.it={bench.cache}/load")
    return bench.java(bench.arguments.load, *properties, ["dev.poolmark.server.LoadBench"])


PARTS = {
    "poolers": poolers,
    "engines": engines,
    "repeats": repeats,
    "end-to-end": end_to_end,
    "parsing": parsing,
    "encoders": encoders,
    "load": load,
}


def machine() -> dict:
    commit = subprocess.run(
        ("git", "-C", str(HERE), "rev-parse", "--short", "HEAD"), stdout=subprocess.PIPE, text=True
    )
    info = pathlib.Path("/proc/cpuinfo")
    models = [
        line.split(":")[1].strip()
        for line in (info.read_text().splitlines() if info.exists() else [])
        if line.startswith("model name")
    ]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "commit": commit.stdout.strip() or "unknown",
        "python": platform.python_version(),
    }


def cell(value) -> str:
    if isinstance(value, list):
        return " to ".join(map(cell, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def markdown(part: str, figures: dict) -> str:
    facts, found = figures["machine"], figures["figures"]
    lines = [
        f"## {part}",
        "",
        f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']} before, commit {facts['commit']}",
        "",
    ]
    if isinstance(found[0], str):
        lines += [f"- {line}" for line in found]
    else:
        lines += [f"| {' | '.join(found[0])} |", "|---" * len(found[0]) + "|"]
        lines += [f"| {' | '.join(map(cell, row.values()))} |" for row in found]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poolmark")
    parser.add_argument("parts", help=f"all, or some of {','.join(PARTS)}")
    parser.add_argument("--train", required=True)
    parser.add_argument("--dev", required=True)
    parser.add_argument("--encoder", default="")
    parser.add_argument("--benchmarks", type=pathlib.Path)
    parser.add_argument("--load", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5, help="of what is run several times (5)")
    arguments = parser.parse_args()
    parts = list(PARTS) if arguments.parts == "all" else arguments.parts.split(",")
    for part in parts:
        if part not in PARTS:
            parser.error(f"expected all, or some of {','.join(PARTS)}, found {part}")
    measured = {}
    for part in parts:
        facts = machine()
        with tempfile.TemporaryDirectory() as cache:
            measured[part] = {"machine": facts, "figures": PARTS[part](Bench(arguments, cache))}
        print(markdown(part, measured[part]), flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
