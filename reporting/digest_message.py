"""The words of the weekly overview (R37). Dutch, as all mail."""

from django.utils.translation import gettext_lazy as _

from notifications.texts import CLOSING, Audience, MessageKind, Placeholder

WEEKLY_DIGEST = MessageKind(
    code="weekly_digest",
    title=_("Weekly overview for social teams"),
    sent_when=_("On Monday at eight, to members of a social team who did not switch it off; not without news."),
    subject="Groepen in uw wijk deze week",
    body=(
        f"Hallo,\n\n{{overzicht}}\n\nAlles bij elkaar:\n{{link}}\n\n{CLOSING}\n\n"
        "Dit bericht niet meer ontvangen?\n{stop}"
    ),
    placeholders=(
        Placeholder(
            "overzicht",
            _("groups with places, lists that nearly start, and new groups"),
            "Bijna genoeg mensen:\n- De Krachtcentrale, Oosterwijk (Beverwijk): nog 1 nodig",
            is_required=True,
        ),
        Placeholder("link", _("the same as a page"), "https://socius.example/weekoverzicht/", is_required=True),
        Placeholder(
            "stop", _("the way to switch it off"), "https://socius.example/weekoverzicht/stoppen/…/", is_required=True
        ),
    ),
    audience=Audience.STAFF,
)
