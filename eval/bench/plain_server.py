"""The plain pipeline behind HTTP, as most people serve it: FastAPI around a search.

MODEL FOLDER, where `plain_pipeline.py` has built; prints its address when it is ready.
"""

import json
import socket
import sys
from pathlib import Path

import faiss
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer


class Question(BaseModel):
    question: str


if __name__ == "__main__":
    model = SentenceTransformer(sys.argv[1], device="cpu")
    stored = faiss.read_index(f"{sys.argv[2]}/plain.faiss")
    texts = json.loads(Path(sys.argv[2], "plain.json").read_text("utf-8"))
    app = FastAPI()

    @app.post("/v1/ask")
    def ask(asked: Question) -> dict[str, list[str]]:
        vector = model.encode([asked.question], batch_size=32, normalize_embeddings=True)
        found = stored.search(vector, min(8, len(texts)))[1][0]
        return {"passages": [texts[row] for row in found]}

    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/", file=sys.stderr, flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
