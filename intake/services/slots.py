"""A social worker's weekly intake slots (R2): adding, changing and stopping them, and what happens to who is booked.

An appointment keeps its own time and place, so nothing is dropped by a change: whoever changes says for each.
"""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from accounts.permissions import has_role
from groups.calendar import public_holidays
from intake.enums import CancelReason, IntakeWay
from intake.exceptions import AppointmentsHit, DeskRefused
from intake.models import MINUTES_A_DAY, Appointment, IntakeSlot, SlotCancellation
from intake.services.appointments import call_off, hold_referrals, move_appointment
from neighbourhoods.models import Municipality, Room

KEEP, MOVE, CALL_OFF = "keep", "move", "call_off"
_CLASHES = {"slot_worker_once": "overlaps_own", "slot_room_once": "room_has_slot"}


@dataclass(frozen=True)
class SlotPlan:
    """When and where, each week; weekday 0–6, local time, room only for IntakeWay.ROOM."""

    municipality: Municipality
    weekday: int
    starts_at: dt.time
    minutes: int
    way: str
    room: Room | None = None


@transaction.atomic
def add_slot(*, worker, plan, valid_from, by, now, valid_until=None):
    """A slot each week from valid_from on, until and with valid_until; on one and the same day it is an extra one.

    DeskRefused: in_the_past, ends_before_begin, never_then, past_midnight, holiday, room_elsewhere, room_out_of_use,
    room_closed, overlaps_own, room_has_slot.
    """
    _require_manager(by, worker, plan.municipality)
    if valid_from < timezone.localdate(now):
        raise DeskRefused("in_the_past")
    slot = IntakeSlot(worker=worker, created_at=now, created_by=by, valid_from=valid_from, valid_until=valid_until)
    return _save(_fill(slot, plan))


@transaction.atomic
def change_slot(*, slot, plan, from_day, choices, by, now):
    """Another time or place from this day on; `choices`: {appointment pk: KEEP, MOVE or CALL_OFF} for who is booked.

    MOVE: to the changed slot, in the same week. The slot that holds from then on. AppointmentsHit when somebody is
    booked of whom `choices` says nothing; DeskRefused as add_slot, already_ended, and as move_appointment.
    """
    hold_referrals(appointments_hit(slot, from_day))
    slot = _lock(slot, by)
    _require_manager(by, slot.worker, plan.municipality)
    hit = _hit(slot, from_day, choices, now)
    begins_later = from_day <= slot.valid_from
    changed = slot if begins_later else _copy(slot, from_day, by, now)
    _fill(changed, plan)
    if not begins_later:
        _end_before(slot, from_day)
    _save(changed)
    for cancellation in slot.cancellations.filter(date__gte=from_day):
        _carry_over(cancellation, changed)
    _settle(hit, choices, changed, by, now)
    return changed


@transaction.atomic
def stop_slot(*, slot, from_day, choices, by, now):
    """No occurrence from this day on; `choices` as in change_slot, without MOVE."""
    hold_referrals(appointments_hit(slot, from_day))
    slot = _lock(slot, by)
    hit = _hit(slot, from_day, choices, now)
    if from_day > slot.valid_from:
        _end_before(slot, from_day)
    elif not slot.appointments.exists():
        slot.delete()
    else:
        _end_at_once(slot, by, now)
    _settle(hit, choices, None, by, now)


@transaction.atomic
def cancel_occurrence(*, slot, date, reason, by, now, calls_off=False):
    """The slot is not there on this day; twice is once. AppointmentsHit when somebody is booked then and `calls_off`
    does not say that they may be called off. DeskRefused: in_the_past, no_such_place.
    """
    slot = _lock(slot, by)
    if date < timezone.localdate(now):
        raise DeskRefused("in_the_past")
    if not slot.holds_on(date):
        raise DeskRefused("no_such_place")
    booked = list(_booked(slot).filter(date=date))
    if booked and not calls_off:
        raise AppointmentsHit(booked)
    for appointment in booked:
        call_off(appointment=appointment, reason=CancelReason.WORKER_AWAY, by=by, now=now)
    values = {"reason": reason.strip(), "by": by, "at": now}
    return SlotCancellation.objects.get_or_create(slot=slot, date=date, defaults=values)[0]


@transaction.atomic
def restore_occurrence(*, cancellation, by):
    """The slot is there after all."""
    _lock(cancellation.slot, by)
    SlotCancellation.objects.filter(pk=cancellation.pk).delete()


def appointments_hit(slot, from_day):
    """Who is booked in this slot from this day on, in order."""
    return list(_booked(slot).filter(date__gte=from_day))


def workers_for(user):
    """Whose slots this user keeps: their own; the desk those of the social workers of its municipalities."""
    if has_role(user, RoleName.DESK):
        areas = user.work_areas.values("municipality")
        workers = User.objects.with_role(RoleName.SOCIAL_WORKER).filter(work_areas__municipality__in=areas)
        rows = User.objects.filter(pk__in=workers.order_by().values("pk")) | _self(user)
    else:
        rows = _self(user)
    return rows.order_by("first_name", "last_name", "pk")


def _self(user):
    return User.objects.with_role(RoleName.SOCIAL_WORKER).filter(pk=user.pk)


def areas_for(user, worker=None):
    """The municipalities in which this user may give `worker`, or anybody, a slot."""
    places = Municipality.objects.defer("polygon", "figures").filter(work_areas__user=worker or user)
    if worker is not None and worker != user:
        places = places.filter(pk__in=user.work_areas.order_by().values("municipality"))
    return places.order_by("name")


def _require_manager(by, worker, municipality):
    may = workers_for(by).filter(pk=worker.pk).exists()
    if not may or not areas_for(by, worker).filter(pk=municipality.pk).exists():
        raise PermissionDenied


def _lock(slot, by):
    rows = IntakeSlot.objects.select_for_update(of=("self",), no_key=True).select_related("worker")
    slot = rows.get(pk=slot.pk)
    if not IntakeSlot.objects.manageable_by(by).filter(pk=slot.pk).exists():
        raise PermissionDenied
    return slot


def _booked(slot):
    rows = Appointment.objects.booked().filter(slot=slot).select_related("referral__client__contact", "worker")
    return rows.defer("referral__question", "referral__aim").order_by("date", "pk")


def _hit(slot, from_day, choices, now):
    if from_day < timezone.localdate(now):
        raise DeskRefused("in_the_past")
    if slot.valid_until is not None and from_day > slot.valid_until:
        raise DeskRefused("already_ended")
    hit = appointments_hit(slot, from_day)
    if {appointment.pk for appointment in hit} != set(choices):
        raise AppointmentsHit(hit)
    return hit


def _settle(hit, choices, changed, by, now):
    for appointment in hit:
        if choices[appointment.pk] == CALL_OFF:
            call_off(appointment=appointment, reason=CancelReason.SLOT_CHANGED, by=by, now=now)
        elif choices[appointment.pk] == MOVE:
            monday = appointment.date - dt.timedelta(days=appointment.date.weekday())
            date = monday + dt.timedelta(days=changed.weekday)
            move_appointment(appointment=appointment, slot=changed, date=date, by=by, now=now)


def _fill(slot, plan):
    for name in ("municipality", "weekday", "starts_at", "minutes", "way", "room"):
        setattr(slot, name, getattr(plan, name))
    return slot


def _copy(slot, from_day, by, now):
    return IntakeSlot(
        worker=slot.worker, valid_from=from_day, valid_until=slot.valid_until, created_at=now, created_by=by
    )


def _end_before(slot, day):
    slot.valid_until = day - dt.timedelta(days=1)
    slot.save(update_fields=["valid_until"])


def _end_at_once(slot, by, now):
    """Its days have not come yet, and a row has to stay for what was booked in it."""
    slot.valid_until = slot.valid_from
    slot.save(update_fields=["valid_until"])
    if slot.holds_on(slot.valid_from):
        SlotCancellation.objects.get_or_create(
            slot=slot, date=slot.valid_from, defaults={"reason": "–", "by": by, "at": now}
        )


def _carry_over(cancellation, slot):
    """A day off stays one; on another weekday there is nothing to call off."""
    if slot.holds_on(cancellation.date):
        SlotCancellation.objects.filter(pk=cancellation.pk).update(slot=slot)
    else:
        cancellation.delete()


def _save(slot):
    """Check and insert or update; what two at once would both have seen free, the constraints refuse."""
    _check(slot)
    try:
        with transaction.atomic():
            slot.save()
    except IntegrityError as error:
        code = _CLASHES.get(error.__cause__.diag.constraint_name)
        if code is None:
            raise
        raise DeskRefused(code) from error
    return slot


def _check(slot):
    if slot.valid_until is not None and slot.valid_until < slot.valid_from:
        raise DeskRefused("ends_before_begin")
    if slot.starts_at.hour * 60 + slot.starts_at.minute + slot.minutes >= MINUTES_A_DAY:
        raise DeskRefused("past_midnight")
    day = slot.first_day()
    if day is None:
        raise DeskRefused("never_then")
    if slot.is_single and day in public_holidays(day.year):
        raise DeskRefused("holiday")
    if slot.way == IntakeWay.ROOM:
        _check_room(slot, day)


def _check_room(slot, day):
    if slot.room.venue.municipality_id != slot.municipality_id:
        raise DeskRefused("room_elsewhere")
    if not slot.room.is_active:
        raise DeskRefused("room_out_of_use")
    if not slot.room.venue.is_open(*slot.period_on(day)):
        raise DeskRefused("room_closed")
