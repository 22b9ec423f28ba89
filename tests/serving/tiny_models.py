"""Real models, fitted on nothing: quick to make, and of the real classes in every part."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

from features import context
from features.account import history
from features.account.store import HistoryStore
from features.schema import INTENSITIES, TARGETS
from features.tables.validation import ReadOptions, read_posts
from features.text import shape, surface
from features.text.encoder import Encoder
from models import canary
from models.conformal import Calibration
from models.emotion import ANYWHERE, RANGES, EmotionModel
from models.emotion import Blend as EmotionBlend
from models.novelty import QUANTILES, Novelty, Regression
from models.persistence import read_manifest, save_json, write_manifest
from models.population import ANY, Reference
from models.recall import MEMORY
from models.registry import EMOTION_NAME, SHARE_NAME, Registry
from models.scales import Scale
from models.second_opinion import BITS, SecondOpinion
from models.settings import Home
from models.share import ShareModel
from models.share_columns import families_of
from models.share_rows import Blend
from models.textview import TextView
from models.views import CharacterView, LinearHeads

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
SLOTS = 65_536
ERRORS = np.linspace(-2, 2, 401)


def emotion_model(encoder: Encoder) -> EmotionModel:
    """Each target is one coordinate of the embedding, brought to its range."""
    size, views = encoder.dimension, len(TARGETS)
    scales = tuple(
        Scale(np.array([-1.0, 1.0]), np.array(RANGES[name]), np.full(2, 0.1), *RANGES[name])
        for name in TARGETS
    )
    blend = EmotionBlend(np.eye(views, dtype=np.float32), scales)
    return EmotionModel(
        encoder_digest=encoder.digest,
        heads=LinearHeads(
            tuple(f"tiny/{name}" for name in TARGETS),
            np.eye(size, views, dtype=np.float32),
            np.zeros(views, np.float32),
            np.zeros(views, bool),
        ),
        characters=CharacterView(
            (),
            np.zeros(SLOTS, np.float32),
            np.zeros((SLOTS, 0), np.float32),
            np.zeros(0, np.float32),
        ),
        centre=np.zeros(views, np.float32),
        spread=np.ones(views, np.float32),
        own=blend,
        others={ANYWHERE: blend},
        calibrations={name: Calibration({"*": ERRORS}) for name in INTENSITIES},
        measured=frozenset({"en", "pl"}),
        languages=frozenset({"en", "pl"}),
    )


def share_model(encoder: Encoder, seed: int = 1) -> ShareModel:
    """Small trees on noise; every seed scores otherwise."""
    random = np.random.default_rng(seed)
    size = encoder.dimension
    trees = _booster(random, len(families_of(size, 2)))
    return ShareModel(
        encoder_digest=encoder.digest,
        dimension=size,
        view=TextView(
            ("posts",),
            np.zeros(SLOTS, np.float32),
            np.zeros((SLOTS, 1), np.float32),
            np.zeros(size + len(surface.NAMES), np.float32),
            np.ones(size + len(surface.NAMES), np.float32),
            np.zeros((size + len(surface.NAMES), 1), np.float32),
        ),
        view_centre=np.zeros(2, np.float32),
        trees=trees,
        error_trees=_booster(random, 3 + len(context.NAMES) + len(history.NAMES), lift=1.0),
        drift_trees=_booster(random, len(context.NAMES) + len(history.NAMES)),
        blends={ANY: Blend(np.zeros(2, np.float32), 1.0)},
        calibration=Calibration({"*/*/*": ERRORS}),
        reference=Reference(
            {name: np.linspace(-3, 3, 401) for name in (ANY, "facebook")},
            {ANY: 5000, "facebook": 3000},
        ),
        novelty=novelty(),
        opinion=SecondOpinion(
            ("x",),
            random.normal(scale=0.5, size=(2**BITS, 1)).astype(np.float32),
            np.zeros(1, np.float32),
            lender="x",
        ),
        details={"base": 0.1, "recalls": asdict(MEMORY)},
    )


def novelty() -> Novelty:
    """Nothing is novel: any text looks more like a post than all held-out ones."""
    count = len(shape.NAMES)
    weights = np.zeros(count + count * (count + 1) // 2 + 1)
    return Novelty(
        Regression(np.zeros(count), np.ones(count), weights), np.linspace(1, 2, QUANTILES)
    )


def _booster(random: np.random.Generator, columns: int, lift: float = 0.0) -> lgb.Booster:
    rows = random.normal(size=(200, columns)).astype(np.float32)
    outcome = lift + random.normal(size=200)
    options = {"verbose": -1, "num_leaves": 4, "num_threads": 1, "objective": "regression"}
    return lgb.train(options, lgb.Dataset(rows, outcome), num_boost_round=5)


def emotion_folder(folder: Path, encoder: Encoder) -> Path:
    """A sealed emotion model with its canary."""
    model = emotion_model(encoder)
    folder.mkdir(parents=True)
    model.save(folder, MADE)
    return _with_canary(folder, model, encoder)


def share_folder(folder: Path, encoder: Encoder, seed: int = 1) -> Path:
    """A sealed share model with its canary."""
    model = share_model(encoder, seed)
    model.save(folder, MADE)
    return _with_canary(folder, model, encoder)


def _with_canary(folder: Path, model: EmotionModel | ShareModel, encoder: Encoder) -> Path:
    save_json(folder / "canary.json", canary.record(model, encoder, read_manifest(folder).kind))
    return resealed(folder)


def resealed(folder: Path) -> Path:
    """Seal a model folder anew after files were added to it."""
    sealed = read_manifest(folder)
    write_manifest(
        folder,
        sealed.kind,
        now=MADE,
        encoder_digest=sealed.encoder_digest,
        details=sealed.details,
    )
    return folder


def whole_home(root: Path, encoder_folder: Path) -> Home:
    """A state folder with a champion of each kind, a share challenger, and one account's past."""
    home = Home.from_environment({"PRESCORE_HOME": str(root / "home")}).prepare()
    encoder = Encoder.load(encoder_folder)
    registry = Registry(home, starter=root / "none")
    folders = [
        emotion_folder(root / "emotion", encoder),
        share_folder(root / "share", encoder),
        share_folder(root / "other", encoder, seed=2),
    ]
    for folder in folders:
        registry.register(folder, encoder=encoder_folder)
    registry.promote(EMOTION_NAME, "1")
    registry.promote(SHARE_NAME, "1")
    import_past(home, root / "past.csv")
    return home


def import_past(home: Home, path: Path) -> None:
    """Forty posts of one account, once a day, put into the history store."""
    days = pd.date_range("2026-01-01", periods=40, freq="D", tz="UTC")
    pd.DataFrame(
        {
            "post_id": [f"p{n}" for n in range(40)],
            "account_id": "kino",
            "platform": "facebook",
            "text": "Dziś w kinie nowy film, zapraszamy wszystkich.",
            "published_at": days.astype(str),
            "shares": [n % 7 + 3 for n in range(40)],
        }
    ).to_csv(path, index=False)
    store = HistoryStore(home.database_url)
    store.upsert(read_posts(path, ReadOptions(now=NOW)).frame)
    store.close()
