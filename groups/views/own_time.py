"""One's own weekly times and leave; leave over a session first asks for a substitute (R14, R20)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.exceptions import BookingClash, describe_booking
from accounts.models import WorkerBooking
from accounts.permissions import allow
from groups.discretion import shown_name
from groups.forms.own_time import LeaveForm, WeekForm
from groups.permissions import can_keep_time, can_reschedule
from groups.queries import seats_behind, upcoming_leave
from groups.services.capacity import change_weekly_availability, give_back_leave, take_leave
from groups.views.steps import posted


@allow(can_keep_time)
def availability(request):
    """When one usually can be given a session, and when one is away."""
    now = timezone.now()
    form = WeekForm(posted(request), stored=list(request.user.weekly_availability.order_by("weekday", "starts_at")))
    if form.is_valid():
        change_weekly_availability(user=request.user, windows=form.windows, by=request.user, now=now)
        messages.success(request, _("Your times are saved. Lists that wait for you are looked at again."))
        return redirect("groups:availability")
    context = {"form": form, "leave": upcoming_leave(request.user, now=now)}
    return render(request, "groups/availability.html", context, status=422 if form.errors else 200)


@allow(can_keep_time)
def leave_add(request):
    """Refused over a session: each is listed with the way to a substitute."""
    form, clashes = LeaveForm(posted(request), today=timezone.localdate()), []
    if form.is_valid():
        period = {"starts_at": form.starts_at, "ends_at": form.ends_at, "note": form.cleaned_data["note"]}
        try:
            take_leave(user=request.user, by=request.user, now=timezone.now(), **period)
        except BookingClash as clash:
            clashes = _clash_rows(clash.clashes, request.user)
            form.add_error(None, _("You are taken then. First arrange a substitute, or choose other days."))
        else:
            messages.success(request, _("Your leave is noted."))
            return redirect("groups:availability")
    context = {"form": form, "clashes": clashes}
    return render(request, "groups/leave_form.html", context, status=422 if form.errors else 200)


def _clash_rows(bookings, user):
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
