"""The weekly intake slots: one's own, and for the desk everybody's in its municipalities (R2)."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import allow, is_desk
from intake.exceptions import AppointmentsHit, DeskRefused
from intake.forms.slots import ChangeForm, ExtraForm, SkipForm, SlotForm, StopForm
from intake.models import Appointment, IntakeSlot, SlotCancellation
from intake.permissions import can_plan_intakes
from intake.queries.desk import slots_of
from intake.services import (
    add_slot,
    areas_for,
    cancel_occurrence,
    change_slot,
    restore_occurrence,
    stop_slot,
    workers_for,
)


def _posted(request):
    return request.POST if request.method == "POST" else None


def _own(request):
    """Whose slots without asking: their own, for who is not the desk."""
    return None if is_desk(request.user) else request.user


def _find(request, pk):
    slot = slots_of(request.user).filter(pk=pk).first()
    if slot is None:
        raise Http404
    return slot


def _slot_text(slot):
    return f"{slot.worker.full_name}, {slot.get_weekday_display()} {slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}"


@allow(can_plan_intakes)
@require_safe
def slots(request):
    """Series that still hold, by colleague, with the days off to come."""
    today = timezone.localdate()
    rows = slots_of(request.user).exclude(valid_until__lt=today)
    off = SlotCancellation.objects.filter(slot__in=rows.order_by().values("pk"), date__gte=today)
    context = {
        "groups": [(worker, list(lines)) for worker, lines in groupby(rows, key=lambda slot: slot.worker)],
        "days_off": off.select_related("slot__worker").order_by("date", "slot__starts_at", "pk"),
        "is_desk": is_desk(request.user),
        "has_area": areas_for(request.user).exists(),
        "has_workers": workers_for(request.user).exists(),
        "today": today,
    }
    return render(request, "intake/slot_list.html", context)


@allow(can_plan_intakes)
def slot_add(request):
    return _add(request, SlotForm, _("A weekly intake slot"))


@allow(can_plan_intakes)
def slot_extra(request):
    return _add(request, ExtraForm, _("One extra intake slot"))


def _add(request, form_class, title):
    now = timezone.now()
    people = workers_for(request.user)
    form = form_class(
        _posted(request), by=request.user, worker=_own(request), people=people, today=timezone.localdate(now)
    )
    if form.is_valid():
        try:
            add_slot(worker=form.owner, plan=form.plan, by=request.user, now=now, **form.valid_period)
            messages.success(request, _("The intake slot is saved. It stands in the week of the desk."))
            return redirect("intake:slots")
        except DeskRefused as refused:
            form.refuse(refused)
    context = {"form": form, "title": title, "action": _("Save"), "hit": [], "slot_text": ""}
    return render(request, "intake/slot_form.html", context, status=422 if form.errors else 200)


@allow(can_plan_intakes)
def slot_change(request, pk):
    """From a day on; who is booked from then on is listed, and what happens to each is asked."""
    slot, now = _find(request, pk), timezone.now()
    initial = {name: getattr(slot, name) for name in ("weekday", "starts_at", "minutes", "way")}
    initial |= {"municipality": slot.municipality_id, "room": slot.room_id, "from_day": timezone.localdate(now)}
    form = ChangeForm(_posted(request), slot=slot, by=request.user, today=timezone.localdate(now), initial=initial)
    if form.is_valid() and _tried(form, lambda: _change(slot, form, request.user, now)):
        messages.success(request, _("The intake slot is changed."))
        return redirect("intake:slots")
    context = {"form": form, "hit": form.hit, "slot_text": _slot_text(slot)}
    context |= {"title": _("Change the intake slot"), "action": _("Change")}
    return render(request, "intake/slot_form.html", context, status=422 if form.errors else 200)


def _change(slot, form, user, now):
    day = form.cleaned_data["from_day"]
    change_slot(slot=slot, plan=form.plan, from_day=day, choices=form.choices, by=user, now=now)


def _tried(form, act):
    """Whether it is done; what is refused stands in the form."""
    try:
        act()
    except AppointmentsHit:
        form.add_error(None, _("Somebody was booked meanwhile. Look at the appointments below once more."))
        return False
    except DeskRefused as refused:
        form.refuse(refused)
        return False
    return True


@allow(can_plan_intakes)
def slot_stop(request, pk):
    slot, now = _find(request, pk), timezone.now()
    form = StopForm(
        _posted(request), slot=slot, today=timezone.localdate(now), initial={"from_day": timezone.localdate(now)}
    )
    if form.is_valid() and _tried(
        form,
        lambda: stop_slot(
            slot=slot, from_day=form.cleaned_data["from_day"], choices=form.choices, by=request.user, now=now
        ),
    ):
        messages.success(request, _("The intake slot stops."))
        return redirect("intake:slots")
    context = {"form": form, "hit": form.hit, "slot_text": _slot_text(slot)}
    context |= {"title": _("Stop the intake slot"), "action": _("Stop")}
    return render(request, "intake/slot_form.html", context, status=422 if form.errors else 200)


@allow(can_plan_intakes)
def slot_skip(request, pk):
    """One day off; over an appointment only with a yes to calling it off."""
    slot, now = _find(request, pk), timezone.now()
    hit = _booked_on(slot, request.POST.get("date", "") or request.GET.get("dag", ""))
    initial = {"date": request.GET.get("dag", "")}
    form = SkipForm(_posted(request), hit=hit, today=timezone.localdate(now), initial=initial)
    if form.is_valid() and _tried(form, lambda: _skip(slot, form, request.user, now)):
        messages.success(request, _("The slot is called off for this day."))
        return redirect("intake:slots")
    context = {"form": form, "hit": hit, "slot_text": _slot_text(slot)}
    context |= {"title": _("Call off one day"), "action": _("Call off this day")}
    return render(request, "intake/slot_form.html", context, status=422 if form.errors else 200)


def _booked_on(slot, text):
    try:
        day = parse_date(text)
    except ValueError:
        return []
    booked = Appointment.objects.booked().filter(slot=slot, date=day) if day else Appointment.objects.none()
    return list(booked.select_related("referral__client").defer("referral__question", "referral__aim").order_by("pk"))


def _skip(slot, form, user, now):
    data = form.cleaned_data
    calls_off = data.get("calls_off", False)
    cancel_occurrence(slot=slot, date=data["date"], reason=data["reason"], calls_off=calls_off, by=user, now=now)


@allow(can_plan_intakes)
@require_POST
def slot_restore(request, pk):
    """The day off is taken back; twice is once."""
    found = SlotCancellation.objects.select_related("slot").filter(pk=pk).first()
    if found is not None:
        if not IntakeSlot.objects.manageable_by(request.user).filter(pk=found.slot_id).exists():
            raise Http404
        restore_occurrence(cancellation=found, by=request.user)
    messages.success(request, _("The slot is there on this day after all."))
    return redirect("intake:slots")
