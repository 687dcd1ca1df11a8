"""Small random models of the real transformers, with the hidden states that it computes.

    transformers_models.py OUT < MODELS.json

MODELS.json has {"name": {"model_type", other keys of the config}}. OUT/name receives config.json and
model.safetensors as save_pretrained writes them, pytorch_model.bin, ids.json, a list of texts as ids, and
expected.safetensors: for the n-th hidden state "h<n>" (tokens, dim), the texts' tokens one after the other.
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel

LENGTHS = (7, 3, 12, 12, 1, 40, 2, 26, 12, 33)


def texts(config, longest):
    # Ids 0 to 4 are left to the marks: padding among them.
    return [torch.randint(5, config.vocab_size, (min(length, longest),)).tolist() for length in LENGTHS]


def padded(rows, filler):
    longest = max(map(len, rows))
    return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])


def randomise(model):
    for name, weight in model.named_parameters():
        with torch.no_grad():
            if weight.dim() == 1:
                weight.add_(torch.randn_like(weight) * 0.1)
            else:
                weight.copy_(torch.randn_like(weight) * (0.5 if "embedding" in name else weight.shape[-1] ** -0.5))


def write(folder, settings):
    dtype = settings.pop("dtype", "float32")
    shard = settings.pop("max_shard_size", "5GB")
    config = AutoConfig.for_model(**settings)
    model = AutoModel.from_config(config).eval()
    randomise(model)
    model = model.to(getattr(torch, dtype))
    model.save_pretrained(folder, max_shard_size=shard)
    published = {name: weight for file in folder.glob("*.safetensors") for name, weight in load_file(file).items()}
    torch.save(published, folder / "pytorch_model.bin")
    rows = texts(config, 40)
    ids = padded(rows, config.pad_token_id)
    mask = padded([[1] * len(row) for row in rows], 0)
    with torch.no_grad():
        states = model.float()(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    kept = mask.bool()
    save_file({f"h{n}": state[kept].contiguous() for n, state in enumerate(states)}, folder / "expected.safetensors")
    (folder / "ids.json").write_text(json.dumps(rows))


def main():
    torch.manual_seed(7)
    for name, settings in json.load(sys.stdin).items():
        folder = pathlib.Path(sys.argv[1]) / name
        folder.mkdir(parents=True)
        write(folder, settings)


main()
