"""The second factor: a number from an app on one's telephone (RFC 6238), or a code from a paper.

The database keeps only a nonce; the secret is made of it and the server's key, so a stolen database yields no numbers.
"""

import base64
import hmac
import secrets

import pyotp
from reportlab.graphics.barcode.qr import QrCodeWidget
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from library.accounts import codes
from library.accounts.models import Account, AccountKey, AccountRule, CodeFor, Grant
from library.core import clock
from library.organisations import tree

ISSUER = "Tủ Sách"
STEP = 30
QUIET = 4
"""Modules of white around a QR code, as its standard asks."""


def key_of(session: Session, account_id: int) -> AccountKey:
    """The account's row of keys, made when first asked for."""
    found = session.get(AccountKey, account_id)
    if found is None:
        found = AccountKey(account_id=account_id)
        session.add(found)
    return found


def is_on(session: Session, account_id: int) -> bool:
    query = select(AccountKey.account_id).where(AccountKey.account_id == account_id, AccountKey.second_at.is_not(None))
    return session.scalar(query) is not None


def begin(session: Session, account: Account) -> None:
    """A new secret waits for its first number. One that is in use stays in use until then: this is for who has none."""
    key = key_of(session, account.id)
    key.second_nonce, key.second_at, key.second_step = secrets.token_urlsafe(24), None, None
    session.flush()


def secret_of(account: Account, nonce: str) -> str:
    """In base32, as the apps want to hear it."""
    return base64.b32encode(codes.keyed(b"second " + account.uid.bytes + nonce.encode())[:20]).decode()


def address_of(account: Account, secret: str) -> str:
    """What the QR code says: otpauth://totp/…"""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=account.login, issuer_name=ISSUER)


def step_of(secret: str, typed: str, after: int | None) -> int | None:
    """The half minute the number belongs to: this one, the one before or after; none taken up to `after`."""
    app, now = pyotp.TOTP(secret, interval=STEP), int(clock.now().timestamp())
    fitting = [
        at for at in (now // STEP - 1, now // STEP, now // STEP + 1) if hmac.compare_digest(app.generate_otp(at), typed)
    ]
    return next((at for at in fitting if after is None or at > after), None)


def take_number(session: Session, account: Account, typed: str) -> bool:
    """Whether the number is right now and was not taken before. Of two who bring the same one, one is let in."""
    key = session.get(AccountKey, account.id)
    if key is None or key.second_nonce is None:
        return False
    step = step_of(secret_of(account, key.second_nonce), codes.plain(typed), key.second_step)
    if step is None:
        return False
    fresh = or_(AccountKey.second_step.is_(None), AccountKey.second_step < step)
    taken = update(AccountKey).where(AccountKey.account_id == account.id, fresh).values(second_step=step)
    return session.execute(taken.returning(AccountKey.account_id)).first() is not None


def passes(session: Session, account: Account, typed: str) -> bool:
    """A number of the app, or a code of the paper, which is then used up."""
    return take_number(session, account, typed) or codes.use(session, account.id, typed, CodeFor.SECOND)


def turn_on(session: Session, account: Account) -> list[str]:
    """From the next sign-in on. The codes for the day the telephone is lost, told once."""
    key_of(session, account.id).second_at = clock.now()
    return new_codes(session, account.id)


def new_codes(session: Session, account_id: int) -> list[str]:
    codes.strike(session, account_id, CodeFor.SECOND)
    return [codes.make(session, account_id, CodeFor.SECOND) for _ in range(codes.SECOND_CODES)]


def turn_off(session: Session, account_id: int) -> None:
    key = key_of(session, account_id)
    key.second_nonce = key.second_at = key.second_step = None
    codes.strike(session, account_id, CodeFor.SECOND)
    session.flush()


def is_owed(session: Session, account_id: int) -> bool:
    """Whether a rule here or above asks it of a role this account holds today."""
    today = clock.today()
    holds = or_(Grant.to_on.is_(None), Grant.to_on > today)
    query = select(Grant.role, Grant.library_id).where(Grant.account_id == account_id, Grant.from_on <= today, holds)
    held = session.execute(query).all()
    rules = session.execute(select(AccountRule.library_id, AccountRule.second_for)).all()
    pairs = tree.parentage_on(session, today) if held and any(wanted for _, wanted in rules) else []
    return any(
        role in wanted and where in tree.below([above], pairs)
        for above, wanted in rules
        if wanted
        for role, where in held
    )


def picture(text: str) -> tuple[int, str]:
    """A QR code as an SVG path of unit squares, with the length of its side in modules, the quiet zone included."""
    drawn = QrCodeWidget(text).qr
    drawn.make()
    count = drawn.getModuleCount()
    dark = ((row, column) for row in range(count) for column in range(count) if drawn.isDark(row, column))
    return count + 2 * QUIET, "".join(f"M{column + QUIET} {row + QUIET}h1v1h-1z" for row, column in dark)
