"""Checks a submission as the contest's intake would, and more.

check.py NAME.py NAME.bin DIM [SENTENCES]

SENTENCES holds token embeddings to check it on: for each sentence its length as a little-endian
int32, then length x DIM float32. Without it they are random. Each check is told as a line of JSON
{"done": {"check": NAME, "holds": true|false, "found": TEXT}}, in the order of CHECKS, and {"done":
{}} before the first and after the last. The end of standard input ends the process, and all that the submission has started.
"""

import ast
import importlib.util
import json
import os
import pathlib
import resource
import signal
import struct
import sys
import threading

import torch

TOLERANCE = 1e-4  # sums in another order differ by less; what reads its padding, by far more
BATCHES = (1, 64)
LENGTHS = (1, 2, 7, 64, 512)
MEMORY = 4 << 30


class Events:
    """Where results go: a descriptor of its own, since a submission may print."""

    def __init__(self) -> None:
        self.out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def tell(self, event: dict) -> None:
        self.out.write(json.dumps(event) + "\n")
        self.out.flush()


class Found(Exception):
    """What is wrong, in a sentence."""


class Submission:
    def __init__(self, python: str, weights: str, dim: int, sentences: list):
        self.python = pathlib.Path(python)
        self.weights = weights
        self.dim = dim
        self.sentences = sentences
        self.model = None
        self.threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self") else None
        self.memory = peak_memory()

    # The checks. Each gives what it found, or raises.

    def imports(self) -> str:
        names = set()
        for node in ast.walk(ast.parse(self.python.read_bytes(), self.python.name)):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add("." if node.level else node.module.split(".")[0])
        others = sorted(names - set(sys.stdlib_module_names) - {"torch"})
        if others:
            raise Found(f"expected torch and the standard library only, found {', '.join(others)}")
        return ", ".join(sorted(names)) or "none"

    def get_model(self) -> str:
        sys.path.insert(0, str(self.python.parent))
        os.chdir(self.python.parent)
        spec = importlib.util.spec_from_file_location(self.python.stem, self.python)
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.python.stem] = module
        spec.loader.exec_module(module)
        if not callable(getattr(module, "get_model", None)):
            raise Found("expected a function get_model(), found none")
        model = module.get_model()
        if not isinstance(model, torch.nn.Module):
            raise Found(f"expected a torch.nn.Module, found {type(model).__name__}")
        self.model = model
        return f"{sum(each.numel() for each in model.parameters())} parameters"

    def weights_only(self) -> str:
        state = torch.load(self.weights, weights_only=True, map_location="cpu")
        if not isinstance(state, dict):
            raise Found(f"expected a state dict, found {type(state).__name__}")
        self.model.load_state_dict(state)
        return f"{len(state)} tensors"

    def inference(self) -> str:
        training = [name or "the model" for name, each in self.model.named_modules() if each.training]
        if training:
            raise Found(f"expected no module in training mode, found {training[0]}")
        return "no training mode"

    def shape(self) -> str:
        width = None
        for batch in BATCHES:
            for length in LENGTHS:
                x = torch.stack([self.sentence(i, length) for i in range(batch)])
                found = self.model(x)
                if not isinstance(found, torch.Tensor):
                    raise Found(f"expected a tensor, found {type(found).__name__}")
                shape = tuple(found.shape)
                if len(shape) != 2 or shape[0] != batch or shape[1] != (width or shape[1]):
                    raise Found(
                        f"expected ({batch}, {width or 'output_dim'}) of ({batch}, {length},"
                        f" {self.dim}), found {shape}"
                    )
                width = shape[1]
        return f"(batch, {width})"

    def float32(self) -> str:
        found = self.model(self.batch(4))
        if found.dtype != torch.float32:
            raise Found(f"expected float32, found {str(found.dtype).split('.')[-1]}")
        if not torch.isfinite(found).all():
            raise Found("expected finite numbers, found NaN or infinity")
        return "finite"

    def repeat(self) -> str:
        x = self.batch(16)
        first, second = self.model(x.clone()).clone(), self.model(x.clone())
        if not torch.equal(first, second):
            raise Found(f"expected the same twice, found a difference of {difference(first, second):.2g}")
        return "bit by bit"

    def padding(self) -> str:
        x = self.batch(8)
        padded = torch.cat([x, torch.zeros(8, 100, self.dim)], 1)
        return self.same(self.model(x), self.model(padded), "more padding")

    def batch_size(self) -> str:
        x = self.batch(64)
        alone = [self.model(x[i : i + 1, : self.length(i)].contiguous()) for i in range(8)]
        return self.same(torch.cat(alone), self.model(x)[:8], "in a batch of 64")

    def order(self) -> str:
        x = self.batch(16)
        turned = torch.arange(15, -1, -1)
        return self.same(self.model(x)[turned], self.model(x[turned]), "in another order")

    def threads_used(self) -> str:
        if torch.get_num_threads() != 1:
            raise Found(f"expected torch at 1 thread, found {torch.get_num_threads()}")
        now = len(os.listdir("/proc/self/task")) if self.threads is not None else 0
        if self.threads is not None and now > self.threads:
            raise Found(f"expected no threads of its own, found {now - self.threads}")
        return "none of its own"

    def memory_used(self) -> str:
        return f"{max(0, peak_memory() - self.memory) >> 20} MiB, the tokens included"

    # What they share.

    def sentence(self, i: int, length: int) -> torch.Tensor:
        """Of just that length: tokens of the sentences, in a circle."""
        tokens = self.sentences[i % len(self.sentences)]
        return tokens.repeat(-(-length // len(tokens)), 1)[:length]

    def length(self, i: int) -> int:
        return len(self.sentences[i % len(self.sentences)])

    def batch(self, size: int) -> torch.Tensor:
        """Sentences of their own lengths, right-padded with zeros."""
        return torch.nn.utils.rnn.pad_sequence(
            [self.sentences[i % len(self.sentences)] for i in range(size)], batch_first=True
        )

    def same(self, expected: torch.Tensor, found: torch.Tensor, what: str) -> str:
        off = difference(expected, found)
        if not off <= TOLERANCE:
            raise Found(f"expected the same embedding {what}, found a relative difference of {off:.2g}")
        return f"within {off:.1g}"


CHECKS = {
    "imports": Submission.imports,
    "get_model": Submission.get_model,
    "weights_only": Submission.weights_only,
    "inference": Submission.inference,
    "shape": Submission.shape,
    "float32": Submission.float32,
    "repeat": Submission.repeat,
    "padding": Submission.padding,
    "batch": Submission.batch_size,
    "order": Submission.order,
    "threads": Submission.threads_used,
    "memory": Submission.memory_used,
}


def difference(expected: torch.Tensor, found: torch.Tensor) -> float:
    """The largest within a sentence, over the sentence's largest number."""
    if expected.shape != found.shape:
        raise Found(f"expected shape {tuple(expected.shape)}, found {tuple(found.shape)}")
    off = (found - expected).abs().amax(1) / expected.abs().amax(1).clamp(min=1e-30)
    return float(off.max())


def peak_memory() -> int:
    """Of this program: what getrusage tells on Linux contains the peak of who started it."""
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def read(path: str, dim: int) -> list:
    content, at, sentences = pathlib.Path(path).read_bytes(), 0, []
    while at < len(content):
        (length,) = struct.unpack_from("<i", content, at)
        tokens = torch.frombuffer(
            bytearray(content[at + 4 : at + 4 + 4 * length * dim]), dtype=torch.float32
        )
        sentences.append(tokens.reshape(length, dim))
        at += 4 + 4 * length * dim
    return sentences


def random(dim: int) -> list:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(3 + i % 30, dim, generator=generator) * 0.5 for i in range(64)]


def reason(problem: BaseException) -> str:
    """As the last line of the traceback says it, without more lines that some add."""
    if isinstance(problem, Found):
        return str(problem)
    return f"{type(problem).__name__}: {(str(problem).strip() or 'no reason given').splitlines()[0]}"


def end_with_input(lines) -> None:
    lines.read()
    os.killpg(0, signal.SIGKILL)


def main(python: str, weights: str, dim: str, *sentences: str) -> None:
    os.setsid()  # a group of its own, which ends as a whole
    events = Events()
    lines = os.fdopen(os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    threading.Thread(target=end_with_input, args=(lines,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    torch.ones(64, 64) @ torch.ones(64, 64)  # what torch starts by itself is not the submission's
    size = int(dim)
    tokens = read(sentences[0], size) if sentences else random(size)
    submission = Submission(python, weights, size, tokens)
    events.tell({"done": {}})
    for name, check in CHECKS.items():
        try:
            found = check(submission)
            events.tell({"done": {"check": name, "holds": True, "found": found}})
        except BaseException as problem:
            events.tell({"done": {"check": name, "holds": False, "found": reason(problem)}})
            if submission.model is None and name != "imports":
                break
    events.tell({"done": {}})


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # whatever threads and exit handlers the submission has left
