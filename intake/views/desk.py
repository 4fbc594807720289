"""The desk: the week of intake slots, who waits for one, and booking (R2)."""

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import allow
from clients.enums import AccessAction
from clients.services import find_or_refuse, open_file
from intake.enums import AppointmentState, ReferralState
from intake.exceptions import AlreadyJudged, DeskRefused
from intake.forms.desk import ClientChoiceForm, PlaceChoiceForm, parse_place
from intake.models import Referral
from intake.permissions import can_plan_intakes
from intake.queries.desk import (
    WEEKS_AHEAD,
    find_place,
    free_places,
    load_week,
    nearest,
    slots_of,
)
from intake.queries.planning import plan_rows, to_call, to_plan
from intake.services import book_appointment
from intake.views.desk_filters import chosen_filters, chosen_worker, kept_filters, url_with_filters

ROWS_A_PAGE = 50
ROWS_BESIDE = 12
# Further than this nobody looks, and dates stay computable.
FIRST_YEAR, LAST_YEAR = 2000, 2100


def day_asked(request, today):
    """`dag` of the address; today when it is missing or nonsense."""
    try:
        day = parse_date(request.GET.get("dag", "")) or today
    except ValueError:
        return today
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else today


SATURDAY = 5


@allow(can_plan_intakes)
@require_safe
def week(request):
    """`dag` is any day of the week shown, at a weekend the next one; `gemeente` and `wie` narrow it."""
    now = timezone.now()
    today = timezone.localdate(now)
    day = day_asked(request, today + dt.timedelta(days=7 - today.weekday() if today.weekday() >= SATURDAY else 0))
    monday = day - dt.timedelta(days=day.weekday())
    chosen = chosen_filters(request)
    queue = list(to_plan(request.user, **chosen["by"])[: ROWS_BESIDE + 1])
    context = {
        "week": load_week(request.user, monday, now=now, **chosen["by"]),
        "monday": monday,
        "sunday": monday + dt.timedelta(days=6),
        "previous": monday - dt.timedelta(weeks=1),
        "next": monday + dt.timedelta(weeks=1),
        "today": today,
        "rows": plan_rows(queue[:ROWS_BESIDE], today=today),
        "has_more": len(queue) > ROWS_BESIDE,
        "calls": list(to_call(request.user)[:ROWS_BESIDE]),
        "has_slots": slots_of(request.user).exists(),
        **chosen,
    }
    return render(request, "intake/desk_week.html", context)


@allow(can_plan_intakes)
@require_safe
def queue(request):
    """Everybody who waits for an intake, the longest first (R17); narrowed as the week is."""
    chosen = chosen_filters(request)
    page = Paginator(to_plan(request.user, **chosen["by"]), ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    context = {"page": page, "rows": plan_rows(page, today=timezone.localdate()), "monday": None, **chosen}
    return render(request, "intake/desk_queue.html", context)


@allow(can_plan_intakes)
def book(request, pk):
    """One client, how to reach them, and the free places; each opening of the contact data is logged (R41)."""
    now = timezone.now()
    found = find_or_refuse(_referrals(request.user), by=request.user, now=now, pk=pk)
    if found.state != ReferralState.RECEIVED:
        return _too_late(request)
    planned = next((row for row in found.appointments.all() if row.state == AppointmentState.BOOKED), None)
    if planned is not None:
        messages.info(request, _("This client has an intake already. You see it here."))
        return redirect(url_with_filters(request, "intake:desk_appointment", planned.pk))
    form = PlaceChoiceForm(request.POST if request.method == "POST" else None, today=timezone.localdate(now))
    if form.is_valid() and (answer := _book(request, form, found, *form.cleaned_data["place"])):
        return answer
    client = open_file(client=found.client, by=request.user, action=AccessAction.CALLED, now=now)
    context = {"referral": found, "client": client, "form": form, "no_shows": _no_shows(found)}
    context |= places_context(request, client, form, now)
    return render(request, "intake/desk_book.html", context, status=422 if form.errors else 200)


def _referrals(user):
    rows = Referral.objects.of_desk(user).select_related("client__neighbourhood__municipality")
    return rows.prefetch_related("appointments")


def _no_shows(referral):
    return sum(row.state == AppointmentState.NO_SHOW for row in referral.appointments.all())


def places_context(request, client, form, now):
    """Four weeks of free places from `dag` on; the nearest to what was just missed stand first."""
    today = timezone.localdate(now)
    first = max(day_asked(request, today), today)
    worker = chosen_worker(request)
    places = free_places(request.user, client, first=first, now=now, worker=worker)
    return {
        "only_with": worker,
        **kept_filters(request),
        "places": places,
        "nearest": nearest(places, missed) if (missed := _missed(request, form)) else [],
        "first": first,
        "last": first + dt.timedelta(weeks=WEEKS_AHEAD, days=-1),
        "later": first + dt.timedelta(weeks=WEEKS_AHEAD),
        "is_first": first == today,
    }


def _missed(request, form):
    """When the place was that somebody else just took: of this form, or of the page that sent us here; or None."""
    place = form.cleaned_data.get("place") if form.errors else None
    asked = parse_place(request.GET.get("gemist", ""))
    if place is None and asked is not None:
        slot = slots_of(request.user).filter(pk=asked[0]).first()
        place = (slot, asked[1]) if slot else None
    return place[0].period_on(place[1])[0] if place else None


def _book(request, form, referral, slot, day):
    """Where to go once it is booked or can be no more; None when the form says what is wrong."""
    try:
        made = book_appointment(referral=referral, slot=slot, date=day, by=request.user, now=timezone.now())
    except AlreadyJudged:
        return _too_late(request)
    except DeskRefused as refused:
        form.refuse(refused)
        return None
    messages.success(request, _("The intake is booked."))
    return redirect(url_with_filters(request, "intake:desk_appointment", made.pk))


def _too_late(request):
    messages.error(request, _("This referral was judged meanwhile. No intake is needed any more."))
    return redirect(url_with_filters(request, "intake:desk_week"))


@allow(can_plan_intakes)
def place(request, pk, day):
    """One free place, and who of those who wait comes."""
    now = timezone.now()
    date = _day(day)
    found = find_place(request.user, pk, date, now=now)
    if found is None:
        raise Http404
    rows = to_plan(request.user)
    data = request.POST if request.method == "POST" else None
    form = ClientChoiceForm(data, referrals=rows, today=timezone.localdate(now))
    if form.is_valid():
        referral = form.cleaned_data["referral"]
        answer = _book(request, form, referral, found.slot, date)
        if answer is None and form.has_gone:
            messages.error(request, form.non_field_errors()[0])
            url = reverse("intake:desk_book", args=[referral.pk])
            return redirect(f"{url}?gemist={found.key}{kept_filters(request)['kept']}")
        if answer is not None:
            return answer
    context = {"place": found, "form": form, "day_text": day, **kept_filters(request)}
    context["rows"] = plan_rows(rows[:ROWS_A_PAGE], today=timezone.localdate(now))
    return render(request, "intake/desk_place.html", context, status=422 if form.errors else 200)


def _day(text):
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Http404
    return day
