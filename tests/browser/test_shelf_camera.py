"""The camera of a telephone in Chromium: a photograph on a school's plain network, live where the page is safe."""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from library.core.db import db
from library.holdings.models import Item, ItemCode
from library.loans.models import Loan
from library.organisations.models import Code
from tests.browser.conftest import watched
from tests.support import shelves
from tests.support.chromium import CHROMIUM, FLAGS
from tests.support.people import commit
from tests.support.policies import lends
from tests.support.world import World

UNTRUSTED = "Cross-Origin-Opener-Policy header has been ignored"
"""What Chromium says of every page of a plain network."""
HOST = "thuvien.truong.test"
WIDE, HIGH = 1280, 720


def code_of_item(item: Item) -> str:
    """What its label carries."""
    query = select(Code.printed).join(ItemCode, ItemCode.code_id == Code.id).where(ItemCode.item_id == item.id)
    return db.session.scalars(query).first() or item.accession or ""


def label(text: str) -> Image.Image:
    drawn = Image.fromarray(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=3))
    paper = Image.new("L", (drawn.width + 60, drawn.height + 60), 250)
    paper.paste(drawn, (30, 30))
    return paper


def table(*labels: Image.Image) -> Image.Image:
    """A picture as the camera sees it."""
    seen = Image.effect_noise((WIDE, HIGH), 20).point(lambda value: value // 2 + 80)
    for at, one in enumerate(labels):
        turned = one.rotate(4, expand=True, fillcolor=120)
        seen.paste(turned, ((WIDE - turned.width) // 2, HIGH * (2 * at + 1) // (2 * len(labels)) - turned.height // 2))
    return seen


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()


def film(picture: Image.Image, path: Path) -> None:
    """A film of some equal frames, as Chromium takes it for a camera (YUV4MPEG2)."""
    frame = b"FRAME\n" + picture.tobytes() + bytes([128]) * (WIDE * HIGH // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDE} H{HIGH} F15:1 Ip A1:1 C420jpeg\n".encode() + frame * 5)


@dataclass
class Telephone:
    """A telephone at the class's shelf, with Lan's name touched."""

    context: BrowserContext
    page: Page
    code: str
    item: int
    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def photograph(self, *labels: Image.Image) -> None:
        picture = {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": jpeg(table(*labels))}
        self.page.locator("[data-camera] input[type=file]").set_input_files([picture])

    def heard(self, text: str) -> None:
        """Wait until the line of codes was told this one."""
        latest = time.monotonic() + 15
        while text not in self.page.evaluate("window.heard"):
            assert time.monotonic() < latest, self.page.locator(".camera-said").inner_text()
            self.page.wait_for_timeout(50)

    def rest(self) -> None:
        """Wait until nothing that was asked is still on its way."""
        latest = time.monotonic() + 15
        while len(self.answered) < len(self.asked) and time.monotonic() < latest:
            self.page.wait_for_timeout(50)

    def lent(self) -> None:
        self.page.locator("#result, .result, .entry", has_text="Dế Mèn").first.wait_for(timeout=8000)
        db.session.rollback()
        assert list(db.session.scalars(select(Loan.item_id).where(Loan.ended_at.is_(None)))) == [self.item]
        db.session.rollback()


HEARD = "window.heard = []; document.addEventListener('scanned', (event) => window.heard.push(event.detail.text));"


def _enter(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.locator("input[name=login]").fill("thu")
    page.locator("input[name=password]").fill(shelves.PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


@pytest.fixture
def telephone(chromium: Browser, server: str, world: World, tmp_path: Path) -> Iterator[Callable[..., Telephone]]:
    """`telephone(safe=True)`: at an address where the camera may be opened; else at a name of the school's network."""
    of = shelves.school_class(world, "5A", 5)
    shelf = shelves.shelf(world, of, keeper=shelves.teacher(world, of))
    item, lan = world.item(), world.patron(class_name="5A")
    shelves.put(world, shelf, [item])
    lends(world.session, world.school().id, days=14, most=3)
    code, item_id, path = code_of_item(item), item.id, f"/shelves/{shelf.uid}/scan?pupil={lan.uid}"
    commit()
    film(table(label(code)), tmp_path / "camera.y4m")
    flags = [
        f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={tmp_path / 'camera.y4m'}",
    ]  # fmt: skip
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
    complaints: list[str] = []
    phones: list[Telephone] = []

    def opened(safe: bool, script: str = "") -> Telephone:
        context = browser.new_context(viewport={"width": 360, "height": 780}, locale="vi-VN", has_touch=True)
        address = server if safe else server.replace("127.0.0.1", HOST)
        context.add_init_script(HEARD + script)
        made = Telephone(context, context.new_page(), code, item_id)
        watched(made.page, complaints)
        made.page.on("request", lambda request: made.asked.append(request.url))
        made.page.on("requestfinished", lambda request: made.answered.append(request.url))
        made.page.on("requestfailed", lambda request: made.answered.append(request.url))
        _enter(made.page, address)
        made.page.goto(address + path)
        made.page.locator("[data-camera]").wait_for()
        phones.append(made)
        return made

    yield opened
    for phone in phones:
        phone.rest()
    browser.close()
    assert [one for one in complaints if UNTRUSTED not in one] == []


def test_on_a_plain_network_a_photograph_is_read_by_the_server(telephone: Callable[..., Telephone]) -> None:
    phone = telephone(safe=False)
    assert phone.page.evaluate("isSecureContext") is False
    assert phone.page.locator(".camera-start").is_hidden()
    phone.photograph(label(phone.code))
    phone.lent()


def test_of_several_codes_in_a_photograph_one_is_chosen(telephone: Callable[..., Telephone]) -> None:
    phone = telephone(safe=False)
    phone.photograph(label("0199999999"), label(phone.code))
    phone.page.locator(".camera-choice button", has_text=phone.code).click()
    phone.heard(phone.code)
    assert phone.page.evaluate("window.heard") == [phone.code]


def test_a_photograph_without_a_code_says_what_to_do(telephone: Callable[..., Telephone]) -> None:
    phone = telephone(safe=False)
    phone.photograph()
    phone.page.locator(".camera-said", has_text="Chưa thấy mã nào trong ảnh").wait_for(timeout=8000)


def test_where_the_page_is_safe_the_camera_scans_live(telephone: Callable[..., Telephone]) -> None:
    """Without a BarcodeDetector of the browser: ours, fetched when it is first needed."""
    phone = telephone(safe=True, script="delete window.BarcodeDetector")
    assert not [url for url in phone.asked if "zxing" in url]
    phone.page.locator(".camera-start").click()
    phone.heard(phone.code)
    phone.lent()
    assert [url for url in phone.asked if url.endswith("zxing_reader.wasm")]
    phone.page.locator(".camera-stop").click()
    phone.page.locator(".camera-live").wait_for(state="hidden")


NATIVE = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["code_128", "qr_code"]; }
  async detect() { return [{ rawValue: "9786042103404" }, { rawValue: "%s" }]; }
};
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async function (wanted) { window.lit = wanted.advanced[0].torch; };
"""


def test_the_browsers_own_detector_goes_first_and_the_torch_is_offered(
    telephone: Callable[..., Telephone], world: World
) -> None:
    code = code_of_item(db.session.scalars(select(Item)).one())
    db.session.rollback()
    phone = telephone(safe=True, script=NATIVE % code)
    phone.page.locator(".camera-start").click()
    phone.page.locator(".camera-torch").click()
    phone.page.locator(".camera-torch[aria-pressed=true]").wait_for()
    assert phone.page.evaluate("window.lit") is True
    phone.heard(code)
    assert phone.page.evaluate("window.heard") == [code], "the label goes before the ISBN, and counts once"
    assert not [url for url in phone.asked if "zxing" in url]


def test_only_pages_with_a_camera_may_run_the_decoder(telephone: Callable[..., Telephone]) -> None:
    def policy(path: str) -> Any:
        answer = phone.context.request.get(phone.page.url.split("/shelves")[0] + path)
        return answer.headers["content-security-policy"]

    phone = telephone(safe=True)
    assert "'wasm-unsafe-eval'" in policy("/shelves" + phone.page.url.split("/shelves")[1])
    assert "wasm" not in policy("/account")
