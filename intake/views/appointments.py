"""One intake: how it stands, moving it, calling it off, and what became of it (R2)."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exceptions import BookingClash
from accounts.periods import short_moment
from accounts.permissions import allow
from clients.enums import AccessAction
from clients.models import Client
from clients.services import open_file
from groups.colleagues import can_report_absence, colleagues_of
from groups.forms.substitution import AbsenceForm
from groups.views.steps import step_page
from intake.desk_wording import STATE_TONES, desk_refusal, event_text
from intake.enums import AppointmentState
from intake.exceptions import DeskRefused
from intake.forms.desk import CancelForm, PlaceChoiceForm
from intake.permissions import can_plan_intakes
from intake.queries import can_be_judged_by
from intake.queries.desk import appointments_of
from intake.services import (
    be_away,
    call_off_intakes,
    cancel_appointment,
    intakes_between,
    move_appointment,
    note_outcome,
    note_told,
)
from intake.services.begun import check_is_to_come
from intake.services.files import find_appointment
from intake.views.desk import places_context
from intake.views.desk_filters import kept_filters, url_with_filters

OUTCOMES = {"held": AppointmentState.HELD, "no_show": AppointmentState.NO_SHOW}


def _find(request, pk):
    """The appointment, if this user keeps it; else 404, noted on the file (R41)."""
    return find_appointment(appointments_of(request.user), pk=pk, by=request.user, now=timezone.now())


@allow(can_plan_intakes)
@require_safe
def appointment(request, pk):
    found, now = _find(request, pk), timezone.now()
    events = [(event, event_text(event, short_moment(event.starts_at))) for event in found.events.select_related("by")]
    is_booked = found.state == AppointmentState.BOOKED
    context = {
        "appointment": found,
        "day_text": found.date.isoformat(),
        **kept_filters(request),
        "client": _contact(found.referral.client, request.user, now),
        "tone": STATE_TONES[found.state],
        "events": events,
        "is_booked": is_booked,
        "has_begun": found.starts_at <= now,
        "may_hold": found.starts_at <= now and found.state != AppointmentState.CANCELLED,
        "may_judge": can_be_judged_by(found.referral, request.user),
        "needs_place": not is_booked and found.state != AppointmentState.HELD and found.referral.state == "received",
        "also_booked": _also_booked(found),
        "no_shows": found.referral.appointments.filter(state=AppointmentState.NO_SHOW).count(),
    }
    return render(request, "intake/desk_appointment.html", context)


def _also_booked(appointment):
    """What was planned anew after a no-show that was none: it can be called off."""
    if appointment.state != AppointmentState.HELD:
        return None
    return appointment.referral.appointments.booked().exclude(pk=appointment.pk).order_by("date", "pk").first()


def _contact(client, user, now):
    """The file, opened and logged; None where no file is open to this user any more (R41)."""
    if not Client.objects.visible_to(user).filter(pk=client.pk).exists():
        return None
    return open_file(client=client, by=user, action=AccessAction.CALLED, now=now)


@allow(can_plan_intakes)
def move(request, pk):
    """Another place for the same client."""
    found, now = _find(request, pk), timezone.now()
    try:
        check_is_to_come(found, now)
    except DeskRefused as refused:
        return _changed(request, pk, refused)
    form = PlaceChoiceForm(request.POST if request.method == "POST" else None, today=timezone.localdate(now))
    if form.is_valid():
        slot, day = form.cleaned_data["place"]
        try:
            move_appointment(appointment=found, slot=slot, date=day, by=request.user, now=now)
            messages.success(request, _("The intake is moved."))
            return redirect(url_with_filters(request, "intake:desk_appointment", pk))
        except DeskRefused as refused:
            form.refuse(refused)
    context = {"appointment": found, "client": found.referral.client, "form": form}
    context |= places_context(request, found.referral.client, form, now)
    return render(request, "intake/desk_move.html", context, status=422 if form.errors else 200)


def _changed(request, pk, refused):
    messages.error(request, desk_refusal(refused))
    return redirect("intake:desk_appointment", pk=pk)


@allow(can_plan_intakes)
def cancel(request, pk):
    found, now = _find(request, pk), timezone.now()
    try:
        check_is_to_come(found, now)
    except DeskRefused as refused:
        return _changed(request, pk, refused)
    form = CancelForm(request.POST if request.method == "POST" else None, today=timezone.localdate(now))
    if not form.is_valid():
        return _cancel_page(request, found, form)
    try:
        cancel_appointment(appointment=found, reason=form.cleaned_data["reason"], by=request.user, now=now)
    except DeskRefused as refused:
        return _changed(request, pk, refused)
    messages.success(request, _("The intake is called off. The client is back among those to plan."))
    return redirect("intake:desk_appointment", pk=pk)


def _cancel_page(request, found, form):
    return step_page(
        request,
        form,
        title=_("Call off the intake"),
        action=_("Call off"),
        back=reverse("intake:desk_appointment", args=[found.pk]),
        lead=f"{found.referral.client.short_name}, {short_moment(found.starts_at)}",
        consequences=[
            _("The place is free again."),
            _("The client stays among those who wait, with the time that they waited."),
            _("If you call it off for Socius, the client gets a mail where that is safe; otherwise you call."),
        ],
        contact=found.referral.client.contact,
    )


@allow(can_plan_intakes)
@require_POST
def outcome(request, pk):
    """Held, or the client did not come: then a new time is offered at once."""
    found = _find(request, pk)
    state = OUTCOMES.get(request.POST.get("state"))
    if state is None:
        return redirect("intake:desk_appointment", pk=pk)
    try:
        note_outcome(appointment=found, state=state, by=request.user, now=timezone.now())
    except DeskRefused as refused:
        return _changed(request, pk, refused)
    if state == AppointmentState.HELD:
        messages.success(request, _("Noted: the intake was held."))
        return redirect("intake:desk_appointment", pk=pk)
    messages.success(request, _("Noted: the client did not come. Plan a new time, or look for it later."))
    return redirect("intake:desk_book", pk=found.referral_id)


@allow(can_plan_intakes)
@require_POST
def told(request, pk):
    """The client was called; twice is once."""
    note_told(appointment=_find(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("Noted: the client knows."))
    return redirect("intake:desk_appointment", pk=pk)


@allow(can_report_absence)
def absence(request):
    """Leave over intakes: which are hit, and in one step called off and handed to the desk."""
    now, given = timezone.now(), request.POST if request.method == "POST" else request.GET
    asked = given.copy() if "first_day" in given else None
    if asked is not None and not asked.get("who"):
        asked["who"] = request.user.pk
    people = colleagues_of(request.user)
    form = AbsenceForm(asked, by=request.user, people=people, today=timezone.localdate(now))
    rows = []
    if form.is_valid():
        rows = list(intakes_between(form.cleaned_data["who"], max(form.starts_at, now), form.ends_at))
        if "confirm" in request.POST:
            return _go(request, form, now)
    context = {"form": form, "rows": rows, "is_asked": form.is_valid()}
    return render(request, "intake/desk_absence.html", context, status=422 if form.errors else 200)


def _go(request, form, now):
    """All at once; where sessions stand in the way too, the intakes first and then on to their substitutes."""
    data = form.cleaned_data
    when = {"user": data["who"], "starts_at": max(form.starts_at, now), "ends_at": form.ends_at}
    try:
        be_away(**when, by=request.user, now=now, note=data["note"])
    except BookingClash:
        call_off_intakes(**when, by=request.user, now=now)
        messages.success(request, _("The intakes are called off. Now arrange the sessions; then the leave is noted."))
        asked = request.POST.copy()
        asked.pop("confirm", None)
        asked.pop("csrfmiddlewaretoken", None)
        return redirect(f"{reverse('groups:absence')}?{asked.urlencode()}")
    messages.success(request, _("The intakes are called off and the absence is noted. The desk plans them anew."))
    return redirect("groups:schedule")
