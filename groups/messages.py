"""The messages that groups sends: who gets which when, and their default words. Dutch, as all mail (R40, R43).

None names a group or a person; {plek} says that somebody will tell it, where it is hidden.
"""

from django.utils.translation import gettext_lazy as _

from groups.training_messages import KINDS as TRAINING_KINDS
from notifications.texts import CLOSING, NEWS, Audience, MessageKind, Placeholder

DAY, NEXT_DAY = "maandag 18 januari om 19:30 uur", "maandag 25 januari om 19:30 uur"

WHEN = Placeholder("wanneer", _("day and time of the meeting"), DAY, is_required=True)
PLACE = Placeholder(
    "plek",
    _("the place; or, where that is hidden, that the group worker will tell it"),
    "Plek: Grote zaal, Buurthuis De Spil, Dorpsstraat 1, Beverwijk",
    is_required=True,
)
DATES = Placeholder("dagen", _("the days and times, one a line"), f"- {DAY}\n- {NEXT_DAY}", is_required=True)
UNTIL = Placeholder("uiterlijk", _("the last day to answer"), "woensdag 13 januari", is_required=True)
LINK = Placeholder("link", _("the reader's own link"), "https://socius.example/antwoord/voorbeeld/", is_required=True)
LEADER = Placeholder("begeleider", _("short name of who leads"), "G. B.", is_required=True)
MARK_LINK = Placeholder(
    "link", _("the reader's own link"), "https://socius.example/cijfer/voorbeeld/", is_required=True
)

ASKED = "Komt u? Zeg hier ja of nee, uiterlijk {uiterlijk}:\n{link}\n\nGeen antwoord? Dan bellen wij u."
CALLED = "Wij bellen u om te vragen of u komt."
FIRST = "Er is plaats voor u in een groep. De eerste bijeenkomst is op {wanneer}.\n{plek}"
BEGUN = "Er is plaats voor u in een groep die al begonnen is. U komt voor het eerst op {wanneer}.\n{plek}"


def _mail(text):
    return f"Hallo,\n\n{text}\n\n{CLOSING}"


INVITATION_LETTER = MessageKind(
    code="invitation_letter",
    title=_("Invitation by post"),
    sent_when=_("When somebody without safe mail has a place in a group. A worker calls them too."),
    body=_mail(f"{FIRST}\n\n{CALLED}"),
    placeholders=(WHEN, PLACE),
)
INVITATION = MessageKind(
    code="invitation",
    title=_("Invitation"),
    sent_when=_("As soon as there is a place in a group that will begin."),
    body=_mail(f"{FIRST}\n\n{ASKED}"),
    placeholders=(WHEN, PLACE, UNTIL, LINK),
    on_paper=INVITATION_LETTER,
)
BEGUN_LETTER = MessageKind(
    code="invitation_running_letter",
    title=_("Invitation into a running group by post"),
    sent_when=_("When somebody without safe mail has a place in a group that has begun. A worker calls them too."),
    body=_mail(f"{BEGUN}\n\n{CALLED}"),
    placeholders=(WHEN, PLACE),
)
INVITATION_RUNNING = MessageKind(
    code="invitation_running",
    title=_("Invitation into a running group"),
    sent_when=_("As soon as there is a place in a group that has begun."),
    body=_mail(f"{BEGUN}\n\n{ASKED}"),
    placeholders=(WHEN, PLACE, UNTIL, LINK),
    on_paper=BEGUN_LETTER,
)
CONFIRMED = MessageKind(
    code="confirmed",
    title=_("You are expected"),
    sent_when=_("When somebody says that they come. With the dates for their calendar, where that is safe."),
    body=_mail("Fijn dat u komt. U wordt verwacht op {wanneer}.\n{plek}\n\nKunt u toch niet? Bel uw contactpersoon."),
    placeholders=(WHEN, PLACE),
    goes_by_post=True,
)
GOING_ON = MessageKind(
    code="going_on",
    title=_("The group goes on"),
    sent_when=_("To who said that they go on, when the next round is planned."),
    body=_mail("Uw groep gaat door. De volgende bijeenkomst is op {wanneer}.\n{plek}"),
    placeholders=(WHEN, PLACE),
    goes_by_post=True,
)
SESSION_CHANGED = MessageKind(
    code="session_changed",
    title=_("Another time or place"),
    sent_when=_("When one meeting gets another day, time or room."),
    body=_mail("Uw groep komt bij elkaar op {wanneer}.\n{plek}"),
    placeholders=(WHEN, PLACE),
    goes_by_post=True,
)
SESSION_ADDED = MessageKind(
    code="session_added",
    title=_("One meeting more"),
    sent_when=_("When a meeting is added after the last."),
    body=_mail("Uw groep komt een keer extra bij elkaar, op {wanneer}.\n{plek}"),
    placeholders=(WHEN, PLACE),
    goes_by_post=True,
)
SESSION_CANCELLED = MessageKind(
    code="session_cancelled",
    title=_("A meeting does not take place"),
    sent_when=_("When one meeting is cancelled and none comes in its place."),
    body=_mail("De bijeenkomst van uw groep op {wanneer} gaat niet door."),
    placeholders=(WHEN,),
    goes_by_post=True,
)
SESSION_REPLACED = MessageKind(
    code="session_replaced",
    title=_("A meeting moves to the end"),
    sent_when=_("When one meeting is cancelled and another is added for it."),
    body=_mail(
        "De bijeenkomst van uw groep op {wanneer} gaat niet door.\nIn plaats daarvan is er een op {nieuwe_dag}."
    ),
    placeholders=(WHEN, Placeholder("nieuwe_dag", _("day and time of the added meeting"), NEXT_DAY, is_required=True)),
    goes_by_post=True,
)
CYCLE_MOVED = MessageKind(
    code="cycle_moved",
    title=_("Other days"),
    sent_when=_("When all meetings move, or all from one on; the dates to come are listed."),
    body=_mail("Uw groep komt op andere dagen bij elkaar. Dit zijn nu de data:\n{dagen}"),
    placeholders=(DATES,),
    goes_by_post=True,
)
CYCLE_CANCELLED = MessageKind(
    code="cycle_cancelled",
    title=_("The group does not go on"),
    sent_when=_("When a group is cancelled and everybody is back on the waitlist."),
    body=_mail(
        "Uw groep gaat niet door zoals gepland.\n"
        "U staat weer op de wachtlijst en houdt de tijd die u al wachtte. U hoeft niets te doen."
    ),
    goes_by_post=True,
)
LEADER_CHANGED = MessageKind(
    code="leader_changed",
    title=_("Somebody else leads from now on"),
    sent_when=_("When a colleague takes over a group for good."),
    body=_mail("Vanaf {wanneer} begeleidt {begeleider} uw groep.\nDag, tijd en plaats blijven hetzelfde."),
    placeholders=(WHEN, LEADER),
)
LEADER_AWAY = MessageKind(
    code="leader_away",
    title=_("Somebody else leads for a while"),
    sent_when=_("When a colleague takes over some meetings."),
    body=_mail(
        "{begeleider} begeleidt tijdelijk uw groep.\nHet gaat om:\n{dagen}\nDag, tijd en plaats blijven hetzelfde."
    ),
    placeholders=(LEADER, DATES),
)
TALK_PLANNED = MessageKind(
    code="talk_planned",
    title=_("An individual talk"),
    sent_when=_("When an individual talk between two meetings is planned, or gets another moment."),
    body=_mail("Uw gesprek is op {wanneer}, met {begeleider}.\n\nKunt u dan niet? Bel uw contactpersoon."),
    placeholders=(WHEN, LEADER),
    goes_by_post=True,
)
TALK_CANCELLED = MessageKind(
    code="talk_cancelled",
    title=_("An individual talk does not take place"),
    sent_when=_("When an individual talk is cancelled."),
    body=_mail("Uw gesprek op {wanneer} gaat niet door."),
    placeholders=(WHEN,),
    goes_by_post=True,
)
MARK_ASKED = MessageKind(
    code="mark_asked",
    title=_("What did you think of it?"),
    sent_when=_("After somebody's last meeting: they can give a mark, where mail is safe."),
    body=_mail(
        "U bent bij onze bijeenkomsten geweest. Wat vond u ervan?\n"
        "Geef een cijfer van 1 tot 10. U kunt dat doen tot en met {uiterlijk}:\n{link}\n\nU hoeft niet in te loggen."
    ),
    placeholders=(UNTIL, MARK_LINK),
)
SUBSTITUTE = MessageKind(
    code="substitute",
    title=_("A colleague takes over"),
    sent_when=_("To the colleague who will lead or co-lead instead."),
    body=_mail("Er wordt op u gerekend {rol} van een groep:\n{dagen}\n\nAlles over deze groep:\n{link}"),
    placeholders=(
        Placeholder("rol", _("in which seat"), "als eerste begeleider", is_required=True),
        Placeholder("dagen", _("the days and places, one a line"), f"- {DAY}\n  Plek: De Spil", is_required=True),
        Placeholder("link", _("the way to the group"), "https://socius.example/groepen/cycli/1/", is_required=True),
    ),
    audience=Audience.STAFF,
)
KINDS = (
    *(INVITATION, INVITATION_LETTER, INVITATION_RUNNING, BEGUN_LETTER, CONFIRMED, GOING_ON),
    *(SESSION_CHANGED, SESSION_ADDED, SESSION_CANCELLED, SESSION_REPLACED, CYCLE_MOVED, CYCLE_CANCELLED),
    *(TALK_PLANNED, TALK_CANCELLED, LEADER_CHANGED, LEADER_AWAY, SUBSTITUTE, MARK_ASKED, NEWS),
    *TRAINING_KINDS,
)
