"""The plain pipeline, as most people write it: sentence-transformers and a flat FAISS index.

MODEL build PASSAGES.jsonl FOLDER; MODEL serve FOLDER CLIENTS, a list of questions a line.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer

if __name__ == "__main__":
    model = SentenceTransformer(sys.argv[1], device="cpu")
    command, source, target = sys.argv[2:]
    if command == "build":
        texts = [json.loads(line)["text"] for line in Path(source).read_text("utf-8").splitlines()]
        started = time.perf_counter()
        vectors = model.encode(texts, batch_size=32, normalize_embeddings=True)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        faiss.write_index(index, f"{target}/plain.faiss")
        Path(target, "plain.json").write_text(json.dumps(texts), "utf-8")
        sys.exit(print(json.dumps({"seconds": time.perf_counter() - started})))
    stored = faiss.read_index(f"{source}/plain.faiss")
    texts = json.loads(Path(source, "plain.json").read_text("utf-8"))

    def answer(question: str) -> str:
        started = time.perf_counter()
        vector = model.encode([question], batch_size=32, normalize_embeddings=True)
        found = [texts[row] for row in stored.search(vector, min(8, len(texts)))[1][0]]
        return json.dumps({"ms": (time.perf_counter() - started) * 1000, "passages": found})

    with ThreadPoolExecutor(int(target)) as clients:
        for line in sys.stdin:
            for answered in clients.map(answer, json.loads(line)):
                print(answered, flush=True)
