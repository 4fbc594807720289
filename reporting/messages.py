"""All kinds of messages, gathered from the apps that send them, as the coordinator's pages show them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from groups.messages import KINDS as GROUP_KINDS
from groups.models import GroupOffer, ProblemKind
from intake.messages import KINDS as INTAKE_KINDS
from notifications.models import MessageText
from notifications.texts import Audience, MessageKind, render
from reporting.digest_message import WEEKLY_DIGEST

KINDS = {kind.code: kind for kind in (*GROUP_KINDS, *INTAKE_KINDS, WEEKLY_DIGEST)}
ONLY_ON_PAPER = {kind.on_paper.code for kind in KINDS.values() if kind.on_paper}


@dataclass(frozen=True)
class Row:
    """One kind in the list; `own` is the row of the words that hold instead of the default, or None."""

    kind: MessageKind
    way: str
    own: MessageText | None


def rows_by_audience():
    """[(who gets them, [Row])] in two statements at most."""
    own = {text.kind: text for text in MessageText.objects.newest().select_related("changed_by")}
    rows = [Row(kind, _way(kind), own.get(kind.code)) for kind in KINDS.values()]
    return [(audience, [row for row in rows if row.kind.audience == audience]) for audience in Audience]


def _way(kind):
    if kind.code in ONLY_ON_PAPER:
        return _("letter")
    return _("mail, or letter") if kind.goes_by_post else _("mail")


def telling_names():
    """What no client may read in a message: it would tell what somebody takes part in, or comes with (R40, R43)."""
    offers = GroupOffer.objects.order_by("name").values_list("name", flat=True)
    problems = ProblemKind.objects.order_by("name_nl").values_list("name_nl", flat=True)
    return list(dict.fromkeys([*offers, *problems]))


def preview(kind, subject, body):
    """(subject, body) in example values."""
    return render(kind, kind.examples, MessageText(subject=subject, body=body))
