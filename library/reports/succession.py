"""Reports of a library go on under the successor."""

from sqlalchemy.orm import Session

from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over
from library.reports.campaign_models import Campaign, CampaignTemplate
from library.reports.saved_models import SavedReport
from library.reports.sheet_models import Sheet
from library.reports.society_models import SocietyBranch, SocietyLine
from library.reports.standing_norm_models import StandardAnswer, StandardLine


def take_over(session: Session, what: Succession) -> Told:
    campaigns = hand_over(session, what, Campaign)
    sheets = hand_over(session, what, Sheet, column="keeper_id")
    hand_over(session, what, CampaignTemplate, same=("name",))
    saved = hand_over(session, what, SavedReport)
    hand_over(session, what, StandardLine, same=())
    hand_over(session, what, SocietyLine, same=("code",))
    hand_over(session, what, SocietyBranch, column="organisation_id")
    hand_over(session, what, StandardAnswer, same=("code", "year_on"))
    return [("đợt báo cáo", campaigns), ("phiếu báo cáo", sheets), ("báo cáo tự lập", saved)]


SUCCESSION["reports"] = Part(
    take_over,
    moves=frozenset(
        {"campaign.library_id", "sheet.keeper_id", "saved_report.library_id", "society_branch.organisation_id"}
    ),
    leaves={
        "people_counted.unit_id": "counted of the old library while it was one; the successor's own are counted anew",
        "public_month.library_id": "what everybody was told of the old library stays in its name",
        "sheet.organisation_id": "a sheet stays in the name of the unit that was asked; what came after is the successor's",
        "sheet.parent_id": "under whom the unit stood when it was asked",
        "campaign_template.library_id": "a list of the same name: the successor's own wins",
        "society_line.library_id": "a line of the same code: the successor's own wins",
        "society_count.organisation_id": "what a unit told of its years stays in its name",
        "society_members.organisation_id": "what a unit told of its years stays in its name",
        "standard_line.library_id": "a library has one list: the successor's own wins",
        "standard_answer.library_id": "said of the same line and year: the successor's own word wins",
    },
)
