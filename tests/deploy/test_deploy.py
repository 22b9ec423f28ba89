"""The image and the compose file, as far as they can be judged where no engine runs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from typer.main import get_command

from cli.main import app
from serving.access.settings import Access

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
COMPOSE = ROOT / "deploy" / "compose.yaml"
SERVICES = ("prescore", "mlflow", "postgres")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile's last stage, with what follows each."""
    text = re.sub(r"(?m)^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"))
    lines = text.replace("\\\n", " ").splitlines()
    pairs = [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]
    last = max(place for place, (name, _) in enumerate(pairs) if name == "FROM")
    return [(name, rest) for name, rest in pairs[last:]]


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [hadolint, "--failure-threshold", "style", DOCKERFILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_not_roots_and_says_how_it_is() -> None:
    found = dict(instructions())
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", found["USER"])
    assert "/readyz" in found["HEALTHCHECK"]
    assert found["ENTRYPOINT"] == '["prescore"]'


def test_the_image_carries_no_torch() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert "'.[postgres,otel]'" in text
    assert "pip install --no-cache-dir" in text
    assert not re.search(r"torch==|\[.*train.*\]'", text)


def test_the_image_is_made_of_what_is_there() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    sources = [
        word for line in re.findall(r"(?m)^COPY (?!--from)(.*) \S+$", text) for word in line.split()
    ]
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}\n" in kept, source


def test_its_command_is_one_of_ours() -> None:
    words = yaml.safe_load(dict(instructions())["CMD"])
    command: Any = get_command(app)
    known = {option for each in command.commands["serve"].params for option in each.opts}
    assert words[0] == "serve"
    assert {word for word in words if word.startswith("--")} <= known


def test_the_compose_file_is_one() -> None:
    # The reader takes no merge keys (`<<`), which YAML itself resolves.
    resolved = yaml.safe_dump(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")))
    names = PyCompose.from_yaml(resolved).service_names()
    assert set(names) == set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_sealed(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not str(service["user"]).startswith(("0", "root"))
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])
    assert "mem_limit" in service
    assert not service.get("privileged")


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check(services: dict[str, Any], name: str) -> None:
    if "build" not in services[name]:  # else the image has its own
        assert {"test", "interval", "timeout", "retries"} <= services[name]["healthcheck"].keys()


def test_services_start_after_what_they_lean_on(services: dict[str, Any]) -> None:
    for name, leans in (("prescore", {"postgres", "mlflow"}), ("mlflow", {"postgres"})):
        depends = services[name]["depends_on"]
        assert set(depends) == leans
        assert {each["condition"] for each in depends.values()} == {"service_healthy"}


def test_only_the_service_is_reached_and_only_from_this_machine(services: dict[str, Any]) -> None:
    assert services["prescore"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in services["mlflow"]
    assert "ports" not in services["postgres"]


def test_the_service_runs_as_its_image_says_and_trusts_dockers_networks(
    services: dict[str, Any],
) -> None:
    words = [word for each in services["prescore"]["command"] for word in each.split("=")]
    said = yaml.safe_load(dict(instructions())["CMD"])
    assert words[: len(said)] == said
    command: Any = get_command(app)
    context = command.commands["serve"].make_context("serve", words[1:])
    proxies = context.params["trusted_proxy"]
    assert Access(proxies=tuple(proxies)).proxies == ("172.16.0.0/12", "192.168.0.0/16")


def test_no_password_is_written_down() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    for address in re.findall(r"postgresql\+psycopg://\S+", text):
        assert "prescore:${POSTGRES_PASSWORD:?" in address
    assert "POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?" in text


def test_the_mlflow_server_knows_its_options(services: dict[str, Any]) -> None:
    program = [sys.executable, "-m", "mlflow", "server", "--help"]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"--[a-z-]+", told))
    words = [word.split("=")[0] for word in services["mlflow"]["command"][1:]]
    assert set(words) <= known


def test_the_database_of_the_registry_is_made() -> None:
    made = (ROOT / "deploy" / "postgres" / "mlflow.sql").read_text(encoding="utf-8")
    assert made == "CREATE DATABASE mlflow;\n"
