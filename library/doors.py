"""What every page and every answer has: who may come in, headers, the frame of a page, and how a refusal is told."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, session, url_for
from flask_babel import Babel, get_locale, gettext
from flask_login import LoginManager, current_user
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from library import access
from library.access import Permission
from library.accounts import identity
from library.accounts.identity import Nobody
from library.catalogue.covers import cover_art
from library.core import clock
from library.core.db import db, for_writing, read_only
from library.core.errors import N_, Forbidden, Invalid, Reason, Refused

LOCALES = ("vi", "en")
SAFE = ("GET", "HEAD", "OPTIONS")
CSP = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
SECTIONS = (
    ("loans.show_desk", "scan-barcode", N_("Quầy"), Permission.CIRCULATE),
    ("finding.titles", "book", N_("Sách"), Permission.SEARCH),
    ("shelves.overview", "library", N_("Tủ lớp"), Permission.CLASS_DESK),
    ("rotation.board", "truck", N_("Luân chuyển"), Permission.ROTATION_SEE),
    ("mobile.planner", "calendar-days", N_("Xe lưu động"), Permission.VAN_SEE),
    ("activities.list", "megaphone", N_("Hoạt động"), Permission.PROMOTE),
    ("patrons.people", "users", N_("Bạn đọc"), Permission.SEE_PATRONS),
    ("staging.loads", "upload", N_("Nạp danh sách"), Permission.IMPORT_BOOKS),
    ("holds.list", "bookmark", N_("Giữ chỗ"), Permission.CIRCULATE),
    ("labels.queue", "tag", N_("In nhãn"), Permission.PRINT_LABELS),
    ("losses.list", "wrench", N_("Mất, hỏng"), Permission.CIRCULATE),
)
PART_OF = {
    "catalogue": "finding", "cataloguing": "finding", "covers": "finding", "spines": "finding", "duplicates": "finding",
    "exports": "staging",
    "rollover": "patrons", "groups": "patrons", "twins": "patrons", "pupil_details": "terms", "signs": "labels",
    "privacy": "patrons", "privacy.figures": "reports", "privacy.memory": "terms",
    "opening": "terms", "rules": "terms", "presets": "terms", "explain": "terms", "item_classes": "terms",
    "waits": "holds", "transfers": "holds",
    "losses": "losses", "compensation": "losses", "condition": "losses", "clearance": "losses",
    "handovers": "shelves", "year_end": "shelves", "documents": "terms",
    "report_figures": "reports", "sums": "terms",
    "dashboard": "reports", "society": "reports", "society_entry": "reports",
    "report_builder": "reports", "saved_reports": "reports", "standards": "reports",
    "campaigns": "reports", "campaign_edit": "reports", "sheets": "reports", "report_papers": "reports",
    "spine_rules": "terms", "staff": "terms", "safety": "terms", "log": "terms",
    "shelf_board": "shelves", "shelf_helpers": "shelves",
    "camera": "shelves", "shelf_log": "shelves", "shelf_week": "shelves", "shelf_figures": "shelves",
    "shelf_milestones": "shelves", "shelf_fill": "shelves", "shelf_pulls": "shelves", "shelf_counts": "shelves",
    "shelf_swaps": "shelves",
    "rotation_sites": "rotation", "rotation_wishes": "rotation", "rotation_stock": "rotation", "rotation_batches": "rotation",
    "rotation_legs": "rotation", "rotation_close": "rotation",
    "rotation_log": "rotation", "rotation_figures": "rotation",
    "rotation_pick": "rotation", "rotation_papers": "rotation",
    "mobile_outputs": "mobile", "mobile_calendar": "mobile", "mobile_map": "mobile", "mobile_figures": "mobile",
    "mobile_vehicles": "mobile", "mobile_stops": "mobile", "mobile_routes": "mobile", "mobile_trips": "mobile",
    "mobile_changes": "mobile",
    "visits": "activities", "gates": "activities", "kiosk": "activities",
    "activity_settings": "activities", "activity_files": "activities", "trainings": "activities", "online": "activities",
    "lessons": "activities", "commendations": "activities",
    "mobile_stop": "mobile", "mobile_lend": "mobile", "mobile_paper": "mobile", "mobile_load": "mobile",
    "clubs": "activities", "challenges": "activities", "internet": "activities", "digital": "finding",
    "challenge_class": "shelves",
    "drives": "activities", "gifts": "activities", "funds": "activities", "donors": "activities",
}  # fmt: skip
"""Pages, by their whole name or its first word, that light up another section's sign."""
FOOT = (
    ("reports.home", "chart-column", N_("Báo cáo"), Permission.STATISTICS),
    ("terms.settings", "settings", N_("Cài đặt"), Permission.RULES),
)


def say(reason: Reason) -> str:
    """The sentence in the reader's language, its places filled."""
    return str(gettext(reason.sentence)) % dict(reason.facts)


def choose_locale() -> str:
    chosen = session.get("locale") or getattr(current_user, "locale", None)
    return chosen if chosen in LOCALES else "vi"


def same_origin() -> None:
    """Writes come from our own pages. Pages carry no tokens, so one that was away may post hours later."""
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site in ("same-origin", "none") or (site is None and origin is None):
        return
    if site is None and origin and urlsplit(origin).netloc == request.host:
        return
    raise Forbidden("same-origin")


def open_rightly() -> None:
    """A reading request cannot write: not by discipline, but by its connection."""
    if request.method in SAFE or access.thinks_first(request.endpoint):
        read_only()
    else:
        for_writing()


def add_headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    pictures = f"img-src 'self' {g.more_pictures}" if g.get("more_pictures") else "img-src 'self'"
    policy = CSP.replace("img-src 'self'", pictures)  # a map's tiles, where the library named their server
    answer.headers.setdefault("Content-Security-Policy", "; ".join((policy, *filter(None, [g.get("more_policy")]))))
    if current_app.config["HTTPS"]:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        _keep_for_nobody(answer)
    return answer


def _keep_for_nobody(answer: Response) -> None:
    """What somebody signed in sees is not kept, files sent with Flask's own "no-cache" (kept, and asked about) included."""
    inside = current_user.is_authenticated
    if answer.headers.get("Cache-Control", "no-cache") == "no-cache":
        answer.headers["Cache-Control"] = "no-store" if inside else "no-cache"


def wants_json() -> bool:
    return (
        request.is_json or request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def problem(status: int, reasons: list[Reason], fields: Mapping[str, Reason] | None = None) -> Response:
    """RFC 9457, with every reason and the field it speaks of."""
    body = {
        "type": "about:blank",
        "status": status,
        "code": reasons[0].code,
        "title": say(reasons[0]),
        "reasons": [{"code": reason.code, "text": say(reason)} for reason in reasons],
        "fields": {name: say(reason) for name, reason in (fields or {}).items()},
    }
    answer = jsonify(body)
    answer.status_code, answer.mimetype = status, "application/problem+json"
    return answer


def tell_refusal(error: Refused) -> Any:
    db.session.rollback()
    reasons = list(error.reasons)
    if wants_json():
        return problem(error.status, reasons, error.fields if isinstance(error, Invalid) else None)
    return render_template("error.html", head=say(reasons[0]), reasons=[say(one) for one in reasons[1:]]), error.status


TOLD = {
    404: N_("Không có trang này, hoặc trang thuộc thư viện khác."),
    405: N_("Trang này không nhận việc đó."),
    413: N_("Tệp to quá. Chia nhỏ tệp rồi nạp lại."),
    500: N_("Máy gặp chuyện bất ngờ nên dừng việc này. Chưa ghi gì dở dang."),
}


def tell_http(error: HTTPException) -> Any:
    db.session.rollback()
    status = error.code or 500
    if 300 <= status < 400:
        return error
    reason = Reason(f"http-{status}", TOLD.get(status, N_("Máy chưa hiểu yêu cầu này.")))
    if wants_json():
        return problem(status, [reason])
    return render_template("error.html", head=say(reason), stopped=status >= 500), status


def _nav(sections: tuple[tuple[str, str, str, Permission], ...]) -> list[tuple[str, str, str, bool]]:
    first = (request.endpoint or "").partition(".")[0]
    here = PART_OF.get(request.endpoint or "", PART_OF.get(first, first))
    known = current_app.view_functions
    return [
        (endpoint, icon, gettext(words), endpoint.partition(".")[0] == here)
        for endpoint, icon, words, permission in sections
        if endpoint in known and access.scope(permission)
    ]


def frame() -> dict[str, Any]:
    """What base.html asks for."""
    here = current_user
    links = {
        "home": url_for("welcome.home"),
        "sign_in": url_for("accounts.sign_in"),
        "language": url_for("welcome.set_language"),
    }
    links["source"] = url_for("welcome.source")
    signed_in = {"sign_out": url_for("accounts.sign_out"), "account": url_for("accounts.me")}
    inside = here.is_authenticated
    return {
        "nav": _nav(SECTIONS) if inside else [],
        "nav_foot": _nav(FOOT) if inside else [],
        "place_name": here.library_name if inside else "",
        "person_name": here.name if inside else "",
        "today": clock.today(),
        "lang": str(get_locale()),
        "theme": session.get("theme"),
        "links": links | signed_in | {"theme": url_for("welcome.set_theme")}
        if inside
        else links | {"theme": url_for("welcome.set_theme")},
        "may": lambda permission: bool(access.scope(Permission(permission))),
        "say": say,
    }


def _sign_in_first() -> Any:
    if wants_json():
        return problem(401, [Reason("sign-in-first", N_("Phiên làm việc đã hết. Vào làm việc lại rồi gửi tiếp."))])
    return redirect(url_for("accounts.sign_in", next=request.full_path if request.method == "GET" else None), 303)


def install(app: Flask) -> None:
    """Put the doors in. Blueprints are registered by `assembly` before."""
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    Babel(app, locale_selector=choose_locale)
    login = LoginManager(app)
    login.session_protection = None
    login.anonymous_user = Nobody
    login.user_loader(identity.load)
    login.unauthorized_handler(_sign_in_first)
    access.register_resolver(app, identity.resolve)
    for check in (same_origin, open_rightly, access.guard):
        app.before_request(check)
    app.after_request(add_headers)
    app.register_error_handler(Refused, tell_refusal)
    app.register_error_handler(HTTPException, tell_http)
    app.context_processor(frame)
    app.jinja_env.globals["cover_art"] = cover_art
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
