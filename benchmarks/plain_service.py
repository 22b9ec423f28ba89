"""What one would otherwise write: FastAPI and sentence-transformers, as their first pages show it.

It answers one number from a linear head; `PLAIN_MODEL` names a sentence-transformers folder.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer


class Post(BaseModel):
    """A draft."""

    text: str


@asynccontextmanager
async def _ready(app: FastAPI) -> AsyncIterator[None]:
    app.state.model = SentenceTransformer(os.environ["PLAIN_MODEL"], device="cpu")
    app.state.head = np.random.default_rng(0).normal(size=384)
    yield


app = FastAPI(lifespan=_ready)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Answer when the model is loaded."""
    return {"status": "alive"}


@app.post("/score")
async def score(post: Post) -> dict[str, float]:
    """Score a post."""
    vector = app.state.model.encode(post.text)
    return {"score": float(vector @ app.state.head)}
