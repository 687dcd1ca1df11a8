"""Measures the performance tables of the documentation, and prints them as Markdown and JSON.

figures.py POOLMARK DATA [--repeats N] [--json FILE] [SPEC...]

POOLMARK is bin/poolmark of a distribution, DATA a folder that `encode` wrote, with the store. The Python that runs
it needs torch, numpy and scipy, and is the one that poolmark is told to use.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

SPECS = ["mean", "sum", "low_rank", "attention:output_dim=256"]
HERE = pathlib.Path(__file__).parent


def run(*command: str, cache: str) -> str:
    environment = dict(os.environ, POOLMARK_PYTHON=sys.executable, XDG_CACHE_HOME=cache)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment[name] = "1"
    done = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return done.stdout


def seconds(*command: str, cache: str) -> float:
    start = time.perf_counter()
    run(*command, cache=cache)
    return time.perf_counter() - start


def end_to_end(poolmark: str, data: str, repeats: int, cache: str) -> dict:
    """Wall time of the whole process, in turn; the text is parsed anew in a cache of its own."""
    text = pathlib.Path(cache, "text")
    text.mkdir()
    for name in ("first.txt", "second.txt", "labels.txt"):
        (text / name).symlink_to(pathlib.Path(data, name).resolve())
    store = str(pathlib.Path(data, "tokens.safetensors"))
    options = ("--pooler", "sum", "--passes", "1", "--format", "json")
    from_text = (poolmark, "score", "--data", str(text), *options)
    from_store = (poolmark, "score", "--data", data, *options)
    script = (sys.executable, str(HERE / "end_to_end.py"))
    ours = json.loads(run(*from_store, cache=cache))[0]["quality"]
    for kind, place in (("text", str(text)), ("store", store)):
        for name, value in json.loads(run(*script, kind, place, cache=cache)).items():
            if abs(ours[name] - value) > 1e-6:
                raise SystemExit(f"{name} from {kind}: expected {value}, found {ours[name]}")
    times: dict = {"text": [], "text, Python": [], "store": [], "store, Python": []}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as empty:
            times["text"].append(seconds(*from_text, cache=empty))
        times["text, Python"].append(seconds(*script, "text", str(text), cache=cache))
        times["store"].append(seconds(*from_store, cache=cache))
        times["store, Python"].append(seconds(*script, "store", store, cache=cache))
    return {name: statistics.median(each) for name, each in times.items()}


def engines(poolmark: str, data: str, specs: list, cache: str) -> list:
    """Microseconds a sentence and ratios by protocol and batch size, in Java and in Python."""
    rows = {}
    for engine in ("java", "python"):
        poolers = [word for spec in specs for word in ("--pooler", spec)]
        command = (poolmark, "score", "--data", data, *poolers, "--engine", engine)
        for report in json.loads(run(*command, "--protocols", "all", "--format", "json", cache=cache)):
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


def markdown(figures: dict) -> str:
    facts, times = figures["machine"], figures["end_to_end"]
    lines = [
        f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']}, commit {facts['commit']}",
        "",
        "| from | Poolmark, s | Python, s | Python over Poolmark |",
        "|---|---|---|---|",
    ]
    for name in ("text", "store"):
        own, other = times[name], times[f"{name}, Python"]
        lines.append(f"| {name} | {own:.2f} | {other:.2f} | {other / own:.2f} |")
    lines += [
        "",
        "| pooler | protocol | batch | Java, µs | Python, µs | ratio, Java | ratio, Python |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in figures["engines"]:
        lines.append(
            f"| `{row['pooler']}` | {row['protocol']} | {row['batch_size']} | {row['java_us']:.2f} "
            f"| {row['python_us']:.2f} | {row['java_ratio']:.3f} | {row['python_ratio']:.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poolmark")
    parser.add_argument("data")
    parser.add_argument("specs", nargs="*", default=SPECS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    figures = {"machine": machine()}
    with tempfile.TemporaryDirectory() as cache:
        figures["end_to_end"] = end_to_end(
            arguments.poolmark, arguments.data, arguments.repeats, cache
        )
        figures["engines"] = engines(arguments.poolmark, arguments.data, arguments.specs, cache)
    print(markdown(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
