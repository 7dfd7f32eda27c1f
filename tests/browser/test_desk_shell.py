"""A reload without a connection still opens the desk."""

from collections.abc import Callable

from tests.browser.conftest import Cast, DeskInBrowser, lent

Open = Callable[..., DeskInBrowser]
KEPT = """async () => {
  const cache = await caches.open((await caches.keys()).find((name) => name.startsWith("tusach-desk-")));
  const page = await cache.match("/desk");
  return page ? page.text() : "";
}"""


def test_a_reload_without_a_connection_opens_the_desk_without_names(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.scan(cast.copies[0].code)
    desk.word("cuốn thứ 1")
    desk.go()
    desk.page.locator("#reader").get_by_text("Hoàng Thị Mai Lan").wait_for()
    desk.until("caches.keys().then((names) => names.length > 0)", 15)
    desk.until(f"({KEPT})().then((html) => html.length > 0)", 15)
    kept = desk.page.evaluate(KEPT)
    assert "Quét thẻ" in kept
    assert not [name for name in ("Lan", "Lường Thị Hà", "Dế Mèn") if name in kept]
    desk.page.wait_for_timeout(500)
    desk.context.set_offline(True)
    desk.page.reload()
    desk.until("document.querySelector('#returns').hidden === false")
    desk.scan(cast.copies[1].code)
    desk.word("Mất kết nối")
    desk.page.reload()
    desk.count("#rows .is-waiting", 1)
    desk.context.set_offline(False)
    desk.page.evaluate("dispatchEvent(new Event('online'))")
    desk.settled()
    assert lent() == [copy.id for copy in cast.copies[:2]]
    desk.page.reload()
    desk.page.get_by_text("Lường Thị Hà").wait_for()
