"""Individual talks between two sessions: each participant with one of the leaders (R29)."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import BookingKind
from accounts.exceptions import BookingClash
from accounts.models import User, WorkerBooking
from accounts.services import book_worker
from clients.enums import FollowUpAbout
from clients.permissions import can_place
from clients.services import plan_follow_up, settle_by_rule
from groups.calendar import public_holidays
from groups.enums import COUNTING_PARTICIPATIONS, LIVE_CYCLES, HistoryCode, TalkState
from groups.exceptions import NotAllowed, ScheduleClash
from groups.hours import hours_of
from groups.models import IndividualTalk, Participation
from groups.notifications import is_told_by_mail, tell_talk
from groups.services.bookings import hold, is_clash
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.moves import move
from groups.talk_window import is_in_window, talk_window


def leaders_of(cycle):
    """Who leads or co-leads this cycle or a session of it to come: with one of them a talk is held."""
    seats = cycle.sessions.planned().order_by().values("staff__user")
    wanted = User.objects.filter(pk__in=seats) | User.objects.filter(pk__in=[cycle.lead_id, cycle.co_lead_id or 0])
    return wanted.filter(is_active=True).distinct().order_by("first_name", "last_name", "pk")


@transaction.atomic
def plan_talk(*, participation, with_user, date, start_time, by, now):
    """The next individual talk of this person; told by mail where that is safe, else it is a call to make.

    NotAllowed: no_talks_here, talks_all_planned, not_in_cycle, cycle_is_over, and as _check. ScheduleClash: taken.
    """
    participation, cycle = _locked(participation)
    taken = participation.individual_talks.exclude(state=TalkState.CANCELLED).values_list("number", flat=True)
    numbers = [number for number in range(1, cycle.offer.talks_count + 1) if number not in set(taken.order_by())]
    if not numbers:
        raise NotAllowed("talks_all_planned" if cycle.offer.talks_count else "no_talks_here")
    talk = IndividualTalk(participation=participation, number=numbers[0])
    _set(talk, cycle, with_user, date, start_time)
    hold(users=[with_user.pk], rooms=[], clients=[participation.client_id])
    _check(talk, cycle, now)
    talk.booking = _book(talk, with_user)
    talk.save(force_insert=True)
    record(HistoryCode.TALK_PLANNED, at=now, by=by, date=date.isoformat(), **_about(talk, cycle))
    _tell(talk, by=by, now=now)
    return talk


@transaction.atomic
def move_talk(*, talk, with_user, date, start_time, by, now):
    """Another moment, or with the other leader; who is told as when it was planned. NotAllowed: as plan_talk."""
    talk, cycle = _locked_talk(talk)
    _check_place(talk.participation, cycle)
    _set(talk, cycle, with_user, date, start_time)
    hold(users=[talk.with_user.pk], rooms=[], clients=[talk.participation.client_id])
    _check(talk, cycle, now)
    _rebook(talk)
    talk.save()
    record(HistoryCode.TALK_PLANNED, at=now, by=by, date=date.isoformat(), **_about(talk, cycle))
    _tell(talk, by=by, now=now)
    return talk


@transaction.atomic
def hold_talk(*, talk, by, now):
    """It was held. NotAllowed: talk_is_to_come, talk_is_over."""
    talk, _cycle = _locked_talk(talk)
    if talk.starts_at > now:
        raise NotAllowed("talk_is_to_come")
    args = {"date": talk.date.isoformat()}
    move(talk, TalkState.HELD, code=HistoryCode.TALK_HELD, now=now, by=by, rule="R29", args=args)
    _settle_call(talk, by=by, now=now)
    return talk


@transaction.atomic
def cancel_talk(*, talk, by, now):
    """It does not take place; the colleague is free again and another one can be planned. NotAllowed: talk_is_over."""
    talk, _cycle = _locked_talk(talk)
    booking, args = talk.booking_id, {"date": talk.date.isoformat()}
    move(talk, TalkState.CANCELLED, code=HistoryCode.TALK_CANCELLED, now=now, by=by, args=args, booking=None)
    WorkerBooking.objects.filter(pk=booking).delete()
    if talk.starts_at > now:
        _settle_call(talk, by=by, now=now)
        _tell(talk, by=by, now=now, is_cancelled=True)
    return talk


def _locked(participation):
    """(participation, cycle) under the cycle's lock, as long as the person has a place in it."""
    cycle = lock_cycle(participation.cycle_id)
    people = Participation.objects.select_related("client__contact", "client__key", "entry")
    participation = people.get(pk=participation.pk)
    participation.cycle = cycle
    _check_place(participation, cycle)
    return participation, cycle


def _check_place(participation, cycle):
    if cycle.state not in LIVE_CYCLES:
        raise NotAllowed("cycle_is_over")
    if participation.state not in COUNTING_PARTICIPATIONS:
        raise NotAllowed("not_in_cycle")


def _locked_talk(talk):
    talk = IndividualTalk.objects.select_related("participation", "booking", "with_user").get(pk=talk.pk)
    cycle = lock_cycle(talk.participation.cycle_id)
    people = Participation.objects.select_related("client__contact", "client__key", "entry")
    talk.refresh_from_db(fields=["state", "booking", "date", "start_time", "end_time", "with_user"])
    talk.participation = people.get(pk=talk.participation_id)
    talk.participation.cycle = cycle
    if talk.state != TalkState.PLANNED:
        raise NotAllowed("talk_is_over")
    return talk, cycle


def _set(talk, cycle, with_user, date, start_time):
    length = dt.timedelta(minutes=cycle.offer.talk_minutes or 0)
    ends = dt.datetime.combine(date, start_time) + length
    if ends.date() != date or not length:
        raise NotAllowed("outside_hours")
    talk.with_user, talk.date, talk.start_time, talk.end_time = with_user, date, start_time, ends.time()


def _check(talk, cycle, now):
    """NotAllowed: not_leading, in_the_past, blocked_day, talk_window_unknown, outside_talk_window, outside_hours,
    talk_then_already.
    """
    if not leaders_of(cycle).filter(pk=talk.with_user.pk).exists():
        raise NotAllowed("not_leading")
    if talk.starts_at <= now:
        raise NotAllowed("in_the_past")
    if talk.date in public_holidays(talk.date.year):
        raise NotAllowed("blocked_day")
    window = talk_window(cycle.offer, cycle.sessions.order_by("number"))
    if window is None:
        raise NotAllowed("talk_window_unknown", after=cycle.offer.talks_after_session)
    if not is_in_window(talk, window):
        first, last = (timezone.localdate(moment).isoformat() for moment in window)
        raise NotAllowed("outside_talk_window", first=first, last=last)
    hours = hours_of([talk.with_user.pk], first=talk.date, last=talk.date)[talk.with_user.pk]
    if not hours.cover(talk.date, talk.start_time, talk.end_time):
        raise NotAllowed("outside_hours")
    others = IndividualTalk.objects.filter(participation__client=talk.participation.client_id, date=talk.date)
    others = others.filter(state=TalkState.PLANNED, start_time__lt=talk.end_time, end_time__gt=talk.start_time)
    if others.exclude(pk=talk.pk).exists():
        raise NotAllowed("talk_then_already")


def _book(talk, user):
    """What the exclusion constraint refuses is said in words (R20)."""
    try:
        return book_worker(user=user, starts_at=talk.starts_at, ends_at=talk.ends_at, kind=BookingKind.TALK)
    except BookingClash as clash:
        raise ScheduleClash([(user.short_name, booking.period) for booking in clash.clashes]) from clash


def _rebook(talk):
    taken = talk.with_user.bookings.overlapping(talk.starts_at, talk.ends_at).exclude(pk=talk.booking_id)
    if clashes := [(talk.with_user.short_name, booking.period) for booking in taken]:
        raise ScheduleClash(clashes)
    talk.booking.user, talk.booking.period = talk.with_user, (talk.starts_at, talk.ends_at)
    try:
        with transaction.atomic():
            talk.booking.save()
    except IntegrityError as error:
        if not is_clash(error):
            raise
        raise ScheduleClash([(talk.with_user.short_name, row.period) for row in taken.all()]) from error


def _about(talk, cycle):
    return {"cycle": cycle, "waitlist": cycle.waitlist, "entry": talk.participation.entry, "number": talk.number}


def _tell(talk, *, by, now, is_cancelled=False):
    """By mail or letter where that is safe; whom no mail reaches is called (R40)."""
    tell_talk(talk=talk, now=now, is_cancelled=is_cancelled)
    client = talk.participation.client
    _settle_call(talk, by=by, now=now)
    if is_told_by_mail(client):
        return
    plan_follow_up(
        client=client,
        about=FollowUpAbout.CONTACT,
        due_on=timezone.localdate(now),
        by=by,
        now=now,
        key=f"talk:{talk.pk}",
        for_user=talk.with_user if can_place(talk.with_user) else None,
        args={"talk": "cancelled" if is_cancelled else "planned", "on": talk.date.isoformat()},
    )


def _settle_call(talk, *, by, now):
    about, key = FollowUpAbout.CONTACT, f"talk:{talk.pk}"
    settle_by_rule(client=talk.participation.client, about=about, now=now, by=by, key=key)
