"""The plain pipeline, as most people write it: sentence-transformers and a flat FAISS index.

MODEL build PASSAGES.jsonl FOLDER; MODEL ask FOLDER QUESTION; MODEL serve FOLDER.
"""

import json
import sys
import time
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer


def main(model_name: str, command: str, *arguments: str) -> None:
    model = SentenceTransformer(model_name, device="cpu")
    folder = Path(arguments[-1] if command == "build" else arguments[0])
    if command == "build":
        lines = Path(arguments[0]).read_text("utf-8").splitlines()
        passages = [json.loads(line)["text"] for line in lines]
        vectors = model.encode(passages, batch_size=32, normalize_embeddings=True)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, str(folder / "plain.faiss"))
        (folder / "plain.json").write_text(json.dumps(passages), "utf-8")
        return
    stored = faiss.read_index(str(folder / "plain.faiss"))
    passages = json.loads((folder / "plain.json").read_text("utf-8"))
    for question in arguments[1:] if command == "ask" else map(str.strip, sys.stdin):
        started = time.perf_counter()
        vector = model.encode([question], batch_size=32, normalize_embeddings=True)
        _, (rows,) = stored.search(vector, min(8, len(passages)))
        found = [passages[row] for row in rows]
        ms = (time.perf_counter() - started) * 1000
        print(json.dumps({"question": question, "ms": ms, "passages": found}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
