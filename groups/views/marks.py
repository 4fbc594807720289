"""Marks (R30): the participant's own page by a link, and the leaders' page for paper and for their own."""

import uuid

from django.contrib import messages
from django.core.signing import BadSignature
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.permissions import allow
from groups.cycle_people import people_of
from groups.enums import STAYED, CycleState, ParticipationState
from groups.exceptions import NotAllowed
from groups.forms.marks import OwnMarkForm, PaperMarkForm, WayOfWorkingForm
from groups.links import read_mark_token
from groups.marks import whys_of
from groups.models import Participation
from groups.notifications import is_told_by_link
from groups.permissions import can_see_participants
from groups.services.marks import give_mark, mark_until, note_mark, rate_way_of_working
from groups.views.after_five import cycle_to_close
from groups.views.discreet import discreet, keep_language
from groups.views.steps import posted

PAGE = ["GET", "HEAD", "POST"]


@csrf_exempt  # The link itself is the secret; and with no-referrer a browser sends no origin to check.
@require_http_methods(PAGE)
@discreet
def mark(request, token):
    """The participant's own page. It names neither the person nor the group, and shows nothing that was given."""
    participation = _find(token)
    if participation is None:
        return render(request, "groups/answer_unknown.html", status=404)
    form = OwnMarkForm(None, today=timezone.localdate())
    if request.method == "POST":
        response = redirect("groups:mark", token)
        if keep_language(request, response):
            return response
        form = OwnMarkForm(request.POST, today=timezone.localdate())
        if form.is_valid() and _give(participation, form):
            return response
    context = {"token": token, "form": form, "stage": _stage(participation), "until": mark_until(participation)}
    return render(request, "groups/mark.html", context, status=422 if form.is_bound else 200)


def _find(token):
    try:
        public_id = uuid.UUID(read_mark_token(token))
    except (BadSignature, ValueError, TypeError, AttributeError):
        return None
    rows = Participation.objects.select_related("cycle__waitlist__offer", "client__contact", "mark")
    return rows.filter(public_id=public_id).first()


def _give(participation, form):
    """What is refused for another reason than what was filled in, the page says of itself."""
    try:
        give_mark(participation=participation, now=timezone.now(), **form.cleaned_data)
    except NotAllowed as refusal:
        if form.field_for(refusal.reason.code):
            form.add_refusal(refusal.reason)
            return False
    return True


def _stage(participation):
    """Which of the page's texts is true now; "contact" tells nothing.

    That is for who may not be told this way any more (R40), who left, and whose last session is still to come.
    """
    if not is_told_by_link(participation.client) or participation.state != ParticipationState.FINISHED:
        return "contact"
    given = getattr(participation, "mark", None)
    until = mark_until(participation)
    if until is None or timezone.localdate() > until:
        return "given" if given else "late"
    if given is not None:
        return "given" if given.noted_by_id else "again"
    return "open"


@allow(can_see_participants)
@require_http_methods(PAGE)
def cycle_marks(request, pk):
    """What participants wrote on paper, and what who leads thinks of this way of working; one form, one save."""
    cycle, today = cycle_to_close(request, pk), timezone.localdate()
    if cycle.state in (CycleState.FORMED, CycleState.CANCELLED):
        messages.info(request, _("This group has not begun, or does not take place: nobody can give it a mark yet."))
        return redirect("groups:cycle", cycle.pk)
    rows = [row for row in people_of(cycle, request.user).select_related("mark") if row.state in STAYED]
    papers = [PaperMarkForm(posted(request), row=row, by=request.user, today=today) for row in rows]
    own = WayOfWorkingForm(posted(request), mark=_own_mark(cycle, request.user), today=today)
    if _are_valid(own, *papers) and _keep(request, cycle, own, papers):
        messages.success(request, _("The marks are saved."))
        return redirect("groups:cycle", cycle.pk)
    context = {"cycle": cycle, "own": own, "papers": papers, "whys": whys_of(cycle)}
    context["asks_own"] = cycle.state == CycleState.FINISHED
    return render(request, "groups/marks.html", context, status=422 if own.is_bound else 200)


def _are_valid(*forms):
    """Each is asked, so that all that is wrong is told at once."""
    return min([form.is_valid() for form in forms])


def _own_mark(cycle, user):
    return cycle.worker_marks.select_related("notes__key").filter(user=user).first()


def _keep(request, cycle, own, papers):
    """All of it, or with words at the field what cannot be."""
    step, forms = {"by": request.user, "now": timezone.now()}, [form for form in papers if form.is_own]
    with transaction.atomic():
        for form in forms:
            if form.is_filled:
                with form.explaining(), transaction.atomic():
                    note_mark(participation=form.row, **form.cleaned_data, **step)
        if own.cleaned_data["score"] is not None:
            with own.explaining(), transaction.atomic():
                rate_way_of_working(cycle=cycle, **own.cleaned_data, **step)
        fine = not any(form.errors for form in (own, *forms))
        transaction.set_rollback(not fine)
    return fine
