"""A session's plan: parts picked from the playbook, in order, and the same on one sheet of paper (R31)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import allow
from groups.discretion import shown_name, shown_place
from groups.enums import SessionState
from groups.exceptions import NotAllowed
from groups.forms.playbook import StepForm
from groups.models import PlaybookPart, SessionReport
from groups.permissions import can_pick_parts, can_see_schedule
from groups.plan_pdf import plan_pdf
from groups.playbooks import plan_of, planned_session, to_choose
from groups.services.plans import drop_part, pick_part, shift_picked
from groups.time_words import moment_text
from groups.views.steps import number_of
from groups.wording import reason_text, sentence


@allow(can_see_schedule)
def session_plan(request, pk):
    """What is picked and what there is to pick; each click is one step, and nothing is forced."""
    session = _session(request, pk)
    if request.method == "POST":
        return _take(request, session)
    plan = plan_of(session)
    choices = to_choose(session, plan)
    context = {
        **_about(session),
        "plan": plan,
        "choices": choices,
        "may_pick": _may_pick(request.user, session),
        **_focus(request, choices),
    }
    return render(request, "groups/session_plan.html", context)


@allow(can_see_schedule)
@require_safe
def session_plan_pdf(request, pk):
    """One page of A4, without a name of who takes part."""
    session = _session(request, pk)
    response = HttpResponse(plan_pdf(session, plan_of(session)), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="draaiboek.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _session(request, pk):
    return get_object_or_404(planned_session(request.user), pk=pk)


def _about(session):
    """Which session this is, without what is hidden (R40)."""
    offer = session.cycle.offer
    return {
        "session": session,
        "offer": offer,
        "name": shown_name(offer),
        "when": moment_text(session.date, session.start_time, session.end_time),
        "place": shown_place(offer, session.room),
        "is_over": session.state == SessionState.HELD,
    }


def _may_pick(user, session):
    is_closed = SessionReport.objects.filter(session=session, closed_at__isnull=False).exists()
    return session.state != SessionState.CANCELLED and can_pick_parts(user, session) and not is_closed


def _take(request, session):
    form = StepForm(request.POST)
    part = PlaybookPart.objects.filter(pk=form.cleaned_data["part"]).first() if form.is_valid() else None
    url = reverse("groups:session_plan", args=[session.pk])
    if part is None:
        messages.error(request, _("That did not work. Look again what is picked."))
        return redirect(url)
    step = form.cleaned_data["step"]
    try:
        _step(session, part, step, request.user)
    except NotAllowed as refusal:
        messages.error(request, sentence(reason_text(refusal.reason)))
        return redirect(url)
    if step == StepForm.PICK:
        messages.success(request, _("Picked: %(part)s") % {"part": part.title})
    return redirect(f"{url}?deel={part.pk}&stap={step}")


def _step(session, part, step, by):
    now, steps = timezone.now(), {StepForm.PICK: pick_part, StepForm.DROP: drop_part}
    if step in steps:
        steps[step](session=session, part=part, by=by, now=now)
    else:
        shift_picked(session=session, part=part, step=-1 if step == StepForm.UP else 1, by=by, now=now)


def _focus(request, choices):
    """Where the keyboard goes on: at the button that was pressed, or the next part to pick."""
    pressed, step = number_of(request.GET.get("deel")), request.GET.get("stap")
    if step == StepForm.PICK:
        pressed = choices[0].pk if choices else None
    return {"pressed": pressed, "step": step}
