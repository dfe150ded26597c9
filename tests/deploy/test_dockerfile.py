"""The images, as far as they can be known without building one: tests/deploy/test_image.py runs the steps."""

import fnmatch
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT, stages
from tests.deploy.rendered import SERVICES, container, deployments, named

STAGES = stages()
IGNORED = [
    line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.strip() and not line.startswith("#")
]


def target_of(service: str) -> str:
    """The stage that a service's image is built to."""
    return "gateway" if service == "gateway" else "service"


def lineage(name: str) -> list[str]:
    """A stage and what it is built on, down to the image from outside."""
    found = [name]
    while STAGES[found[-1]].base in STAGES:
        found.append(STAGES[found[-1]].base)
    return [*found, STAGES[found[-1]].base]


def is_sent(path: str) -> bool:
    """Whether a file reaches the builder, by the last line of .dockerignore that speaks of it."""
    sent = True
    for line in IGNORED:
        pattern = line.removeprefix("!").removeprefix("**/")
        parents = [path, *(parent.as_posix() for parent in Path(path).parents)]
        names = [part for each in parents for part in (each, Path(each).name if "**/" in line else each)]
        if any(fnmatch.fnmatch(name, pattern) for name in names if name != "."):
            sent = line.startswith("!")
    return sent


def test_every_service_and_the_topology_has_an_image() -> None:
    assert {target_of(service) for service in SERVICES} | {"topology"} <= set(STAGES)


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_runs_what_the_deployment_runs(service: str) -> None:
    app = container(deployments("dev")[service])

    assert STAGES["service"].command == app["command"]
    assert f"UVICORN_APP={app['env'][0]['value']}" == STAGES["service"].all("ENV")[0].replace("${SERVICE}", service)
    assert not STAGES["gateway"].command, "the gateway's image runs what the others run"


def test_the_topologys_image_runs_what_the_job_runs() -> None:
    assert STAGES["topology"].command == container(named("dev", "Job", "topology"))["command"]


@pytest.mark.parametrize("target", ["service", "gateway", "topology"])
def test_the_image_runs_as_an_unprivileged_user_without_tools(target: str) -> None:
    assert lineage(target)[-2:] == ["runtime", STAGES["runtime"].base]
    assert all(not STAGES[stage].all("RUN") and not STAGES[stage].all("USER") for stage in lineage(target)[:-2])
    user = named("dev", "Deployment", "frames")["spec"]["template"]["spec"]["securityContext"]
    assert STAGES["runtime"].all("USER") == [f"{user['runAsUser']}:{user['runAsGroup']}"]
    assert "pip uninstall --yes" in STAGES["runtime"].all("RUN")[0]


def test_the_image_holds_its_own_service_alone() -> None:
    sources = [source for stage, found, _ in STAGES["build"].copies if stage is None for source in found]

    assert sources == ["requirements/${SERVICE}.txt", "libs/common", "services/${SERVICE}"]
    steps = " ".join(STAGES["build"].all("RUN"))
    assert not [service for service in SERVICES if service in steps]


def test_every_copied_file_exists_and_is_sent_to_the_builder() -> None:
    made_by_npm = {"services/gateway/ui/dist"}
    for stage in STAGES.values():
        for origin, sources, _ in stage.copies:
            if origin is not None:
                assert origin in STAGES
                continue
            for source in (source.replace("${SERVICE}", service) for source in sources for service in SERVICES):
                assert (ROOT / source).exists(), source
                assert source in made_by_npm or is_sent(source), f"{source} is in .dockerignore"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("services/frames/frames/app.py", True),
        ("libs/common/common/messaging/bus.py", True),
        ("requirements/frames.txt", True),
        ("LICENSE", True),
        ("services/gateway/ui/node_modules/vite/index.js", False),
        ("services/gateway/ui/dist/index.html", False),
        ("libs/common/common/messaging/__pycache__/bus.cpython-311.pyc", False),
        (".git/config", False),
        (".tracklane/credentials.json", False),
        ("tests/deploy/test_dockerfile.py", False),
    ],
)
def test_only_what_is_needed_is_sent_to_the_builder(path: str, sent: bool) -> None:
    assert is_sent(path) is sent


def test_stages_are_built_on_earlier_ones_or_on_pinned_images() -> None:
    known: list[str] = []
    for name, stage in STAGES.items():
        tag = stage.base.partition(":")[2]
        assert stage.base in known or tag not in ("", "latest"), name
        assert all(origin is None or origin in known for origin, _, _ in stage.copies), name
        known.append(name)


def test_the_gateway_finds_the_browser_application() -> None:
    ((origin, (source,), folder),) = [copy for copy in STAGES["gateway"].copies if copy[0] == "ui"]

    assert source == f"{STAGES[origin or ''].all('WORKDIR')[-1]}/dist"
    assert STAGES["gateway"].all("ENV") == [f"TRACKLANE_UI_DIR={folder}"]


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_installed_is_pinned_by_hash_and_names_no_registry(service: str) -> None:
    text = (ROOT / "requirements" / f"{service}.txt").read_text()

    pins = [line for line in text.splitlines() if "==" in line]
    assert pins
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
