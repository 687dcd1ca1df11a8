"""The clients of OpenAI and of Hugging Face, as their users write it, against a server's address."""

import sys

import numpy as np
import openai
from huggingface_hub import InferenceClient

url = sys.argv[1].rstrip("/")
texts = ["A man plays the guitar.", "Somebody makes music. 🎸", "日本語"]


def close(one, other):
    assert np.abs(np.asarray(one) - np.asarray(other)).max() < 1e-5


# OpenAI: base64 unless told otherwise, floats, dimensions, ids, usage.
client = openai.OpenAI(base_url=url + "/v1", api_key="any", max_retries=0)
answer = client.embeddings.create(model="any", input=texts)
vectors = [item.embedding for item in answer.data]
assert [item.index for item in answer.data] == [0, 1, 2]
assert {len(vector) for vector in vectors} == {768}
assert answer.usage.prompt_tokens == answer.usage.total_tokens > 10
close(np.linalg.norm(vectors, axis=1), 1)
floats = client.embeddings.create(model="any", input=texts[0], encoding_format="float")
close(floats.data[0].embedding, vectors[0])
short = client.embeddings.create(model="any", input=texts[0], dimensions=64).data[0].embedding
close(short, np.array(vectors[0][:64]) / np.linalg.norm(vectors[0][:64]))
by_ids = client.embeddings.create(model="any", input=[[101, 7592, 2088, 102]])
close(by_ids.data[0].embedding, client.embeddings.create(model="any", input="hello world").data[0].embedding)
for refused, status, kind in (
    ({"input": ""}, 400, "empty"),
    ({"input": "word " * 300}, 413, "validation"),
    ({"input": 3}, 422, "validation"),
):
    try:
        client.embeddings.create(model="any", **refused)
        raise AssertionError(f"{refused} was not refused")
    except openai.APIStatusError as error:
        assert (error.status_code, error.type, error.code) == (status, kind, None), error

# Hugging Face: by the server's address alone, and by that of a route.
hub = InferenceClient(url)
close(hub.feature_extraction(texts[0])[0], vectors[0])
close(InferenceClient(model=url + "/embed", token="any").feature_extraction(texts)[1], vectors[1])
cut = hub.feature_extraction("word " * 300, truncate=True, truncation_direction="left", normalize=False)
assert cut.shape == (1, 768) and np.linalg.norm(cut) > 1.5
for similarities in (
    hub.sentence_similarity(texts[0], other_sentences=texts[1:]),
    hub.sentence_similarity(texts[0], other_sentences=texts[1:], model=url + "/similarity"),
):
    close(similarities, np.array(vectors[1:]) @ np.array(vectors[0]))
