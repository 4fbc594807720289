"""Yes or no to an invitation: by the client's own link, without logging in, or through a worker (R21, R43)."""

import uuid
from contextlib import suppress

from django.contrib import messages
from django.core.signing import BadSignature
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.permissions import allow
from clients.services import find_or_refuse
from groups.discretion import place_is_secret
from groups.enums import CycleState, ParticipationState
from groups.exceptions import NotAllowed
from groups.forms.cycles import WorkerAnswerForm
from groups.forms.entries import TalkForm
from groups.links import read_answer_token
from groups.models import Participation
from groups.notifications import is_told_by_link
from groups.permissions import can_see_participants
from groups.services.invitations import answer_invitation, first_session_date, record_participant_talk
from groups.views.discreet import discreet, keep_language
from groups.views.steps import posted, step_page, take_step

# What each button of the client's page means for answer_invitation.
ANSWERS = {
    "yes": {"coming": True},
    "no": {"coming": False},
    "stop": {"coming": False, "stays": False},
}


@csrf_exempt  # The link itself is the secret; and with no-referrer a browser sends no origin to check.
@require_http_methods(["GET", "HEAD", "POST"])
@discreet
def answer(request, token):
    """The client's own page. It names neither the person nor the group, nor who else comes."""
    participation = _find(token)
    if participation is None:
        return render(request, "groups/answer_unknown.html", status=404)
    if request.method == "POST":
        return _take_answer(request, participation, token)
    first_on = first_session_date(participation)
    context = {"cycle": participation.cycle, "token": token, "stage": _stage(participation, first_on)}
    context |= {"first_on": first_on, "until": participation.answer_until(first_on)}
    context["is_secret"] = place_is_secret(participation.cycle.offer, participation.cycle.room)
    return render(request, "groups/answer.html", context)


def _take_answer(request, participation, token):
    """Back to the page, which says what stands now and what to do: also when the answer came too late, or twice."""
    response = redirect("groups:answer", token)
    if keep_language(request, response):
        return response
    if given := ANSWERS.get(request.POST.get("answer")):
        with suppress(NotAllowed):
            answer_invitation(participation=participation, now=timezone.now(), **given)
    return response


def _find(token):
    try:
        public_id = uuid.UUID(read_answer_token(token))
    except (BadSignature, ValueError, TypeError, AttributeError):
        return None
    rows = Participation.objects.select_related("cycle__room__venue", "cycle__waitlist__offer", "client__contact")
    return rows.filter(public_id=public_id).first()


def _stage(participation, first_on):
    """Which of the page's texts is true now; "contact" tells nothing (R40).

    That is for who may not be told this way any more, and for everybody once the group has begun for them.
    """
    cycle, today = participation.cycle, timezone.localdate()
    has_begun = cycle.state == CycleState.RUNNING and (participation.enters_at == 1 or today > first_on)
    if not is_told_by_link(participation.client) or has_begun or cycle.state == CycleState.FINISHED:
        return "contact"
    if cycle.state == CycleState.CANCELLED or participation.state == ParticipationState.RETURNED:
        return "cancelled"
    if participation.state == ParticipationState.CONFIRMED:
        return "yes"
    if participation.state != ParticipationState.INVITED:
        return "no"
    is_late = today > participation.answer_until(first_on)
    return "late" if is_late else "open"


def _takes_answers(participation):
    """Until the group begins; from who enters a running one (R22) until their own first day."""
    if participation.cycle.state == CycleState.RUNNING and participation.enters_at > 1:
        return timezone.localdate() <= first_session_date(participation)
    return participation.cycle.state == CycleState.FORMED


@allow(can_see_participants)
def participation_answer(request, pk):
    """The worker enters what somebody told them."""
    row = _participation(request, pk)
    to = ("groups:cycle", row.cycle_id)
    if not _takes_answers(row):
        messages.info(request, _("This cycle takes no answers any more."))
        return redirect(*to)
    form = WorkerAnswerForm(posted(request), today=timezone.localdate())

    def act():
        answer_invitation(participation=row, by=request.user, now=timezone.now(), **form.answer_given())

    return take_step(request, form, act, done=_("The answer is noted."), to=to) or step_page(
        request,
        form,
        title=_("Answer to the invitation"),
        lead=row.client.short_name,
        contact=row.client.contact,
        eyebrow=str(row.cycle.offer),
        action=_("Save the answer"),
        back=reverse(to[0], args=to[1:]),
        consequences=[_("A no frees the place at once for the next person on the list.")],
        tone="info",
    )


def _participation(request, pk):
    rows = Participation.objects.visible_to(request.user).select_related(
        "client__contact", "cycle__waitlist__offer", "entry"
    )
    return find_or_refuse(rows, by=request.user, now=timezone.now(), pk=pk)


@allow(can_see_participants)
def participation_talk(request, pk):
    """R8: the talk that is due before the first session."""
    row = _participation(request, pk)
    to = ("groups:cycle", row.cycle_id)
    form = TalkForm(posted(request), today=timezone.localdate())

    def act():
        record_participant_talk(participation=row, by=request.user, now=timezone.now(), **form.cleaned_data)

    return take_step(request, form, act, done=_("The talk is noted."), to=to) or step_page(
        request,
        form,
        title=_("Acquaintance talk held"),
        lead=row.client.short_name,
        contact=row.client.contact,
        eyebrow=str(row.cycle.offer),
        action=_("Note the talk"),
        back=reverse(to[0], args=to[1:]),
        tone="info",
    )
