"""What a desk would say if this reader came with this copy now. The rules are asked; nothing is done or counted."""

from datetime import date

from sqlalchemy.orm import Session

from library.core.errors import N_
from library.loans import lending, rules
from library.loans.facts import CopyFacts, ReaderFacts
from library.loans.reckoning import Law
from library.loans.rules import Verdict

LENT = rules.tell(
    "lent-to-other", N_("Cuốn này đang ở bạn đọc khác: quét là nhận trả, quét thêm lần nữa mới cho mượn.")
)
OWN = rules.tell("lent-to-reader", N_("Bạn đọc này đang giữ cuốn này: quét thì quầy hỏi gia hạn hay trả."))


def verdicts(
    session: Session, law: Law, reader: ReaderFacts, copy: CopyFacts | None, sort: int | None, today: date
) -> tuple[Verdict, ...]:
    """In the desk's order; before them where the copy is, if it is out. Without a copy: on any book of that sort."""
    values = law.book.resolve(reader.category_id, sort, law.channel).values
    if copy is not None and copy.lent_to == reader.membership_id:
        return OWN, *rules.against_renewal(lending.keeping(session, copy, reader, values, today))
    known = law.book.sorts.get(sort or 0)
    name = known.name if known else None
    standing = copy.standing(reader.membership_id, name) if copy else rules.Copy(sort=name)
    case = rules.Ask(today, reader.standing, standing, values, law.channel, law.over(reader, sort))
    is_out = copy is not None and copy.loan_id is not None and copy.lost_at is None
    return (*([LENT] if is_out else []), *rules.against(case))
