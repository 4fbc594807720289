"""One's own weekly times, other hours on a day, and leave; over a session these ask for a substitute (R14, R20)."""

from itertools import groupby

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.enums import BookingKind
from accounts.exceptions import BookingClash, describe_booking
from accounts.models import CalendarFeed, WorkerBooking
from accounts.permissions import allow
from groups.discretion import shown_name
from groups.forms.own_time import DayHoursForm, LeaveForm, WeekForm
from groups.permissions import can_keep_time, can_reschedule
from groups.queries import seats_behind, upcoming_leave
from groups.services.capacity import (
    change_day_hours,
    change_weekly_availability,
    drop_day_hours,
    give_back_leave,
    take_leave,
)
from groups.views.steps import day_of, posted


def upcoming_day_hours(user, *, today):
    """[(date, [(start, end)])] from today on; no hours means not that day."""
    rows = user.availability_exceptions.filter(date__gte=today).order_by("date", "starts_at")
    days = groupby(rows, key=lambda row: row.date)
    return [(day, [(row.starts_at, row.ends_at) for row in rows if row.starts_at is not None]) for day, rows in days]


@allow(can_keep_time)
def availability(request):
    """When one usually can be given a session, and when one is away."""
    now = timezone.now()
    form = WeekForm(posted(request), stored=list(request.user.weekly_availability.order_by("weekday", "starts_at")))
    if form.is_valid():
        change_weekly_availability(user=request.user, windows=form.windows, by=request.user, now=now)
        messages.success(request, _("Your times are saved. Lists that wait for you are looked at again."))
        return redirect("groups:availability")
    leave, days = (
        upcoming_leave(request.user, now=now),
        upcoming_day_hours(request.user, today=timezone.localdate(now)),
    )
    feed = CalendarFeed.objects.filter(user=request.user).first()
    context = {"form": form, "leave": leave, "days": days, "feed": feed}
    return render(request, "groups/availability.html", context, status=422 if form.errors else 200)


@allow(can_keep_time)
def day_hours(request):
    """Other hours on one day; refused over a session, unless one will be there for it (R20)."""
    today, clashes = timezone.localdate(), []
    day = day_of(request.GET.get("dag", ""))
    form = DayHoursForm(posted(request), today=today, **_start_with(request.user, day))
    if form.is_valid():
        given = {"date": form.cleaned_data["date"], "windows": form.windows, "by": request.user}
        keep = form.cleaned_data["keep_booked"]
        try:
            change_day_hours(user=request.user, now=timezone.now(), keep_booked=keep, **given)
        except BookingClash as clash:
            clashes = clash_rows(clash.clashes, request.user)
            form.add_error(None, _("Something is planned with you then, outside these times."))
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Your times of this day are saved."))
            return redirect("groups:availability")
    context = {"form": form, "clashes": clashes}
    return render(request, "groups/day_hours.html", context, status=422 if form.errors else 200)


def _start_with(user, day):
    """What the form shows for a day that was asked for: its own hours, else those of every week."""
    if day is None:
        return {}
    own = list(user.availability_exceptions.filter(date=day).order_by("starts_at"))
    rows = own or list(user.weekly_availability.filter(weekday=day.weekday()).order_by("starts_at"))
    stored = [(row.starts_at, row.ends_at) for row in rows if row.starts_at is not None]
    how = DayHoursForm.AWAY if own and not stored else DayHoursForm.HOURS
    return {"stored": stored, "initial": {"date": day, "how": how}}


@allow(can_keep_time)
@require_POST
def day_hours_remove(request, day):
    """The weekly times hold again on this day of one's own; twice is once."""
    date = day_of(day)
    if date is None:
        raise Http404
    drop_day_hours(user=request.user, date=date, by=request.user, now=timezone.now())
    messages.success(request, _("Your usual times hold again on this day."))
    return redirect("groups:availability")


@allow(can_keep_time)
def leave_add(request):
    """Refused over a session: each is listed with the way to a substitute."""
    form, clashes = LeaveForm(posted(request), today=timezone.localdate()), []
    if form.is_valid():
        period = {"starts_at": form.starts_at, "ends_at": form.ends_at, "note": form.cleaned_data["note"]}
        try:
            take_leave(user=request.user, by=request.user, now=timezone.now(), **period)
        except BookingClash as clash:
            clashes = clash_rows(clash.clashes, request.user)
            form.add_error(None, _("You are taken then. First arrange a substitute, or choose other days."))
        else:
            messages.success(request, _("Your leave is noted."))
            return redirect("groups:availability")
    context = {"form": form, "clashes": clashes, "has_sessions": any(row["seat"] for row in clashes)}
    context["has_intakes"] = any(row["is_intake"] for row in clashes)
    return render(request, "groups/leave_form.html", context, status=422 if form.errors else 200)


def clash_rows(bookings, user):
    """Each booking in the way, with the cycle to find a substitute for, if it is a session."""
    seats = {seat.booking_id: seat for seat in seats_behind(bookings)}
    rows = []
    for booking in bookings:
        seat = seats.get(booking.pk)
        cycle = seat.session.cycle if seat else None
        rows.append(
            {
                "text": describe_booking(booking),
                "name": shown_name(cycle.offer) if cycle else "",
                "seat": seat,
                "is_intake": booking.kind == BookingKind.INTAKE,
                "may_substitute": bool(cycle) and can_reschedule(user, cycle),
            }
        )
    return rows


@allow(can_keep_time)
@require_POST
def leave_remove(request, pk):
    """One's own leave only; taking it back twice is once."""
    leave = WorkerBooking.objects.leave().filter(pk=pk).first()
    if leave is not None:
        if leave.user_id != request.user.pk:
            raise Http404
        give_back_leave(booking=leave, by=request.user, now=timezone.now())
    messages.success(request, _("Your leave is taken back."))
    return redirect("groups:availability")
