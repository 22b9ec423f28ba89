from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import TrainingError
from features.schema import INTENSITIES, TARGETS
from features.text.cache import EmbeddingCache
from features.text.encoder import MANIFEST, Encoder, manifest_digest, read_manifest
from models.emotion import SEVERAL, EmotionModel
from tests.training.small_encoders import WORDS, branched, small_bert
from training.emotion.blend import HeldOut, true_overall
from training.emotion.options import EmotionOptions, Start, Workplace
from training.emotion.report import emotion_report
from training.emotion.run import held_out_rows
from training.emotion.train import train_emotion
from training.emotion.tune import heads_of
from training.encoder.export import export_encoder
from training.trained import Trained
from training.tuning.checkpoints import Checkpoints
from training.tuning.finetune import FinetuneOptions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUICK = FinetuneOptions(
    batch_size=16, rate=2e-3, head_rate=2e-2, precision="float32", max_tokens=20
)


def labelled(n: int = 900) -> pd.DataFrame:
    """Joy is the share of joyful words, sadness that of sad ones; valence their difference."""
    rng = np.random.default_rng(0)
    words = rng.choice(WORDS, (n, 5))
    joy = np.isin(words, ("joy", "great", "radość")).mean(axis=1)
    sadness = np.isin(words, ("smutek", "lost", "nie")).mean(axis=1)
    frame = pd.DataFrame({"text": [" ".join(row) for row in words], "language": "en"})
    for name in TARGETS:
        frame[name] = np.nan
    frame["joy"], frame["sadness"], frame["valence"] = joy, sadness, joy - sadness
    frame.loc[::3, "joy"] = np.nan
    return frame


def held_out_pearson(trained: Trained) -> float:
    return float(emotion_report(held_out_rows(trained.held_out), {})["mean_pearson"])


def silver() -> pd.DataFrame:
    """Texts of two other languages, rated for joy."""
    rows = labelled()[["text", "joy"]].dropna()
    rows = rows.assign(text="Oj, " + rows["text"], language=np.resize(["cs", "sk"], len(rows)))
    return rows.reindex(columns=["text_id", "split", *labelled()])


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "encoder"
    export_encoder(small_bert(), folder)
    return folder


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Trained:
    options = EmotionOptions(encoder=str(encoder), finetuning=QUICK)
    return train_emotion([labelled()], options, Workplace(tmp_path_factory.mktemp("out"), NOW))


def test_it_learns_and_the_folder_gives_the_same_forecasts(tuned: Trained) -> None:
    model = EmotionModel.load(tuned.folder)
    assert tuned.encoder_folder is not None
    vectors = Encoder.load(tuned.encoder_folder).encode(["joy great radość", "smutek lost nie"])
    forecast = model.predict(["joy great radość", "smutek lost nie"], vectors, ["en", "en"])
    joy, sadness = (forecast.value[:, INTENSITIES.index(name)] for name in ("joy", "sadness"))
    assert joy[0] > joy[1] + 0.2
    assert sadness[1] > sadness[0] + 0.2
    assert held_out_pearson(tuned) > 0.8


def test_the_held_out_rows_are_reported_with_their_forecasts(tuned: Trained) -> None:
    table = tuned.held_out
    assert 60 < len(table) < 120
    known = table["joy"].notna()
    assert 0 < known.mean() < 1
    inside = table["joy"].between(table["joy_low"], table["joy_high"])[known].mean()
    assert inside > 0.8
    assert table["overall_value"].between(0, 1).all()
    assert table["anger_value"].isna().all()


def test_the_card_says_what_it_was_trained_on(tuned: Trained) -> None:
    details = EmotionModel.load(tuned.folder).details
    assert details["trained_on"]["train_rows"] == tuned.params["train_rows"] > 700


def test_without_fine_tuning_the_encoder_stays(tmp_path: Path, encoder: Path) -> None:
    options = EmotionOptions(encoder=str(encoder), finetune=False)
    told: list[tuple[str, int, int]] = []
    place = Workplace(
        tmp_path,
        NOW,
        cache=EmbeddingCache(tmp_path / "cache.db"),
        progress=lambda what, done, total: told.append((what, done, total)),
    )
    trained = train_emotion([labelled()], options, place)
    assert trained.encoder_folder == encoder
    assert EmotionModel.load(trained.folder).encoder_digest == Encoder.load(encoder).digest
    assert held_out_pearson(trained) > 0.5
    held_out = len(trained.held_out)
    assert ("encoding the held-out texts", held_out, held_out) in told


def test_rated_texts_teach_a_head_of_their_own_that_is_never_measured_by(
    tmp_path: Path, encoder: Path
) -> None:
    options = EmotionOptions(str(encoder), finetune=False)
    without = train_emotion([labelled()], options, Workplace(tmp_path / "without", NOW))
    wrong = silver().assign(joy=1 - silver()["joy"])
    trained = train_emotion(
        [labelled()], options, Workplace(tmp_path / "with", NOW), rated=[("ours", wrong)]
    )
    model = EmotionModel.load(trained.folder)
    assert model.auxiliaries == {"ours": SEVERAL}
    assert "ours/joy" in model.heads.names
    assert {"cs", "sk"} <= model.languages - model.measured
    assert trained.held_out["text"].tolist() == without.held_out["text"].tolist()
    assert held_out_pearson(trained) > 0.5, "a view that is wrong gets no weight"


def test_a_rated_head_is_fine_tuned_and_kept_by_a_training_without_its_texts(
    tmp_path: Path, encoder: Path
) -> None:
    options = EmotionOptions(str(encoder), finetuning=QUICK)
    place = Workplace(tmp_path / "first", NOW)
    trained = train_emotion([labelled()], options, place, rated=[("ours", silver())])
    model, folder = EmotionModel.load(trained.folder), trained.encoder_folder
    assert folder is not None
    known = model.heads.of_tasks(frozenset({"ours"}))
    assert known.names == ("ours/joy",)
    texts = ["joy great joy radość great", "smutek lost nie lost smutek"]
    joyful, sad = known(Encoder.load(folder).encode(texts))[:, 0]
    assert joyful > sad + 0.2
    again = train_emotion(
        [labelled()],
        EmotionOptions(finetuning=QUICK),
        Workplace(tmp_path / "again", NOW),
        Start(model, folder),
    )
    assert again.params["heads_kept"] == ["ours"]
    assert EmotionModel.load(again.folder).auxiliaries == {"ours": SEVERAL}


def test_many_rated_texts_teach_how_a_language_is_spelt_and_it_is_kept(
    tmp_path: Path, encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.emotion.spelling.SPELLING_TEXTS", 200)
    monkeypatch.setattr("training.emotion.train.LEFT_OUT_ROWS", 10)
    options = EmotionOptions(str(encoder), finetune=False)
    place = Workplace(tmp_path / "first", NOW)
    rated = [("ours", silver()), ("few", silver().iloc[:99].assign(language="hr"))]
    trained = train_emotion([labelled()], options, place, rated=rated)
    model = EmotionModel.load(trained.folder)
    assert set(model.spellings) == {"cs", "sk"}
    assert set(model.others) == {"*", "cs", "sk", "hr"}, "few is of one language"
    column = model.view_names.index("cs:joy")
    told = model.views(["Oj, joy great radość", "Oj, lost nie smutek"], np.zeros((2, 32), "f4"))
    assert told[0, column] > told[1, column] + 1, "in units of their spread"
    weights = model.others["cs"].weights[:, TARGETS.index("joy")]
    assert weights[column] == pytest.approx(1 / 3), "beside the people's head and the rated one"
    assert not model.own.weights[column].any()
    again = train_emotion(
        [labelled()],
        EmotionOptions(finetune=False),
        Workplace(tmp_path / "again", NOW),
        Start(model, encoder),
    )
    known = EmotionModel.load(again.folder).spellings
    assert (known["sk"].weights == model.spellings["sk"].weights).all()
    assert "In cs, sk the level of valence is told by people's labels" in again.note
    assert "cs, sk" not in trained.note
    other = train_emotion(
        [labelled()],
        EmotionOptions(str(encoder), finetune=False),
        Workplace(tmp_path / "other", NOW),
        Start(model, encoder),
    )
    assert not EmotionModel.load(other.folder).spellings, "named anew, the encoder starts afresh"


def test_training_goes_on_from_an_earlier_model(tmp_path: Path, tuned: Trained) -> None:
    assert tuned.encoder_folder is not None
    start = Start(EmotionModel.load(tuned.folder), tuned.encoder_folder)
    still = EmotionOptions(finetuning=FinetuneOptions(rate=0.0, head_rate=0.0, precision="float32"))
    again = train_emotion([labelled()], still, Workplace(tmp_path, NOW), start)
    assert held_out_pearson(again) == pytest.approx(held_out_pearson(tuned), abs=0.05)


def test_auxiliary_heads_of_the_start_are_kept_or_named(tmp_path: Path, tuned: Trained) -> None:
    assert tuned.encoder_folder is not None
    earlier = EmotionModel.load(tuned.folder)
    heads = earlier.heads.beside(earlier.heads.of_tasks(frozenset({"emotion"})), "extra-")
    start = Start(
        replace(earlier, heads=heads, auxiliaries={"extra-emotion": "pl"}), tuned.encoder_folder
    )
    again = train_emotion(
        [labelled()], EmotionOptions(finetuning=QUICK), Workplace(tmp_path, NOW), start
    )
    model = EmotionModel.load(again.folder)
    assert again.params["heads_kept"] == ["extra-emotion"]
    assert model.auxiliaries == {"extra-emotion": "pl"}
    assert set(model.others) == {"*", "pl"}


def test_own_layers_leave_the_trunk_and_the_heads_on_it(tmp_path: Path, tuned: Trained) -> None:
    assert tuned.encoder_folder is not None
    start = Start(EmotionModel.load(tuned.folder), tuned.encoder_folder)
    quick = replace(QUICK, frozen_layers=1)
    options = EmotionOptions(finetuning=quick, own_layers=1, even=False)
    owned = train_emotion([labelled()], options, Workplace(tmp_path / "owned", NOW), start)
    assert owned.encoder_folder is not None
    model, encoder = EmotionModel.load(owned.folder), Encoder.load(owned.encoder_folder)
    assert encoder.trunk_digest == start.model.encoder_digest
    assert model.encoder_digest == encoder.digest
    vectors, before = encoder.encode(list(WORDS)), start.model.heads
    kept = model.heads.of_tasks(frozenset({"start-emotion", "start-dimensions"}))
    np.testing.assert_allclose(kept(vectors), before(vectors[:, :32]), atol=1e-6)
    assert np.abs(model.heads.of_tasks(frozenset({"emotion"}))(vectors)).max() > 0
    assert held_out_pearson(owned) > held_out_pearson(tuned) - 0.02

    further = Start(model, owned.encoder_folder)
    again = train_emotion([labelled()], options, Workplace(tmp_path / "again", NOW), further)
    assert set(EmotionModel.load(again.folder).heads.names) == set(model.heads.names)
    assert again.encoder_folder is not None
    assert Encoder.load(again.encoder_folder).trunk_digest == encoder.trunk_digest
    whole = EmotionOptions(finetuning=QUICK)
    last = train_emotion([labelled()], whole, Workplace(tmp_path / "whole", NOW), further)
    assert last.encoder_folder is not None
    assert Encoder.load(last.encoder_folder).dimension == 32


def test_own_layers_need_an_encoder_that_has_more(tmp_path: Path, tuned: Trained) -> None:
    assert tuned.encoder_folder is not None
    start = Start(EmotionModel.load(tuned.folder), tuned.encoder_folder)
    with pytest.raises(TrainingError, match="the encoder has 2; give fewer"):
        train_emotion([labelled()], EmotionOptions(own_layers=2), Workplace(tmp_path, NOW), start)
    with pytest.raises(TrainingError, match="all-MiniLM-L6-v2 is no encoder that prescore"):
        train_emotion(
            [labelled()],
            EmotionOptions("all-MiniLM-L6-v2", own_layers=2),
            Workplace(tmp_path, NOW),
            start,
        )


def test_own_layers_are_not_fewer_than_the_encoder_has(tmp_path: Path, tuned: Trained) -> None:
    _, whole = branched(tmp_path)
    path = whole / MANIFEST
    path.write_text(path.read_text().replace('"layers": 1', '"layers": 2'))
    digest = manifest_digest(read_manifest(whole))
    start = Start(replace(EmotionModel.load(tuned.folder), encoder_digest=digest), whole)
    with pytest.raises(TrainingError, match="has 2 already; give as many"):
        train_emotion([labelled()], EmotionOptions(own_layers=1), Workplace(tmp_path, NOW), start)


def test_fitted_heads_beside_a_branch_do_not_end_what_it_knows(
    tmp_path: Path, tuned: Trained
) -> None:
    assert tuned.encoder_folder is not None
    start = Start(EmotionModel.load(tuned.folder), tuned.encoder_folder)
    quick = replace(QUICK, frozen_layers=1)
    options = EmotionOptions(finetuning=quick, own_layers=1)
    owned = train_emotion([labelled()], options, Workplace(tmp_path / "owned", NOW), start)
    assert owned.encoder_folder is not None
    start = Start(EmotionModel.load(owned.folder), owned.encoder_folder)
    fitted = train_emotion(
        [labelled()], EmotionOptions(finetune=False), Workplace(tmp_path / "fitted", NOW), start
    )
    assert fitted.encoder_folder is not None
    model = EmotionModel.load(fitted.folder)
    assert model.heads.tasks[:2] == ("emotion", "dimensions")
    still = FinetuneOptions(rate=0.0, head_rate=0.0, precision="float32")
    start = Start(model, fitted.encoder_folder)
    again = train_emotion(
        [labelled()], EmotionOptions(finetuning=still), Workplace(tmp_path / "again", NOW), start
    )
    assert held_out_pearson(again) == pytest.approx(held_out_pearson(owned), abs=0.08)


def test_heads_come_apart_by_task(tuned: Trained) -> None:
    heads = heads_of(EmotionModel.load(tuned.folder).heads)
    assert heads["emotion"].outputs == ("joy", "sadness")
    assert heads["dimensions"].outputs == ("valence",)
    assert heads["dimensions"].weights.shape == (32, 1)


def test_overall_of_labels_needs_all_emotions_but_one() -> None:
    truth = np.full((3, len(TARGETS)), np.nan)
    truth[0, :6], truth[1, :5], truth[2, :4] = 0.5, 0.5, 0.5
    value = np.zeros((3, len(INTENSITIES)))
    found = true_overall(truth, value, TARGETS)
    assert np.isfinite(found).tolist() == [True, True, False]
    assert found[0] == pytest.approx(0.35)


def test_held_out_rows_can_be_taken() -> None:
    rows = HeldOut(("a", "b"), ("en", "pl"), np.arange(16.0).reshape(2, 8), np.eye(2, dtype="f4"))
    part = rows.take(np.array([1]))
    assert (part.texts, part.languages, part.truth[0, 0]) == (("b",), ("pl",), 8.0)


def test_several_runs_are_averaged_and_each_has_a_checkpoint(tmp_path: Path, encoder: Path) -> None:
    options = EmotionOptions(encoder=str(encoder), finetuning=QUICK, runs=2)
    place = Workplace(tmp_path / "out", NOW, checkpoints=Checkpoints(tmp_path))
    trained = train_emotion([labelled()], options, place)
    assert held_out_pearson(trained) > 0.8
    assert len(list(tmp_path.glob("*.pt"))) == 2
    told: list[str] = []
    again = Workplace(
        tmp_path / "again",
        NOW,
        checkpoints=Checkpoints(tmp_path),
        progress=lambda what, _done, _total: told.append(what),
    )
    resumed = train_emotion([labelled()], options, again)
    assert held_out_pearson(resumed) == held_out_pearson(trained)
    assert not any(what.startswith("fine-tuning") for what in told)
