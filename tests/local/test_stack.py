"""The variables of the services follow from the environment; configuration errors are reported clearly."""

import socket
import stat
from pathlib import Path

import pytest

from deploy.local import services
from deploy.local.output import LogFiles, Terminal
from deploy.local.ports import Port, Ports, PortTaken, refuse_taken
from deploy.local.servers import own_database
from deploy.local.stack import AlreadyRunning, Stack

OUTSIDE = {
    "TRACKLANE_NATS_URL": "nats://user:word@nats.example:4222",
    "TRACKLANE_MONGO_URL": "mongodb://user:word@mongo.example/?replicaSet=rs0",
    "TRACKLANE_S3_URL": "https://key:secret@s3.example/bucket",
}


def stack_of(home: Path, **variables: str) -> Stack:
    return Stack.of({"TRACKLANE_HOME": str(home), **variables})


def test_each_service_has_its_own_user_and_database(tmp_path: Path) -> None:
    stack = stack_of(tmp_path)

    ingest, frames = stack.variables("ingest"), stack.variables("frames")

    assert ingest["TRACKLANE_MONGO_URL"] != frames["TRACKLANE_MONGO_URL"]
    assert "/ingest?" in ingest["TRACKLANE_MONGO_URL"]
    assert ingest["TRACKLANE_NATS_URL"].startswith("nats://ingest:")
    assert "TRACKLANE_NATS_ISSUER_SEED" not in ingest
    assert stack.variables("gateway")["TRACKLANE_NATS_ISSUER_SEED"].startswith("SA")


def test_external_servers_replace_embedded_ones(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, **OUTSIDE)

    variables_of_frames = stack.variables("frames")

    assert stack.servers.embedded == []
    assert variables_of_frames["TRACKLANE_NATS_URL"] == OUTSIDE["TRACKLANE_NATS_URL"]
    assert variables_of_frames["TRACKLANE_S3_URL"] == OUTSIDE["TRACKLANE_S3_URL"]
    assert (
        variables_of_frames["TRACKLANE_MONGO_URL"]
        == "mongodb://user:word@mongo.example/frames?replicaSet=rs0&authSource=admin"
    )


def test_one_external_server_leaves_the_others_embedded(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, TRACKLANE_S3_URL=OUTSIDE["TRACKLANE_S3_URL"])

    assert [server.name for server in stack.servers.embedded] == ["nats", "mongo"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("mongodb://host:1", "mongodb://host:1/frames"),
        ("mongodb://u:p@host/", "mongodb://u:p@host/frames?authSource=admin"),
        ("mongodb://u:p@host/users", "mongodb://u:p@host/frames?authSource=users"),
        ("mongodb://u:p@a,b/?authSource=x", "mongodb://u:p@a,b/frames?authSource=x"),
        ("mongodb+srv://u:p@host/?w=majority", "mongodb+srv://u:p@host/frames?w=majority&authSource=admin"),
    ],
)
def test_an_external_mongo_has_a_database_per_service(given: str, expected: str) -> None:
    assert own_database(given, "frames") == expected


def test_ports_are_documented_and_can_be_moved() -> None:
    assert Ports.configured({}) == Ports(nats=4222, nats_monitor=8222, mongo=27017, s3=8333)
    assert Ports.configured({"TRACKLANE_S3_PORT": "9000"}).s3 == 9000
    assert [port.number for port in services.ports(9000)] == list(range(9000, 9000 + len(services.PROCESSES)))


def test_inference_runs_twice_with_the_same_user(tmp_path: Path) -> None:
    programs = {program.name: program for program in services.programs(stack_of(tmp_path).servers, 8080)}

    assert programs["inference"].environment == programs["inference-2"].environment
    assert programs["inference"].command != programs["inference-2"].command


def test_a_taken_port_is_named_with_the_setting_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1]

        with pytest.raises(PortTaken, match=rf"Port {number} \(gateway\).*PORT=\d+ make up"):
            refuse_taken([Port(number, "gateway", "PORT")])


def test_two_stacks_never_share_a_home(tmp_path: Path) -> None:
    first, second = stack_of(tmp_path), stack_of(tmp_path)

    with first.locked(), pytest.raises(AlreadyRunning, match="TRACKLANE_HOME"), second.locked():
        pass

    with second.locked():
        pass


def test_credentials_stay_the_same_and_private(tmp_path: Path) -> None:
    first = stack_of(tmp_path / "home").servers.credentials

    assert stack_of(tmp_path / "home").servers.credentials == first
    assert stat.S_IMODE((tmp_path / "home" / "credentials.json").stat().st_mode) == 0o600


def test_the_terminal_shows_what_a_person_should_see(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = LogFiles(tmp_path)
    terminal = Terminal(files, quiet=["mongo"], colour=False)

    terminal.write("mongo", "I have much to say")
    terminal.write("gateway", "2026-11-21 [info     ] request")
    terminal.write("gateway", "2026-11-21 [warning  ] slow")
    assert capsys.readouterr().out == "gateway     | 2026-11-21 [warning  ] slow\n"

    terminal.explain("mongo")
    assert capsys.readouterr().out == "mongo       | I have much to say\n"
    files.close()
    assert (tmp_path / "mongo.log").read_text() == "I have much to say\n"
