"""What `poolmark score --pooler sum --passes 1` does, with numpy, torch and scipy.

end_to_end.py text FOLDER      parses first.txt, second.txt and labels.txt
end_to_end.py store FILE       maps a token store, a safetensors file

Batches of 64 pairs are padded and pooled on one thread, and the eight correlations are printed.
"""

import json
import mmap
import pathlib
import struct
import sys

import numpy as np
import torch
from scipy import stats

DIM = 768
BATCH = 64


def parsed(folder: pathlib.Path):
    sides = []
    for name in ("first.txt", "second.txt"):
        with open(folder / name, encoding="ascii") as file:
            rows = [np.fromstring(line, dtype=np.float32, sep=" ") for line in file]
        sides.append([torch.from_numpy(row[2:].reshape(int(row[0]), DIM)) for row in rows])
    return sides, np.loadtxt(folder / "labels.txt")


def mapped(path: pathlib.Path):
    with open(path, "rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])

    def tensor(name: str, dtype) -> np.ndarray:
        start, end = header[name]["data_offsets"]
        count = (end - start) // np.dtype(dtype).itemsize
        values = np.frombuffer(content, dtype, count, 8 + length + start)
        return values.reshape(header[name]["shape"])

    sides = []
    for side in ("first", "second"):
        tokens = torch.from_numpy(tensor(f"{side}.tokens", np.float32))
        offsets = tensor(f"{side}.offsets", np.int64)
        sides.append([tokens[a:b] for a, b in zip(offsets[:-1], offsets[1:])])
    dtype = {"F64": np.float64, "F32": np.float32}[header["labels"]["dtype"]]
    return sides, tensor("labels", dtype)


def pooled(sentences: list) -> np.ndarray:
    return np.concatenate(
        [
            torch.nn.utils.rnn.pad_sequence(sentences[i : i + BATCH], batch_first=True).sum(1)
            for i in range(0, len(sentences), BATCH)
        ]
    ).astype(np.float64)


def similarities(a: np.ndarray, b: np.ndarray) -> dict:
    dot = (a * b).sum(1)
    return {
        "cosine": dot / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)),
        "dot": dot,
        "euclidean": -np.linalg.norm(a - b, axis=1),
        "manhattan": -np.abs(a - b).sum(1),
    }


def main(kind: str, place: str) -> None:
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    sides, labels = (parsed if kind == "text" else mapped)(pathlib.Path(place))
    figures = {}
    for name, values in similarities(*map(pooled, sides)).items():
        figures[f"{name}_pearson"] = stats.pearsonr(values, labels).statistic
        figures[f"{name}_spearman"] = stats.spearmanr(values, labels).statistic
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
