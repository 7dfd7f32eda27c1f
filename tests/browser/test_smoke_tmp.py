from tests.browser.conftest import *
from tests.browser.conftest import card_of
def test_smoke(school, open_desk):
    lan, items = school.patron(class_name="5A"), school.items(3)
    commit()
    card, codes = card_of(lan), [i.accession for i in items]
    db.session.rollback()
    desk = open_desk()
    desk.page.on("request", lambda r: print("REQ", r.method, r.url, r.post_data))
    desk.page.on("response", lambda r: print("RES", r.status, r.url, r.text()[:300] if 'desk/' in r.url else ''))
    desk.page.evaluate("addEventListener('keydown', e => console.log('K', e.key, e.timeStamp), true)")
    desk.page.on("console", lambda m: print(m.text))
    desk.scan(card)
    desk.page.wait_for_timeout(1500)
    print(repr(card), desk.page.evaluate("[document.activeElement.outerHTML.slice(0,60), document.querySelector('#code').value]"), desk.waiting())
