"""The messages that intake sends: who gets which when, and their default words. Dutch, as all mail (R40, R43).

None says what the talk is about; {plek} says that somebody will tell it, where it is hidden.
"""

from django.utils.translation import gettext_lazy as _

from notifications.texts import CLOSING, Audience, MessageKind, Placeholder

DAY = "maandag 18 januari om 10:00 uur"
WHEN = Placeholder("wanneer", _("day and time of the talk"), DAY, is_required=True)
PLACE = Placeholder(
    "plek",
    _("where the talk is: a place, by telephone, or at home; or that somebody will tell it, where it is hidden"),
    "Plaats: Spreekkamer, Buurthuis De Spil, Dorpsstraat 1",
    is_required=True,
)
WORKER = Placeholder("medewerker", _("short name of the social worker"), "Sofie V.")
CANNOT = "Kunt u niet? Bel ons dan, dan zoeken we samen een ander moment."


def _mail(text):
    return f"Hallo,\n\n{text}\n\n{CLOSING}"


INTAKE_BOOKED = MessageKind(
    code="intake_booked",
    title=_("Appointment for an intake"),
    sent_when=_("As soon as the desk books an intake."),
    body=_mail(f"U hebt een gesprek bij Socius op {{wanneer}}, met {{medewerker}}.\n{{plek}}\n\n{CANNOT}"),
    placeholders=(WHEN, PLACE, WORKER),
    goes_by_post=True,
)
INTAKE_MOVED = MessageKind(
    code="intake_moved",
    title=_("The intake is at another time or place"),
    sent_when=_("When an intake is moved."),
    body=_mail(
        f"Uw gesprek bij Socius is verzet. Het is nu op {{wanneer}}, met {{medewerker}}.\n{{plek}}\n\n{CANNOT}"
    ),
    placeholders=(WHEN, PLACE, WORKER),
    goes_by_post=True,
)
INTAKE_CANCELLED = MessageKind(
    code="intake_cancelled",
    title=_("The intake does not take place"),
    sent_when=_("When Socius calls off an intake and plans it anew."),
    body=_mail(
        "Uw gesprek bij Socius op {wanneer} gaat niet door. Wij nemen contact met u op voor een nieuwe afspraak."
    ),
    placeholders=(WHEN,),
    goes_by_post=True,
)
INTAKE_ENDED = MessageKind(
    code="intake_ended",
    title=_("The intake is not needed any more"),
    sent_when=_("When a referral is judged before its intake."),
    body=_mail("Uw gesprek bij Socius op {wanneer} is niet meer nodig. U hoeft niet te komen."),
    placeholders=(WHEN,),
    goes_by_post=True,
)
INTAKE_REMINDER = MessageKind(
    code="intake_reminder",
    title=_("Reminder of the intake"),
    sent_when=_("The day before an intake."),
    body=_mail(f"Morgen, {{wanneer}}, hebt u een gesprek bij Socius, met {{medewerker}}.\n{{plek}}\n\n{CANNOT}"),
    placeholders=(WHEN, PLACE, WORKER),
)
REFERRED_ON = Placeholder("verwezen_op", _("the day of the referral"), "3 november", is_required=True)
STATUS = Placeholder("stand", _("how far it is, without a name"), "De Krachtcentrale: wachtlijst, nog 1 nodig")
STATUS_LINK = Placeholder(
    "link", _("the way to the referrer's own page"), "https://socius.example/verwijzingen/1/", is_required=True
)
REFERRAL_NEWS = MessageKind(
    code="referral_news",
    title=_("News of a referral"),
    sent_when=_("To who referred, when something happened that the client allows them to hear."),
    body=_mail("Er is nieuws over uw aanmelding van {verwezen_op}.\n{stand}\n\nAlles over deze aanmelding:\n{link}"),
    placeholders=(REFERRED_ON, STATUS, STATUS_LINK),
    audience=Audience.STAFF,
)
# R40: where a mail says no more than that there is news.
REFERRAL_NEWS_ONLY = MessageKind(
    code="referral_news_only",
    title=_("There is news of a referral"),
    sent_when=_("The same, when contact can be dangerous or the group is a closed one. Nobody can change it."),
    body=_mail("Er is nieuws over uw aanmelding van {verwezen_op}.\n\nU leest het op uw eigen pagina:\n{link}"),
    placeholders=(REFERRED_ON, STATUS_LINK),
    audience=Audience.STAFF,
    is_fixed=True,
)
KINDS = (
    INTAKE_BOOKED,
    INTAKE_MOVED,
    INTAKE_CANCELLED,
    INTAKE_ENDED,
    INTAKE_REMINDER,
    REFERRAL_NEWS,
    REFERRAL_NEWS_ONLY,
)
