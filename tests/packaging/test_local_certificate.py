"""The steps of docs/cameras.md make a certificate that a browser believes, and no other name gets it."""

import re
import ssl
import subprocess
import threading
from pathlib import Path
from socket import create_connection, socket

import pytest

STEPS = (Path(__file__).parents[2] / "docs" / "cameras.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the first block of commands was run, as it stands there."""
    folder = tmp_path_factory.mktemp("certificate")
    found = re.search(r"```sh\n(.*?)```", STEPS, re.DOTALL)
    assert found
    done = subprocess.run(["sh", "-e", "-c", found.group(1)], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("may-chu.crt: OK")
    return folder


def serve_once(folder: Path) -> tuple[socket, int]:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "may-chu.crt", folder / "may-chu.key")
    door = socket()
    door.bind(("127.0.0.1", 0))
    door.listen(1)

    def answer() -> None:
        caller, _ = door.accept()
        try:
            with serving.wrap_socket(caller, server_side=True) as safe:
                safe.recv(1)
        except OSError:
            return

    threading.Thread(target=answer, daemon=True).start()
    return door, door.getsockname()[1]


def meet(folder: Path, name: str) -> None:
    door, port = serve_once(folder)
    believing = ssl.create_default_context(cafile=str(folder / "noi-cap.crt"))
    with door, create_connection(("127.0.0.1", port), 5) as line, believing.wrap_socket(line, server_hostname=name):
        pass


@pytest.mark.parametrize("name", ["thuvien.local", "192.168.1.10"])
def test_who_installed_the_authority_believes_the_server(made: Path, name: str) -> None:
    meet(made, name)


def test_no_other_name_is_believed(made: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        meet(made, "ngan-hang.vn")


def test_it_lasts_no_longer_than_telephones_allow(made: Path) -> None:
    from datetime import UTC, datetime

    text = subprocess.run(
        ["openssl", "x509", "-in", "may-chu.crt", "-noout", "-enddate"],
        cwd=made,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    end = datetime.strptime(text.strip().removeprefix("notAfter="), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    assert 700 < (end - datetime.now(UTC)).days <= 825


def test_keys_are_for_their_owner_alone(made: Path) -> None:
    assert (made / "noi-cap.key").stat().st_mode & 0o077 == 0
