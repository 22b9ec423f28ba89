"""From tables to registered versions and back: real models, a real registry, a tiny encoder."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.account.store import HistoryStore
from features.errors import InputError, TrainingError
from features.tables.validation import posts_of
from features.text.cache import EmbeddingCache
from models.canary import check
from models.record import HISTORY, Lessons, lessons_of
from models.registry import Registry
from models.scorer import Scorer
from models.settings import Home
from models.share import ShareModel
from models.shipped import ensure_starter
from models.versions import CHALLENGER, CHAMPION, EMOTION_NAME, ENCODER_NAME, NAMES
from tests.training.small_encoders import branched
from tests.training.tables import START, comparisons_table, emotion_table, posts_table
from training.emotion.options import EmotionOptions
from training.emotion.run import run_train_emotion
from training.evaluate import evaluate_emotion, evaluate_share, held_out
from training.judging.gate_settings import GateSettings, gate_path, read_gate
from training.run import Job, Summary, TrainingTable
from training.share import histories
from training.share.forecasts import judge_posts
from training.share.options import ShareOptions
from training.share.run import may_have_seen, run_train_share
from training.share.trees import TreeOptions
from training.ship import ship, told_elsewhere
from training.tuning.checkpoints import GOES_ON, LONGEST_KEPT, Checkpoints
from training.tuning.finetune import FinetuneOptions

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TREES = TreeOptions(rounds=40, leaves=7, smallest_leaf=20, columns=0.8, threads=1)
SHARE = ShareOptions(trees=TREES, errors=replace(TREES, rounds=10))


def job_of(root: Path) -> Job:
    home = Home.from_environment({"PRESCORE_HOME": str(root)})
    settings = read_gate(gate_path()).model_dump() | {"resamples": 300}
    for kind in ("emotion", "share"):  # what a bag of letters says of our own texts means nothing
        settings[kind]["limits"] = {}
    gate = GateSettings.model_validate(settings)
    return Job(
        Registry(home, starter=root / "none"),
        gate,
        "prescore train …",
        NOW,
        cache=EmbeddingCache(home.embeddings),
        terms={"posts-0.csv": "made up for this test"},
    )


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return job_of(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A registry that holds nothing."""
    return job_of(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@pytest.fixture(scope="module")
def emotion(job: Job, folder: Path, tiny_encoder_folder: Path) -> Summary:
    options = EmotionOptions(encoder=str(tiny_encoder_folder), finetune=False)
    return run_train_emotion([emotion_table(folder)], job, options)


@pytest.fixture(scope="module")
def share(job: Job, folder: Path, emotion: Summary) -> Summary:
    return run_train_share([posts_table(folder)], [comparisons_table(folder)], job, SHARE)


def artifacts(job: Job, summary: Summary) -> Iterator[Path]:
    client = job.registry.store.client
    uri = client.get_run(summary.version.run_id or "").info.artifact_uri or ""
    yield from Path(uri.removeprefix("file://")).rglob("*")


def test_the_first_emotion_version_reigns_because_it_beats_every_baseline(
    emotion: Summary,
) -> None:
    assert emotion.version.aliases == (CHAMPION,)
    assert emotion.note == ""
    assert emotion.report["emotions"] == ["joy", "sadness"]
    assert emotion.report["mean_pearson"] > 0.8
    assert set(emotion.report["baselines"]) == {"constant", "length", "tfidf_ridge"}
    assert "of tfidf_ridge" in emotion.verdict.reasons[0]


def test_few_rated_texts_are_told_with_the_width_of_their_intervals(
    tmp_path: Path, tiny_encoder_folder: Path
) -> None:
    options = EmotionOptions(encoder=str(tiny_encoder_folder), finetune=False)
    few = run_train_emotion([emotion_table(tmp_path, 330)], job_of(tmp_path / "home"), options)
    found = re.search(r"intervals of (\w+) rest on (\d+) held-out texts only and", few.note)
    assert found is not None
    assert int(found[2]) < 60
    assert re.search(r"are 0\.\d\d wide on average, of a scale 1 wide", few.note)


def test_the_first_share_version_reigns(share: Summary) -> None:
    posts, pairs = share.report["posts"], share.report["comparisons"]
    assert share.version.aliases == (CHAMPION,), share.verdict.reasons
    assert (
        posts["within_account_spearman"]
        > posts["baselines"]["tfidf_ridge"]["within_account_spearman"]
    )
    assert posts["baselines"]["account_median"]["pair_accuracy_2x"] == 0.5
    assert pairs["accuracy"] > 0.7 > pairs["baselines"]["longer_wins"]["accuracy"]


def test_a_version_carries_its_card_and_a_canary_that_still_sings(job: Job, share: Summary) -> None:
    loaded = job.registry.load(share.version.uri)
    card = (loaded.folder / "card.md").read_text(encoding="utf-8")
    assert "cannot guarantee virality" in card
    assert "| posts-0.csv | 2,160 | made up for this test |" in card
    assert "| account_median | length | tfidf_ridge |" in card
    assert check(loaded) == pytest.approx(0.0, abs=1e-6)


def test_a_run_leaves_figures_card_and_report(job: Job, share: Summary, emotion: Summary) -> None:
    found = {path.name for path in artifacts(job, share)}
    assert {"card.md", "held_out.json", "families.png", "pairs.png", "learning_curve.png"} <= found
    assert {"order_by_platform.png", "coverage_by_language.png", "beats_median.png"} <= found
    found = {path.name for path in artifacts(job, emotion)}
    assert {"calibration.png", "order_by_language.png", "error_by_target.png"} <= found


def test_the_same_data_again_is_no_gain_and_stays_challenger(
    job: Job, share: Summary, folder: Path
) -> None:
    again = run_train_share([posts_table(folder)], [comparisons_table(folder)], job, SHARE)
    assert again.version.aliases == (CHALLENGER,)
    assert not again.verdict.champion
    assert again.verdict.reasons[0].startswith("Not clearly better: within account spearman")
    assert f"the champion, version {share.version.number}" in again.verdict.reasons[0]
    assert CHAMPION in again.report["posts"]["baselines"]
    reigning = job.registry.champion("prescore-share")
    assert reigning is not None
    assert reigning.number == share.version.number


def test_a_small_customer_trains_and_goes_through_the_gate(
    job: Job, emotion: Summary, tmp_path: Path
) -> None:
    own = posts_table(tmp_path, accounts=3, posts=200, seed=8)
    first = run_train_share([own], [], replace(job, name="small"), SHARE)
    assert "the latest fifth of each account's posts was held out (120 posts)" in first.note
    posts = first.report["posts"]
    assert (posts["n"] + posts["abstained"], posts["blocks"]) == (120, 12)
    assert posts["within_account_spearman"] > 0.4
    told = " ".join(check.sentence for check in first.verdict.checks)
    assert "on 12 held-out blocks" in told
    assert "Too few to tell" not in told
    card = (job.registry.load(first.version.uri).folder / "card.md").read_text(encoding="utf-8")
    assert "latest fifth" in card


def test_a_version_learns_from_the_history_store_as_from_the_file_that_was_imported(
    job: Job, emotion: Summary, tmp_path: Path, database_url: str
) -> None:
    own = posts_table(tmp_path, accounts=3, posts=200, seed=8)
    with closing(HistoryStore(database_url)) as store:
        store.upsert(own.frame)
        kept, again = TrainingTable.of_history(store), TrainingTable.of_history(store)
        assert kept.digest == again.digest
        store.upsert(own.frame.head(1).assign(shares=1e6))
        assert TrainingTable.of_history(store).digest != kept.digest
    trained = run_train_share([kept], [], replace(job, name="remembered"), SHARE)
    posts, loaded = trained.report["posts"], job.registry.load(trained.version.uri)
    assert (posts["n"] + posts["abstained"], posts["blocks"]) == (120, 12)
    assert posts["within_account_spearman"] > 0.4
    assert lessons_of(loaded.folder).tables == {kept.digest: HISTORY}
    card = (loaded.folder / "card.md").read_text(encoding="utf-8")
    assert f"| the history store | 600 | not stated | `{kept.digest}` |" in card


def test_a_history_of_counts_that_had_not_settled_is_too_little_to_learn_from(
    job: Job, emotion: Summary, tmp_path: Path, database_url: str
) -> None:
    own = posts_table(tmp_path, accounts=3, posts=200, seed=8).frame
    with closing(HistoryStore(database_url)) as store:
        store.upsert(own.assign(collected_at=own["published_at"]))
        young = TrainingTable.of_history(store)
    with pytest.raises(TrainingError, match="Got 0 posts that can be learnt from"):
        run_train_share([young], [], replace(job, name="young"), SHARE)


def test_held_out_repeats_the_split_of_the_training(
    job: Job, emotion: Summary, tmp_path: Path
) -> None:
    own, pairs = posts_table(tmp_path, accounts=3, posts=200, seed=8), comparisons_table(tmp_path)
    trained = run_train_share([own], [pairs], replace(job, name="few"), SHARE)
    loaded = job.registry.load(trained.version.uri)
    lessons = lessons_of(loaded.folder)
    assert set(lessons.tables) == {own.digest, pairs.digest}
    assert lessons.comparisons == {pairs.digest}
    assert lessons.by_time
    unseen = held_out(own.frame, None, lessons.by_time)
    again = evaluate_share(unseen.posts, None, loaded, judged=unseen.judged)["posts"]
    for figure in ("within_account_spearman", "pair_accuracy_2x", "coverage_90", "n", "blocks"):
        assert again[figure] == pytest.approx(trained.report["posts"][figure])
    assert {part["accounts"] for part in again["by_history"].values()} == {12}


def test_a_champion_that_learnt_from_accounts_held_out_now_is_met_on_later_posts(
    job: Job, emotion: Summary, folder: Path, tmp_path: Path
) -> None:
    """Of the champion's three accounts the latest posts were held out; now it is accounts."""
    few, many = posts_table(tmp_path, accounts=3, posts=200, seed=8), posts_table(folder)
    begun = replace(job, name="growing", now=START + timedelta(days=24))  # Midway through `many`.
    first = run_train_share([few], [], begun, SHARE)
    assert "latest fifth" in first.note
    job.registry.promote("growing", first.version.number)
    grown = run_train_share([many], [], replace(job, name="growing"), SHARE)
    check = next(check for check in grown.verdict.checks if check.name == "champion")
    posts = grown.report["posts"]
    assert posts["n"] + posts["abstained"] == 24 * posts["accounts"]
    assert CHAMPION not in posts["baselines"]
    where = f"on {posts['accounts']} held-out accounts, in posts since the champion was made"
    assert where in check.sentence
    assert f" {posts['within_account_spearman']:.4f} against" not in check.sentence


def test_older_posts_added_later_are_not_judged_on_what_the_champion_learnt_from(
    job: Job, emotion: Summary, tmp_path: Path
) -> None:
    """They move the latest fifth back: onto posts before those that the champion held out."""
    whole = posts_table(tmp_path, accounts=3, posts=330, seed=8)
    recent = whole.frame["published_at"] >= START + timedelta(days=260)
    late = TrainingTable("late.csv", whole.frame[recent].reset_index(drop=True), "sha256:late")
    made = replace(job, name="older", now=START + timedelta(days=600))
    first = run_train_share([late], [], made, SHARE)
    job.registry.promote("older", first.version.number)

    again = run_train_share([late], [], replace(job, name="older"), SHARE)
    assert "held-out blocks)" in told_of_champion(again)
    grown = run_train_share([whole], [], replace(job, name="older"), SHARE)
    since = r"on (\d+) held-out blocks, in posts since the champion was made"
    found = re.search(since, told_of_champion(grown))
    assert found is not None
    assert int(found[1]) < grown.report["posts"]["blocks"]
    assert CHAMPION not in grown.report["posts"]["baselines"]


def told_of_champion(summary: Summary) -> str:
    return next(check.sentence for check in summary.verdict.checks if check.name == "champion")


TIME, ACCOUNTS = True, False


@pytest.mark.parametrize(
    ("before", "now", "shipped", "seen"),
    [
        (Lessons({"a": ""}, ACCOUNTS), Lessons({"a": ""}, ACCOUNTS), False, False),
        (Lessons({"a": ""}, ACCOUNTS), Lessons({"b": ""}, TIME), False, True),
        (Lessons({"a": ""}, ACCOUNTS), Lessons({"b": ""}, TIME), True, False),
        (Lessons({"a": ""}, ACCOUNTS), Lessons({"a": "", "b": ""}, TIME), True, True),
        (Lessons({"a": ""}, TIME), Lessons({"b": ""}, ACCOUNTS), False, True),
        (Lessons({"a": ""}, TIME), Lessons({"a": ""}, TIME), False, False),
        (Lessons({"a": ""}, TIME), Lessons({"a": "", "b": ""}, TIME), False, True),
        (Lessons({"a": "", "b": ""}, TIME), Lessons({"a": ""}, TIME), False, True),
    ],
)
def test_a_champion_may_have_seen_what_is_not_held_out_alike(
    before: Lessons, now: Lessons, shipped: bool, seen: bool
) -> None:
    assert may_have_seen(before, now, shipped) is seen


def test_a_rated_file_is_told_of_like_the_tables_beside_it(
    tmp_path: Path, tiny_encoder_folder: Path
) -> None:
    own, rated = emotion_table(tmp_path), emotion_table(tmp_path, 120, seed=3)
    job = job_of(tmp_path / "home")
    options = EmotionOptions(encoder=str(tiny_encoder_folder), finetune=False)
    trained = run_train_emotion([own], job, options, rated=[rated])
    folder = job.registry.load(trained.version.uri).folder
    assert lessons_of(folder).tables == {t.digest: t.name for t in (own, rated)}
    assert "| rated-3.csv | 120 |" in (folder / "card.md").read_text(encoding="utf-8")


def test_a_champion_is_judged_by_what_it_was_judged_by_when_it_was_new(
    tmp_path: Path, tiny_encoder_folder: Path
) -> None:
    """Rated texts weigh the champion's voices as they weigh those of a new version."""
    own, rated = emotion_table(tmp_path), emotion_table(tmp_path, 2000, seed=3)
    job = job_of(tmp_path / "home")
    options = EmotionOptions(encoder=str(tiny_encoder_folder), finetune=False)
    first = run_train_emotion([own], job, options, rated=[rated])
    assert first.version.aliases == (CHAMPION,)
    again = run_train_emotion([own], job, options, rated=[rated])
    champion = again.report["baselines"][CHAMPION]
    assert champion["mean_pearson"] == pytest.approx(first.report["mean_pearson"], abs=1e-9)


def test_of_many_accounts_whole_ones_are_held_out(job: Job, share: Summary) -> None:
    assert not lessons_of(job.registry.load(share.version.uri).folder).by_time


def test_emotion_trains_on_from_the_champion(job: Job, emotion: Summary, folder: Path) -> None:
    again = run_train_emotion(
        [emotion_table(folder, seed=5)], replace(job, name="mine"), EmotionOptions(finetune=False)
    )
    assert again.version.name == "mine"
    assert job.registry.resolve("models:/mine/1").encoder_digest == emotion.version.encoder_digest


def test_shipped_champions_reign_in_a_new_home(
    emotion: Summary, share: Summary, job: Job, tmp_path: Path
) -> None:
    ship(job.registry, tmp_path / "starter")
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path / "home")})
    elsewhere = Registry(home, starter=tmp_path / "starter")
    ensure_starter(elsewhere)
    for name in NAMES.values():
        reigns, theirs = elsewhere.load(name), job.registry.resolve(name)
        assert reigns.version.metrics == theirs.metrics
        assert reigns.version.digest == theirs.digest
        against = theirs.objection and told_elsewhere(theirs.objection)
        assert reigns.version.objection == against
        assert reigns.encoder.digest == theirs.encoder_digest


def test_only_the_checkpoints_of_the_command_itself_are_gone_when_it_is_done(
    tmp_path: Path,
) -> None:
    job, quick = job_of(tmp_path / "home"), FinetuneOptions(precision="float32")
    checkpoints = Checkpoints(job.registry.home.root / "checkpoints")
    for mark, age in (("another", timedelta(0)), ("forgotten", LONGEST_KEPT * 2)):
        checkpoints.write(mark, {"step": 1})
        written = (NOW - age).timestamp()
        os.utime(checkpoints.folder / f"{mark}.pt", (written, written))
    options = EmotionOptions(str(branched(tmp_path / "made")[0]), finetuning=quick, runs=2)
    run_train_emotion([emotion_table(tmp_path)], job, options)
    assert [path.name for path in checkpoints.folder.iterdir()] == ["another.pt"]


@pytest.mark.parametrize("stage", ["fine-tuning the encoder", "reading texts of our own"])
def test_a_training_that_is_stopped_says_that_the_same_command_goes_on(
    tmp_path: Path, stage: str
) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if what == stage and done:
            raise KeyboardInterrupt

    job, quick = job_of(tmp_path / "home"), FinetuneOptions(precision="float32")
    options = EmotionOptions(str(branched(tmp_path / "made")[0]), finetuning=quick)
    with pytest.raises(KeyboardInterrupt) as stopped:
        run_train_emotion([emotion_table(tmp_path)], replace(job, progress=stop), options)
    assert stopped.value.__notes__ == [GOES_ON]
    told: list[str] = []
    run_train_emotion([emotion_table(tmp_path)], replace(job, tell=told.append), options)
    assert len(told) == 1
    assert told[0].startswith("Fine-tuning goes on where it stopped, after ")


def test_own_layers_and_a_share_version_ship_in_one_encoder(tmp_path: Path) -> None:
    job, table = job_of(tmp_path / "home"), emotion_table(tmp_path)
    trunk = branched(tmp_path / "made")[0]
    plain = run_train_emotion([table], job, EmotionOptions(str(trunk), finetune=False))
    quick = FinetuneOptions(frozen_layers=1, precision="float32")
    owned = run_train_emotion([table], job, EmotionOptions(own_layers=1, finetuning=quick))
    job.registry.store.set_alias(EMOTION_NAME, CHAMPION, owned.version.number)
    share = run_train_share([posts_table(tmp_path)], [], job, SHARE)
    assert owned.version.encoder_digest != plain.version.encoder_digest
    assert share.version.encoder_digest == plain.version.encoder_digest

    ship(job.registry, tmp_path / "starter")
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path / "new")})
    elsewhere = Registry(home, starter=tmp_path / "starter")
    ensure_starter(elsewhere)
    first, second = (elsewhere.load(name).encoder for name in NAMES.values())
    assert first.trunk_digest == second.digest
    assert len(elsewhere.versions(ENCODER_NAME)) == 1


def test_share_is_evaluated_on_another_table_by_the_version_alone(
    job: Job, share: Summary, tmp_path: Path
) -> None:
    loaded = Registry(job.registry.home, starter=tmp_path).load(share.version.uri)
    posts, pairs = posts_table(tmp_path, 12, seed=3), comparisons_table(tmp_path, 60, seed=3)
    report = evaluate_share(posts.frame, pairs.frame, loaded)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert (report["posts"]["n"], report["posts"]["accounts"]) == (288, 12)
    assert report["posts"]["within_account_spearman"] > 0.5
    assert report["posts"]["coverage_90"] == pytest.approx(0.9, abs=0.07)
    assert report["posts"]["abstained"] == 0
    assert report["comparisons"]["n"] == 60
    assert {"longer_wins", "tfidf_ridge"} == set(report["comparisons"]["baselines"])
    assert "posts" not in evaluate_share(None, pairs.frame, loaded)


def test_the_control_of_a_training_is_kept_with_the_version(job: Job, share: Summary) -> None:
    told = share.to_json()["held_out"]["left_out"]
    assert told["within_account_spearman"] > 0.3
    assert abs(told["shuffled_control"]) < 0.25
    folder = job.registry.load(share.version.uri).folder
    assert json.loads((folder / "report.json").read_text())["left_out"] == told
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert f"shuffled inside each account reach {told['shuffled_control']:.3f}: far from 0" in card
    run = job.registry.store.client.get_run(share.version.run_id or "")
    for name, value in told.items():
        assert run.data.metrics[f"left_out.{name}"] == pytest.approx(value)


def test_posts_are_refused_in_evaluation_as_in_scoring(
    job: Job, emotion: Summary, share: Summary, tmp_path: Path
) -> None:
    registry = job.registry
    scorer = Scorer(registry.load(emotion.version.uri), registry.load(share.version.uri))
    loaded, frame = registry.load(share.version.uri), posts_table(tmp_path, 3, seed=3).frame
    languages = scorer.emotion.languages
    finnish = "Kirjasto avautuu huomenna puolelta päivin kaikille lapsille, tervetuloa kahville."
    frame.loc[:6, "text"] = finnish
    frame.loc[:6, "language"] = pd.NA
    frame.loc[7, "text"] = "Hm"
    said = scorer.score(posts_of(frame), explain=False)
    refused = Counter(score.refusal.code for score in said if score.refusal is not None)
    assert refused == {"unsupported_language": 7, "too_short": 1}
    report = evaluate_share(frame, None, loaded, languages=languages)["posts"]
    assert report["abstained_by"] == refused
    assert report["n"] == len(frame) - 8
    assert evaluate_share(frame, None, loaded)["posts"]["abstained_by"] == {"too_short": 1}
    all_foreign = evaluate_share(frame.head(7), None, loaded, languages=languages)["posts"]
    assert (all_foreign["n"], all_foreign["abstained"]) == (0, 7)


def test_a_short_post_is_evaluated_in_the_language_of_its_account(
    job: Job, share: Summary, tmp_path: Path
) -> None:
    loaded, frame = job.registry.load(share.version.uri), posts_table(tmp_path, 3, seed=3).frame
    assert isinstance(loaded.model, ShareModel)
    frame = frame.sort_values(["account_id", "published_at"]).reset_index(drop=True)
    frame["language"] = pd.Series([pd.NA] * len(frame), dtype="str")
    frame["text"] = "Dziś czytamy dzieciom o dziesiątej"
    frame.loc[3, "text"] = "Menu"
    frame.loc[27, "text"] = "Menu"
    frame.loc[24:26, "text"] = "See you all at the library tomorrow"
    languages = judge_posts(frame, loaded.model, loaded.encoder).rows.languages
    assert (languages[3], languages[27]) == ("pl", "en")


def test_share_is_evaluated_with_less_known_of_each_account(
    job: Job, share: Summary, tmp_path: Path
) -> None:
    loaded = job.registry.load(share.version.uri)
    frame = posts_table(tmp_path, 12, posts=50, seed=6).frame
    report = evaluate_share(frame, None, loaded)["posts"]
    known = report["by_history"]
    assert list(known) == ["0", "5", "30", "300"]
    assert [part["most_known"] for part in known.values()][:3] == [0, 5, 30]
    assert 40 < known["300"]["most_known"] < 50
    # The first thirty of each account's fifty posts have fewer than thirty settled before.
    assert {part["n"] for part in known.values()} == {12 * 20}
    for part in known.values():
        assert part["within_account_spearman"] > 0.5
        assert part["coverage_90"] == pytest.approx(0.9, abs=0.1)
    assert known["300"]["interval_width"] < known["0"]["interval_width"]
    assert report["pairs"]["accuracy"] > 0.7
    assert report["ranking"]["10"]["sets"] == 12 * 4


def test_intervals_with_less_history_count_the_drift_in(
    job: Job, share: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.share.drifts", lambda _, rows: np.full(len(rows.views), 0.7))
    loaded = job.registry.load(share.version.uri)
    assert isinstance(loaded.model, ShareModel)
    frame = posts_table(tmp_path, 12, posts=50, seed=6).frame
    judged = judge_posts(frame, loaded.model, loaded.encoder)
    rows = judged.rows.take(histories.chosen(judged, 0))
    inside = (rows.low - 1e-3 <= rows.shares) & (rows.shares <= rows.high + 1e-3)
    found = histories.by_history(frame, judged, loaded.model, lengths=[300])["300"]
    assert 0.1 < inside.mean() < 0.95
    assert found["coverage_90"] == pytest.approx(inside.mean(), abs=0.01)


def test_what_happens_later_changes_no_earlier_score(
    job: Job, share: Summary, tmp_path: Path
) -> None:
    loaded = job.registry.load(share.version.uri)
    assert isinstance(loaded.model, ShareModel)
    frame = posts_table(tmp_path, 3, seed=4).frame
    later = frame["published_at"] > frame["published_at"].median()
    changed = frame.assign(shares=frame["shares"].where(~later, 10_000.0))
    first, second = (
        judge_posts(table, loaded.model, loaded.encoder).rows for table in (frame, changed)
    )
    assert (first.score[~later] == second.score[~later]).all()
    assert (first.low[~later] == second.low[~later])[~np.isnan(first.low[~later])].all()
    assert (first.score[later] != second.score[later]).any()


def test_a_count_taken_too_early_judges_nobody(job: Job, share: Summary, tmp_path: Path) -> None:
    loaded = job.registry.load(share.version.uri)
    frame = posts_table(tmp_path, 3, seed=4).frame
    early = frame["collected_at"].copy()
    early.iloc[0] = frame["published_at"].iloc[0]
    report = evaluate_share(frame.assign(collected_at=early), None, loaded)
    assert report["posts"]["n"] + report["posts"]["abstained"] == len(frame) - 1
    assert report["posts"]["unsettled"] == 1


def test_emotion_is_evaluated_on_another_table(job: Job, emotion: Summary, tmp_path: Path) -> None:
    loaded = job.registry.load(emotion.version.uri)
    table = emotion_table(tmp_path, 120, seed=8).frame
    table.loc[:40, "sadness"] = np.nan
    table["anger"] = np.linspace(0, 1, len(table))
    report = evaluate_emotion(table, loaded)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    joy, sadness = (report["metrics"][name]["pearson"] for name in ("joy", "sadness"))
    assert report["metrics"]["sadness"]["n"] == 79
    # Anger was never taught: it counts as ordering nothing.
    assert report["mean_pearson"] == pytest.approx((joy + sadness + 0) / 3)
    assert report["not_forecast"] == ["anger"]
    assert report["by_language"]["en"]["n"] == 120
    assert report["model"] == emotion.version.uri


def test_interrupted_training_leaves_a_killed_run_and_no_version(
    empty: Job, tmp_path: Path, tiny_encoder_folder: Path
) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    job = replace(empty, progress=interrupt)
    options = EmotionOptions(encoder=str(tiny_encoder_folder), finetune=False)
    with pytest.raises(KeyboardInterrupt):
        run_train_emotion([emotion_table(tmp_path)], job, options)
    client = job.registry.store.client
    experiment = client.get_experiment_by_name("prescore-emotion")
    assert experiment is not None
    assert [run.info.status for run in client.search_runs([experiment.experiment_id])] == ["KILLED"]
    assert job.registry.versions("prescore-emotion") == []


def test_a_name_of_the_other_kind_is_refused_before_training(
    job: Job, emotion: Summary, folder: Path
) -> None:
    misnamed = replace(job, name=EMOTION_NAME)
    with pytest.raises(InputError, match="prescore-emotion is for models of kind 'emotion'"):
        run_train_share([posts_table(folder)], [], misnamed, SHARE)


def test_without_any_encoder_the_share_training_says_what_to_do(empty: Job, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="train an emotion model first"):
        run_train_share([posts_table(tmp_path, 6)], [], empty, SHARE)
