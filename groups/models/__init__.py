from groups.models.cycles import Cycle, Participation, Session, SessionStaff
from groups.models.history import HistoryEntry
from groups.models.offers import Competence, GroupOffer, OfferText, ProblemKind
from groups.models.waitlists import Waitlist, WaitlistEntry

__all__ = [
    "Competence",
    "Cycle",
    "GroupOffer",
    "HistoryEntry",
    "OfferText",
    "Participation",
    "ProblemKind",
    "Session",
    "SessionStaff",
    "Waitlist",
    "WaitlistEntry",
]
