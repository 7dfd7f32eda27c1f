"""`tusach`, or `python -m library`: start the library, ready its database, back it up.

Exit codes: 0 done; 1 it could not be done, a sentence says why; 2 a setting or a word of the command is wrong.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import OperationalError

from library import __version__, backup, create_app, readiness, serving
from library.jobs import queue
from library.settings import WrongSetting
from library.welcome import gate

Verb = Callable[[Flask, argparse.Namespace], int]
VERBS: dict[str, tuple[str, Verb]] = {}


def verb(name: str, words: str) -> Callable[[Verb], Verb]:
    """Register a command; `words` is its line of help."""

    def register(function: Verb) -> Verb:
        VERBS[name] = (words, function)
        return function

    return register


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


@verb("serve", "chạy máy chủ và phần làm việc dài (--migrate, --demo: chuẩn bị trước)")
def serve(app: Flask, asked: argparse.Namespace) -> int:
    serving.check_address(app.config["HOST"], app.config["PORT"])
    if asked.migrate:
        migrate(app, asked)
    if not readiness.is_migrated(app):
        say("Cơ sở dữ liệu chưa theo kịp bản này. Chạy `tusach migrate` trước, rồi chạy lại.")
        return 1
    if asked.demo:
        demo(app, asked)
    return serving.serve(app, lambda: say(*welcome(app)))


def welcome(app: Flask) -> list[str]:
    """What stands on the console once the server answers."""
    here, *near = serving.addresses(app.config["HOST"], app.config["PORT"])
    lines = ["", f"  Tủ Sách {__version__} đang chạy. Mở {here}", *(f"  Máy khác trong mạng mở {one}" for one in near)]
    people = readiness.sign_ins(app)
    wide = max((len(login) for _, login, _ in people), default=0)
    lines += ["", f"  Dữ liệu mẫu. Mật khẩu của mọi tài khoản: {people[0][2]}"] if people else []
    lines += [f"    {login:{wide}}  {who}" for who, login, _ in people]
    if code := gate.announce(app):
        lines += ["", f"  Chưa có thư viện nào: mở địa chỉ trên để lập. Từ máy khác, máy sẽ hỏi mã {code}"]
    return [*lines, "", "  Dừng: Ctrl+C", ""]


@verb("migrate", "đưa cơ sở dữ liệu lên đúng bản này; SQLite có dữ liệu thì sao lưu trước")
def migrate(app: Flask, asked: argparse.Namespace) -> int:
    kept = readiness.migrate(app)
    if kept:
        say(f"Đã sao lưu trước khi nâng cấp: {kept}")
    return 0


@verb("demo", "nạp tỉnh mẫu vào cơ sở dữ liệu còn trống")
def demo(app: Flask, asked: argparse.Namespace) -> int:
    if not readiness.is_empty(app):
        if asked.verb == "demo":
            say("Đã có thư viện trong cơ sở dữ liệu này: giữ nguyên, không nạp dữ liệu mẫu.")
        return 0
    say("Cơ sở dữ liệu còn trống: máy đang nạp tỉnh mẫu, chừng nửa phút.")
    readiness.bring_demo(app)
    return 0


@verb("work", "làm việc dài đang chờ (--once: làm hết rồi thôi)")
def work(app: Flask, asked: argparse.Namespace) -> int:
    if asked.once:
        say(f"{queue.work_off(app)} bước đã xong.")
        return 0
    return serving.work(app)


@verb("backup", "sao lưu cơ sở dữ liệu, kể cả khi đang dùng (có thể nêu tên tệp)")
def keep(app: Flask, asked: argparse.Namespace) -> int:
    if backup.sqlite_file(app) is None:
        say("PostgreSQL có công cụ sao lưu riêng. Chạy:", "", f"  {backup.command_of(app)}", "")
        return 0
    kept = backup.of(app, asked.file)
    say(f"Đã sao lưu: {kept}" if kept else "Chưa có gì để sao lưu: cơ sở dữ liệu còn trống.")
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser("tusach", description="Tủ Sách: mượn trả và luân chuyển sách.")
    made.add_argument("--version", action="version", version=__version__)
    verbs = made.add_subparsers(dest="verb", required=True, metavar="lệnh")
    for name, (words, _) in VERBS.items():
        one = verbs.add_parser(name, help=words)
        if name == "serve":
            one.add_argument("--migrate", action="store_true", help=VERBS["migrate"][0])
            one.add_argument("--demo", action="store_true", help=VERBS["demo"][0])
        if name == "work":
            one.add_argument("--once", action="store_true")
        if name == "backup":
            one.add_argument("file", nargs="?", type=Path, metavar="tệp")
    return made


def _stop(code: int, sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words ask; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a console that knows no Vietnamese letters still gets the rest
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    asked = parser().parse_args(words)
    try:
        return VERBS[asked.verb][1](create_app(), asked)
    except WrongSetting as error:
        return _stop(2, f"Chưa chạy được, một cài đặt chưa đúng.\n{error}")
    except (readiness.Unready, serving.Occupied) as error:
        return _stop(1, str(error))
    except backup.Unsound as error:
        return _stop(1, f"Bản sao không lành nên đã bỏ: {error}. Cơ sở dữ liệu cần được xem lại.")
    except OperationalError as error:
        return _stop(1, f"Chưa nối được cơ sở dữ liệu: {str(error.orig).strip().splitlines()[0]}")


if __name__ == "__main__":
    sys.exit(main())
