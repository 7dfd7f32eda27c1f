"""Settings: each does what it says, and a wrong one stops the start with a sentence that names it."""

from pathlib import Path
from runpy import run_path

import pytest

from library import settings
from library.settings import SETTINGS, WrongSetting
from tests.support.running import ROOT, told

WRONG = {
    "DATABASE": "mysql://localhost/tusach",
    "READER_DATABASE": "no address",
    "PORT": "70000",
    "PROCESSES": "0",
    "THREADS": "many",
    "HTTPS": "maybe",
    "PROXIES": "-1",
    "LARGEST_UPLOAD_MB": "1.5",
    "SESSION_HOURS": "",
    "UNDO_MINUTES": "61",
}
ANY_TEXT = {"DATA", "SECRET_KEY", "HOST"}
"""What cannot be wrong by itself; an address of another machine is found out at the start (test_serving)."""


def read(tmp_path: Path, **values: str) -> dict[str, object]:
    return settings.read({"TUSACH_DATA": str(tmp_path)} | {f"TUSACH_{name}": text for name, text in values.items()})


def test_every_setting_is_tried_with_a_wrong_value() -> None:
    assert set(WRONG) | ANY_TEXT == {one.name for one in SETTINGS}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_with_what_is_expected(tmp_path: Path, name: str) -> None:
    expected = next(one.expects for one in SETTINGS if one.name == name)
    with pytest.raises(WrongSetting) as told_:
        read(tmp_path, **{name: WRONG[name]})
    assert str(told_.value) == f"TUSACH_{name}={WRONG[name]!r}: expected {expected}."


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    """A slip of the pen must not become "the setting does not work"."""
    with pytest.raises(WrongSetting, match=r"TUSACH_PROT: no such setting.*TUSACH_PORT"):
        read(tmp_path, PROT="8001")


def test_the_file_is_read_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("# our school\n\nTUSACH_PORT = 9000\nTUSACH_THREADS=2\n", encoding="utf-8")
    values = read(tmp_path, PORT="9001")
    assert (values["PORT"], values["THREADS"]) == (9001, 2)


def test_the_file_may_lie_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "tusach.env"
    file.write_text("TUSACH_PORT=9000\n", encoding="utf-8")
    assert read(tmp_path, SETTINGS=str(file))["PORT"] == 9000


def test_a_wrong_name_in_the_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("PORT=9000\n", encoding="utf-8")
    with pytest.raises(WrongSetting, match="PORT: no such setting"):
        read(tmp_path)


def test_a_postgresql_address_gets_its_driver(tmp_path: Path) -> None:
    values = read(tmp_path, DATABASE="postgresql://tusach:secret@db/tusach")
    assert values["DATABASE"] == "postgresql+psycopg://tusach:secret@db/tusach"


def test_the_secret_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    first = settings.flask_config(read(tmp_path))["SECRET_KEY"]
    assert len(first) == 64
    assert settings.flask_config(read(tmp_path))["SECRET_KEY"] == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("name", "value"), [("PORT", "abc"), ("PROT", "1")])
@pytest.mark.parametrize("verb", ["serve", "migrate", "backup"])
def test_the_start_stops_with_the_sentence(tmp_path: Path, verb: str, name: str, value: str) -> None:
    result = told(tmp_path, verb, **{name: value})
    assert result.returncode == 2
    assert f"TUSACH_{name}" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_the_page_of_settings_tells_them_all() -> None:
    told_ = run_path(str(ROOT / "docs" / "generate.py"))["settings"]()
    assert told_ in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), "run `make docs`"
    assert all(f"`TUSACH_{one.name}`" in told_ for one in SETTINGS)
