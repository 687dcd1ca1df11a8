"""Runs a pooler beside the reference on a token store, and times it, as Poolmark tells it to.

bench.py STORE SUBJECT.py REFERENCE.py EMBEDDINGS [CORE]

SUBJECT and REFERENCE are modules with get_model(). Requests come as lines of JSON on standard
input, and each is answered by a line {"done": ...} or {"fault": "what is wrong with the subject"}:

{"do": "embed", "batch": [...]}            writes float32 (batch, dim) to EMBEDDINGS
{"do": "warm_up", "condition": {...}}
{"do": "pass", "runner": "pooler"|"reference", "condition": {...}}    gives nanoseconds
{"do": "pass_batch", "batch": [...]}       gives nanoseconds of the subject

A condition is {"protocol": "fresh"|"cold"|"hot", "batch_size": N, "pairs": N}. A batch holds
numbers of sentences, those of the second side from the number of rows on. While it works on a
request, {"alive": true} is told from time to time. The end of standard input ends the process, and
all that the subject has started. The clock runs around forward calls and nothing else.
"""

import ctypes
import importlib.util
import json
import mmap
import os
import platform
import queue
import signal
import struct
import sys
import threading
import time
import traceback

import torch

HOT_PASSES = 7
WARM_UP_NANOS = 100_000_000
ALIVE_NANOS = 1_000_000_000


class Fault(Exception):
    """What is wrong with the subject, in a sentence."""


class Events:
    """Where answers go: a descriptor of its own, since a subject may print."""

    def __init__(self) -> None:
        self.out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self.told = time.perf_counter_ns()

    def tell(self, event: dict) -> None:
        self.told = time.perf_counter_ns()
        self.out.write(json.dumps(event) + "\n")
        self.out.flush()

    def alive(self) -> None:
        if time.perf_counter_ns() - self.told > ALIVE_NANOS:
            self.tell({"alive": True})


class Store:
    """A token store: safetensors, mapped into memory."""

    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        (length,) = struct.unpack_from("<Q", content)
        header = json.loads(content[8 : 8 + length])

        def tensor(name: str, dtype: torch.dtype) -> torch.Tensor:
            start, _ = header[name]["data_offsets"]
            shape = header[name]["shape"]
            count = shape[0] * (shape[1] if len(shape) > 1 else 1)
            values = torch.frombuffer(content, dtype=dtype, count=count, offset=8 + length + start)
            return values.reshape(shape)

        self.sides = []
        for side in ("first", "second"):
            offsets = tensor(f"{side}.offsets", torch.int64).tolist()
            self.sides.append((tensor(f"{side}.tokens", torch.float32), offsets))
        self.rows = len(self.sides[0][1]) - 1
        self.dim = self.sides[0][0].shape[1]

    def length(self, sentence: int) -> int:
        offsets, row = self.sides[sentence // self.rows][1], sentence % self.rows
        return offsets[row + 1] - offsets[row]

    def assemble(self, batch: list, room: torch.Tensor) -> torch.Tensor:
        """(batch, longest, dim) at the beginning of the room, padded on the right with zeros."""
        longest = max(map(self.length, batch))
        x = room[: len(batch) * longest * self.dim].view(len(batch), longest, self.dim)
        for i, sentence in enumerate(batch):
            tokens, offsets = self.sides[sentence // self.rows]
            row = sentence % self.rows
            length = offsets[row + 1] - offsets[row]
            x[i, :length] = tokens[offsets[row] : offsets[row + 1]]
            x[i, length:] = 0
        return x

    def numbers(self, batch: list) -> int:
        return len(batch) * max(map(self.length, batch)) * self.dim

    def batches(self, condition: dict) -> list:
        """Of each run of neighbouring pairs the first sentences, then the second ones."""
        size, pairs = condition["batch_size"], condition["pairs"]
        return [
            list(range(side + start, side + min(start + size, pairs)))
            for start in range(0, pairs, size)
            for side in (0, self.rows)
        ]


class Bench:
    def __init__(self, store: Store, subject, reference, events: Events) -> None:
        self.store = store
        self.models = {"pooler": subject, "reference": reference}
        self.events = events
        self.room = torch.empty(0)
        self.dim = None

    def assemble(self, batch: list) -> torch.Tensor:
        needed = self.store.numbers(batch)
        if self.room.numel() < needed:
            self.room = torch.empty(needed)
        return self.store.assemble(batch, self.room)

    def embed(self, batch: list) -> torch.Tensor:
        found = self.models["pooler"](self.assemble(batch))
        if not isinstance(found, torch.Tensor):
            raise Fault(f"expected a tensor of embeddings, found {type(found).__name__}")
        width = "output_dim" if self.dim is None else self.dim
        shape = tuple(found.shape)
        if len(shape) != 2 or shape[0] != len(batch) or (shape[1] or -1) != (self.dim or shape[1]):
            raise Fault(f"expected embeddings of shape ({len(batch)}, {width}), found {shape}")
        if found.dtype != torch.float32:
            raise Fault(f"expected float32 embeddings, found {str(found.dtype).split('.')[-1]}")
        if not torch.isfinite(found).all():
            raise Fault("expected finite embeddings, found NaN or infinity")
        self.dim = shape[1]
        return found.contiguous()

    def time(self, model, x: torch.Tensor) -> int:
        start = time.perf_counter_ns()
        model(x)
        return time.perf_counter_ns() - start

    def warm_up(self, condition: dict) -> None:
        for batch in ([0], self.store.batches(condition)[0]):
            x = self.assemble(batch)
            end = time.perf_counter_ns() + WARM_UP_NANOS
            while time.perf_counter_ns() < end:
                for model in self.models.values():
                    self.time(model, x)
                self.events.alive()

    def run(self, runner: str, condition: dict) -> int:
        model = self.models[runner]
        batches = self.store.batches(condition)
        if condition["protocol"] == "cold":
            return self.cold(model, batches)
        repeats = HOT_PASSES if condition["protocol"] == "hot" else 1
        return sum(self.fresh(model, batch, repeats) for batch in batches)

    def fresh(self, model, batch: list, repeats: int = 1) -> int:
        x = self.assemble(batch)
        nanos = min(self.time(model, x) for _ in range(repeats))
        self.events.alive()
        return nanos

    def cold(self, model, batches: list) -> int:
        sizes = [self.store.numbers(batch) for batch in batches]
        if self.room.numel() < sum(sizes):
            self.room = torch.empty(sum(sizes))
        rooms = self.room[: sum(sizes)].split(sizes)
        assembled = [self.store.assemble(*each) for each in zip(batches, rooms)]
        nanos = 0
        for x in assembled:
            nanos += self.time(model, x)
            self.events.alive()
        return nanos


def load(path: str):
    """The model of a module, as a grader gets it."""
    folder, name = os.path.dirname(path), os.path.basename(path)[: -len(".py")]
    sys.path.insert(0, folder)
    os.chdir(folder)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if not callable(getattr(module, "get_model", None)):
        raise Fault("expected a function get_model(), found none")
    model = module.get_model()
    if not isinstance(model, torch.nn.Module):
        raise Fault(f"expected a torch.nn.Module of get_model(), found {type(model).__name__}")
    return model.eval()


def facts(model, dim: int) -> dict:
    return {
        "output_dim": dim,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
        "threads": torch.get_num_threads(),
    }


def reason(problem: BaseException) -> str:
    """The last line of the traceback."""
    lines = traceback.format_exception_only(type(problem), problem)
    return str(problem) if isinstance(problem, Fault) else lines[-1].strip()


def read_requests(lines, requests: queue.Queue) -> None:
    for line in lines:
        requests.put(json.loads(line))
    os.killpg(0, signal.SIGKILL)


def serve(bench: Bench, requests: queue.Queue, events: Events, embeddings: str) -> None:
    while True:
        request = requests.get()
        if request["do"] == "embed":
            values = bench.embed(request["batch"])
            with open(embeddings, "wb") as file:
                file.write(ctypes.string_at(values.data_ptr(), values.nbytes))
            events.tell({"done": values.shape[1]})
        elif request["do"] == "warm_up":
            bench.warm_up(request["condition"])
            events.tell({"done": True})
        elif request["do"] == "pass":
            events.tell({"done": bench.run(request["runner"], request["condition"])})
        else:
            events.tell({"done": bench.fresh(bench.models["pooler"], request["batch"])})


def main(store: str, subject: str, reference: str, embeddings: str, *core: str) -> None:
    os.setsid()  # a group of its own, which ends as a whole
    events = Events()
    lines = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    requests: queue.Queue = queue.Queue()
    threading.Thread(target=read_requests, args=(lines, requests), daemon=True).start()
    if core:
        os.sched_setaffinity(0, {int(core[0])})
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    try:
        mean = load(reference)
        model = load(subject)
        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
        bench = Bench(Store(store), model, mean, events)
        bench.embed([0])
        events.tell({"done": facts(model, bench.dim)})
        serve(bench, requests, events, embeddings)
    except BaseException as problem:
        events.tell({"fault": reason(problem)})


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # whatever threads and exit handlers the subject has left
