"""What colleagues hear about courses and about their right to lead or co-lead. Dutch, as all mail (R14, R38)."""

from django.utils.translation import gettext_lazy as _

from notifications.texts import CLOSING, Audience, MessageKind, Placeholder

DAY = "maandag 18 januari om 09:00 uur"
COURSE = Placeholder("cursus", _("the name of the course"), "Meebegeleiden", is_required=True)
WHEN = Placeholder("wanneer", _("day and time of the course"), DAY, is_required=True)
PLACE = Placeholder("plek", _("where the course is"), "De Spil, Dorpsstraat 1, Beverwijk")
LINK = Placeholder("link", _("the way to the courses"), "https://socius.example/groepen/scholing/", is_required=True)


def _mail(text):
    return f"Hallo,\n\n{text}\n\n{CLOSING}"


COURSE_PLACE = MessageKind(
    code="course_place",
    title=_("A place in a course"),
    sent_when=_("To a colleague whom the coordinator gives a place in a course."),
    body=_mail(
        "U heeft een plek in de cursus {cursus}, op {wanneer}.\nPlek: {plek}\n\nKunt u niet? Meld u af:\n{link}"
    ),
    placeholders=(COURSE, WHEN, PLACE, LINK),
    audience=Audience.STAFF,
)
COURSE_CHANGED = MessageKind(
    code="course_changed",
    title=_("A course has another time or place"),
    sent_when=_("To who has a place in a course that gets another day, time or place."),
    body=_mail("De cursus {cursus} is nu op {wanneer}.\nPlek: {plek}\n\nKunt u dan niet? Meld u af:\n{link}"),
    placeholders=(COURSE, WHEN, PLACE, LINK),
    audience=Audience.STAFF,
)
COURSE_CANCELLED = MessageKind(
    code="course_cancelled",
    title=_("A course is not given"),
    sent_when=_("To who has a place in a course that is cancelled."),
    body=_mail("De cursus {cursus} op {wanneer} gaat niet door.\n\nAndere dagen vindt u hier:\n{link}"),
    placeholders=(COURSE, WHEN, LINK),
    audience=Audience.STAFF,
)
COMPETENCE_EXPIRES = MessageKind(
    code="competence_expires",
    title=_("A competence will expire"),
    sent_when=_("To who may lead or co-lead, sixty and fourteen days before that right ends; not when it is covered."),
    body=_mail(
        "U mag tot {datum} groepen begeleiden als: {bevoegdheid}.\nVanaf die dag geldt dat niet meer.\n\n"
        "Wilt u verder? Overleg met de coördinator, of schrijf u in voor een cursus:\n{link}"
    ),
    placeholders=(
        Placeholder("datum", _("the first day on which it no longer holds"), "1 maart 2027", is_required=True),
        Placeholder("bevoegdheid", _("which right, and for which groups"), "tweede begeleider, alle groepen", True),
        LINK,
    ),
    audience=Audience.STAFF,
)
KINDS = (COURSE_PLACE, COURSE_CHANGED, COURSE_CANCELLED, COMPETENCE_EXPIRES)
