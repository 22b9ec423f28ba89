from pathlib import Path

import pytest

from features.errors import RegistryError
from features.text.encoder import Encoder
from models.persistence import save_json
from models.record import figure, record_of
from models.registry import Registry
from models.settings import Home
from tests.serving.browser.reports import emotion_example, share_example
from tests.serving.tiny_models import emotion_folder, resealed, share_folder


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    home = Home.from_environment({"PRESCORE_HOME": str(tmp_path / "home")})
    return Registry(home, starter=tmp_path / "none")


def test_a_share_report_becomes_measures_groups_and_a_curve(
    registry: Registry, tmp_path: Path, tiny_encoder_folder: Path
) -> None:
    folder = share_folder(tmp_path / "share", Encoder.load(tiny_encoder_folder))
    report = share_example()
    save_json(folder / "report.json", report)
    version = registry.register(resealed(folder), encoder=tiny_encoder_folder)
    record = record_of(registry, version)
    spearman = record.measures[0]
    assert spearman.value == report["posts"]["within_account_spearman"]
    assert (spearman.low, spearman.high) == tuple(report["posts"]["ci"]["within_account_spearman"])
    assert set(spearman.beside or {}) == {"account_median", "length"}
    assert {(group.by, len(group.rows)) for group in record.groups} == {
        ("platform", 2),
        ("language", 2),
    }
    (curve,) = record.curves
    assert len(curve.forecast) == len(curve.observed) == len(curve.n) == 10
    assert sum(curve.n) == 600


def test_an_emotion_report_has_a_curve_for_each_target(
    registry: Registry, tmp_path: Path, tiny_encoder_folder: Path
) -> None:
    folder = emotion_folder(tmp_path / "emotion", Encoder.load(tiny_encoder_folder))
    save_json(folder / "report.json", emotion_example())
    (folder / "card.md").write_text("# The card\n")
    record = record_of(registry, registry.register(resealed(folder), encoder=tiny_encoder_folder))
    assert len(record.curves) == 9
    assert record.measures[0].beside is not None
    assert record.card == "# The card\n"
    assert record.to_json()["groups"][0]["by"] == "language"


def test_figures_of_the_run_are_found_by_name(
    registry: Registry, tmp_path: Path, tiny_encoder_folder: Path
) -> None:
    plots = tmp_path / "files" / "plots"
    plots.mkdir(parents=True)
    (plots / "calibration.png").write_bytes(b"picture")
    folder = share_folder(tmp_path / "share", Encoder.load(tiny_encoder_folder))
    with registry.store.run("prescore-share", "training", {}) as run_id:
        registry.store.put(run_id, plots.parent)
        version = registry.register(folder, run_id=run_id, encoder=tiny_encoder_folder)
    assert record_of(registry, version).figures == ("calibration.png",)
    assert figure(registry, version, "calibration.png") == b"picture"
    with pytest.raises(RegistryError, match=r"no figure 'other\.png'"):
        figure(registry, version, "other.png")
