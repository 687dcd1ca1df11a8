"""What the real sentence-transformers makes of exported folders.

    sentence_transformers_embeddings.py FOLDER... < SENTENCES.json

Prints {FOLDER: [embedding, ...]}. Each folder is saved and loaded again on the way, and the saved one must embed alike;
left padding and sentences behind each other, as flash attention leaves them, must give what right padding gives.
"""
import json
import sys

import torch
from sentence_transformers import SentenceTransformer


def load(folder):
    return SentenceTransformer(folder, trust_remote_code=True, device="cpu")


def check_layouts(module, dim):
    lengths = (3, 5, 1)
    sentences = [torch.randn(n, dim) for n in lengths]
    right = torch.nn.utils.rnn.pad_sequence(sentences, batch_first=True)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones(n, dtype=torch.int64) for n in lengths], batch_first=True)
    left = torch.stack([torch.roll(row, 5 - n, 0) for row, n in zip(right, lengths)])
    flat = {"token_embeddings": torch.cat(sentences).unsqueeze(0), "cu_seq_lens_q": torch.tensor([0, 3, 8, 9])}
    expected = module({"token_embeddings": right, "attention_mask": mask})["sentence_embedding"]
    layouts = ({"token_embeddings": left + 7 * (1 - mask.flip(1)).unsqueeze(2), "attention_mask": mask.flip(1)}, flat)
    for features in layouts:
        torch.testing.assert_close(module(features)["sentence_embedding"], expected)


def embeddings(folder, sentences):
    model = load(folder)
    found = model.encode(sentences, batch_size=3)
    assert found.shape == (len(sentences), model.get_embedding_dimension()), found.shape
    model.save_pretrained(folder + "-saved")
    assert (load(folder + "-saved").encode(sentences, batch_size=3) == found).all()
    with torch.no_grad():
        check_layouts(model[1].eval(), model[1].word_embedding_dimension)
    return found.tolist()


sentences = json.load(sys.stdin)
print(json.dumps({folder: embeddings(folder, sentences) for folder in sys.argv[1:]}))
