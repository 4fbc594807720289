from groups.models.attendance import Attendance, CycleNotes, SessionReport, SessionSubmission, Theme
from groups.models.cycles import Cycle, Participation, Session, SessionStaff
from groups.models.history import HistoryEntry
from groups.models.offers import Competence, GroupOffer, OfferText, ProblemKind
from groups.models.playbook import PlaybookPart, SessionPart
from groups.models.progress import Goal, OnwardStep, ParticipantMark, ScalePoint, WorkerMark
from groups.models.start_reasons import StartReason
from groups.models.talks import IndividualTalk
from groups.models.training import CompetenceChange, Course, CourseDay, Enrolment
from groups.models.waitlists import Waitlist, WaitlistEntry

__all__ = [
    "Attendance",
    "Competence",
    "CompetenceChange",
    "Course",
    "CourseDay",
    "Cycle",
    "CycleNotes",
    "Enrolment",
    "Goal",
    "GroupOffer",
    "HistoryEntry",
    "IndividualTalk",
    "OfferText",
    "OnwardStep",
    "ParticipantMark",
    "Participation",
    "PlaybookPart",
    "ProblemKind",
    "ScalePoint",
    "Session",
    "SessionPart",
    "SessionReport",
    "SessionStaff",
    "SessionSubmission",
    "StartReason",
    "Theme",
    "Waitlist",
    "WaitlistEntry",
    "WorkerMark",
]
