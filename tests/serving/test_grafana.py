"""The dashboard asks for what the service tells, and for all of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serving.metrics import STAGES, Metrics

DASHBOARD: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "grafana" / "prescore.json").read_text(encoding="utf-8")
)
SERIES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
}


def expressions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "expr" in node:
            yield node["expr"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from expressions(each)


def told() -> dict[str, set[str]]:
    """Every series of `/metrics` and its labels, by the name of its metric."""
    return {
        metric.name: {metric.name + end for end in SERIES[metric.type]}
        for metric in Metrics().registry.collect()
    }


def test_every_series_that_it_asks_for_is_told() -> None:
    asked = {name for text in expressions(DASHBOARD) for name in re.findall(r"prescore_\w+", text)}
    assert asked - set().union(*told().values()) == set()


@pytest.mark.parametrize("metric", sorted(told()))
def test_every_metric_is_shown(metric: str) -> None:
    asked = " ".join(expressions(DASHBOARD))
    assert any(re.search(rf"\b{series}\b", asked) for series in told()[metric])


def test_labels_are_those_of_the_metrics() -> None:
    known = {label for collector in _collectors() for label in collector._labelnames} | {"le"}
    for text in expressions(DASHBOARD):
        grouped = re.findall(r"by \(([^)]*)\)", text)
        chosen = re.findall(r"\{([^}]*)\}", text)
        names = {name.strip() for group in grouped for name in group.split(",")}
        names |= {re.split(r"[=!~]", part)[0].strip() for part in ",".join(chosen).split(",")}
        assert names - {""} <= known, text


def _collectors() -> list[Any]:
    return list(Metrics().registry._collector_to_names)


def test_stages_are_named_as_they_are() -> None:
    text = json.dumps(DASHBOARD)
    for stage in STAGES:
        assert stage in text


def test_it_can_be_imported() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert {"uid", "title", "schemaVersion", "templating"} <= DASHBOARD.keys()
    for panel in DASHBOARD["panels"]:
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${source}"
