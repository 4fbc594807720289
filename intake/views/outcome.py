"""What was decided on a referral, and what came of it."""

from django.contrib import messages
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.enums import AccessAction
from clients.services import open_file
from groups.wording import reasons_text
from intake.enums import UrgentNeed
from intake.models import Judgement, OpenQuestion
from intake.queries import notes_on, outcome_rows
from intake.views.drafts import draft_of, typed_in, words_of
from intake.wording import status_text, status_tone, told_lines


def show_outcome(request, referral):
    """The page of a referral that is judged or closed; who sent a form too late gets back what they typed."""
    if request.method == "POST":
        messages.error(request, _("This referral was judged already. Below is what was decided; nothing was changed."))
    client = open_file(client=referral.client, by=request.user, action=AccessAction.READ, now=timezone.now())
    draft = request.POST if request.method == "POST" else typed_in(draft_of(request.user, referral))
    judgement = _judgement_of(referral)
    context = {
        "referral": referral,
        "judgement": judgement,
        "needs": [UrgentNeed(need).label for need in judgement.urgent_needs] if judgement else [],
        "question": OpenQuestion.objects.select_related("client__key").filter(referral=referral).first(),
        "client": client,
        "notes": notes_on(referral),
        "told_anew": told_lines(referral),
        "rows": [_outcome_words(row) for row in outcome_rows(referral, now=timezone.now())],
        "typed": words_of(draft),
    }
    return render(request, "intake/referral_judged.html", context)


def _judgement_of(referral):
    rows = Judgement.objects.select_related("by", "follow_up_by", "referral__client__key")
    return rows.filter(referral=referral).first()


def _outcome_words(row):
    return {
        "entry": row.entry,
        "is_waiting": row.is_waiting,
        "counted": row.counted,
        "goal": row.entry.waitlist.minimum,
        "missing": row.missing,
        "joins_on": row.joins_on,
        "why_not": reasons_text(row.reasons),
        "text": status_text(row.status),
        "tone": status_tone(row.status),
    }
