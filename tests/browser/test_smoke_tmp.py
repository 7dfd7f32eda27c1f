import time
from tests.browser.conftest import *
from tests.browser.conftest import card_of
def test_smoke(school, open_desk):
    lan, items = school.patron(class_name="5A"), school.items(3)
    commit()
    card, codes = card_of(lan), [i.accession for i in items]
    db.session.rollback()
    desk = open_desk()
    desk.page.screenshot(path="/tmp/s0.png")
    t=time.time()
    desk.scan(card); desk.word("Đang mượn cho")
    for c in codes: desk.scan(c)
    desk.page.wait_for_timeout(1500)
    print(desk.rows(), desk.said, time.time()-t)
    print(desk.page.evaluate("performance.getEntriesByName('scan to paint').map(e=>e.duration)"))
    desk.page.screenshot(path="/tmp/s1.png")
