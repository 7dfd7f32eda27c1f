"""A cover taken with a telephone is shown to everybody; what is no picture changes nothing."""

from io import BytesIO

import pytest
from PIL import Image

from library import files
from library.organisations import founding
from library.organisations.models import OrganisationKind
from tests.cataloguing.conftest import text
from tests.support.people import commit


def photo(colour: str = "red", size: tuple[int, int] = (900, 1200)) -> BytesIO:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    out.seek(0)
    return out


def send(ha, record, data, name="bia.jpg"):
    return ha.post(f"/titles/{record.uid}/cover", data={"picture": (data, name)}, content_type="multipart/form-data")


def address(record, slug):
    return f"/tv/{slug}/bia/{record.uid}"


def test_a_photo_becomes_the_cover_everywhere(app, ha, shared, world):
    world.items(1, record=shared)
    slug = world.school().slug
    commit()
    assert "capture=" in text(ha.get(f"/titles/{shared.uid}/cover"))
    assert send(ha, shared, photo()).status_code == 303
    visitor = app.test_client()
    answer = visitor.get(address(shared, slug) + "?v=1")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert Image.open(BytesIO(answer.get_data())).size == (600, 800)
    for page in (f"/titles/{shared.uid}", "/titles", f"/tv/{slug}/sach/{shared.uid}", f"/tv/{slug}/tim?q=de+men"):
        assert address(shared, slug) in text(ha.get(page)), page


def test_another_photo_replaces_it_and_the_old_one_goes(ha, shared):
    send(ha, shared, photo("red"))
    first = files.path_of(shared.cover_key or "")
    assert first.exists()
    send(ha, shared, photo("blue"))
    assert not first.exists()
    assert files.path_of(shared.cover_key or "").exists()
    assert ha.post(f"/titles/{shared.uid}/cover/remove").status_code == 303
    assert shared.cover_key is None


def test_a_picture_two_titles_share_stays_for_the_other(ha, shared, world):
    other = world.record("Cây khế")
    commit()
    send(ha, shared, photo())
    send(ha, other, photo())
    key = shared.cover_key
    assert key and key == other.cover_key
    ha.post(f"/titles/{shared.uid}/cover/remove")
    assert files.path_of(key).exists()


@pytest.mark.parametrize("name", ["bia.jpg", "bia.svg", "../../bia.exe"])
def test_what_is_no_picture_is_refused_with_a_sentence(ha, shared, name):
    send(ha, shared, photo())
    before = shared.cover_key
    answer = send(ha, shared, BytesIO(b"<svg onload=alert(1)>"), name)
    assert answer.status_code == 422
    assert "Máy chỉ nhận ảnh JPEG, PNG hoặc WebP." in text(answer)
    assert shared.cover_key == before


def test_nothing_chosen_is_said_so(ha, shared):
    answer = ha.post(f"/titles/{shared.uid}/cover", data={}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Chưa có ảnh nào" in text(answer)


def test_of_two_fields_the_filled_one_counts(ha, shared):
    data = {"picture": [(BytesIO(b""), ""), (photo(), "chup.jpg")]}
    sent = ha.post(f"/titles/{shared.uid}/cover", data=data, content_type="multipart/form-data")
    assert sent.status_code == 303
    assert shared.cover_key


def test_a_picture_is_found_in_its_own_network_alone(app, ha, shared, world):
    send(ha, shared, photo())
    far = founding.found(world.session(), OrganisationKind.PROVINCE, "Tỉnh khác")
    slug = far.slug
    commit()
    visitor = app.test_client()
    assert visitor.get(address(shared, slug)).status_code == 404
    assert visitor.get(address(shared, "khong-co")).status_code == 404
