"""Booking, moving and calling off intakes, and what became of them (R2). One transaction each.

Locks are always taken in one order: the referral, the slot, then workers and rooms. What really keeps a place, a
person or a room from being taken twice are the constraints; this explains what they refuse.
"""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import BookingKind, RoleName
from accounts.models import User, WorkerBooking
from clients.enums import ContactWay, FollowUpAbout
from clients.services import next_contact_day, note_contact, plan_follow_up, settle_by_rule
from groups.calendar import public_holidays
from groups.colleagues import can_report_for
from groups.services.bookings import hold
from groups.services.capacity import take_leave
from intake import notifications
from intake.enums import (
    APPOINTMENT_MOVES,
    AppointmentEventCode,
    AppointmentState,
    CancelReason,
    ReferralState,
)
from intake.exceptions import AlreadyJudged, DeskRefused, PlaceGone
from intake.models import Appointment, AppointmentEvent, IntakeSlot, Referral
from intake.services.begun import check_is_to_come
from neighbourhoods.enums import RoomBookingKind
from neighbourhoods.models import RoomBooking

_TAKEN = {"worker_booked_once", "room_booked_once", "appointment_slot_taken_once"}
_OUTCOMES = (AppointmentState.HELD, AppointmentState.NO_SHOW)


@transaction.atomic
def book_appointment(*, referral, slot, date, by, now):
    """This client comes to this slot on this local day. `is_untold` of the result: somebody has to call them (R40).

    PlaceGone when somebody was quicker; AlreadyJudged; DeskRefused: not_here, has_appointment, no_such_place, past,
    holiday, cancelled, worker_elsewhere, room_out_of_use.
    """
    referral = _lock_referral(referral, by)
    if referral.appointments.booked().exists():
        raise DeskRefused("has_appointment")
    slot = _lock_place(slot, date, referral, by=by, now=now)
    appointment = Appointment(referral=referral, made_at=now, made_by=by)
    _take(appointment, slot, date)
    _note(appointment, AppointmentEventCode.BOOKED, by=by, now=now)
    return _tell(appointment, notifications.tell_booked, now)


@transaction.atomic
def move_appointment(*, appointment, slot, date, by, now):
    """The same client comes at another time or place; raises as book_appointment does, and DeskRefused: not_booked,
    begun, same_place.
    """
    referral = _lock_referral(appointment.referral, by)
    appointment = _lock(appointment)
    if not Appointment.objects.manageable_by(by).filter(pk=appointment.pk).exists():
        raise PermissionDenied
    check_is_to_come(appointment, now)
    slot = _lock_place(slot, date, referral, by=by, now=now)
    return _move_to(appointment, slot, date, by=by, now=now)


def _move_to(appointment, slot, date, *, by, now):
    asked = (slot.period_on(date), slot.worker_id, slot.way, slot.room_id)
    if asked == (appointment.period, appointment.worker_id, appointment.way, appointment.room_id):
        raise DeskRefused("same_place")
    appointment.version += 1
    _take(appointment, slot, date)
    _note(appointment, AppointmentEventCode.MOVED, by=by, now=now)
    return _tell(appointment, notifications.tell_moved, now)


@transaction.atomic
def cancel_appointment(*, appointment, reason, by, now):
    """It does not take place; the client is back among those to plan.

    PermissionDenied; DeskRefused: not_booked, begun.
    """
    _hold_referral(appointment.referral_id)
    if not Appointment.objects.manageable_by(by).filter(pk=appointment.pk).exists():
        raise PermissionDenied
    check_is_to_come(_lock(appointment), now)
    return call_off(appointment=appointment, reason=reason, by=by, now=now)


def call_off(*, appointment, reason, by, now):
    """As cancel_appointment, for who asked already whether `by` may; inside the caller's transaction.

    Of one that has begun, for a colleague who was away, nobody is told any more that it does not take place.
    """
    appointment = _lock(appointment)
    move_state(appointment, AppointmentState.CANCELLED, by=by, now=now, reason=reason)
    if reason == CancelReason.CLIENT or appointment.starts_at <= now:
        return _save_told(appointment, is_told=True)
    return _tell(appointment, notifications.tell_cancelled, now)


@transaction.atomic
def note_outcome(*, appointment, state, by, now):
    """Held, or the client did not come; can be put right. PermissionDenied; DeskRefused: not_yet, not_possible."""
    if state not in _OUTCOMES:
        raise ValueError(state)
    _hold_referral(appointment.referral_id)
    appointment = _lock(appointment)
    if not Appointment.objects.manageable_by(by).filter(pk=appointment.pk).exists():
        raise PermissionDenied
    if appointment.starts_at > now:
        raise DeskRefused("not_yet")
    move_state(appointment, state, by=by, now=now)
    return _save_told(appointment, is_told=True)


@transaction.atomic
def note_told(*, appointment, by, now):
    """Somebody called the client; twice is once. PermissionDenied for whom it is not."""
    appointment = _lock(appointment)
    if not Appointment.objects.manageable_by(by).filter(pk=appointment.pk).exists():
        raise PermissionDenied
    if appointment.is_untold:
        _note(appointment, AppointmentEventCode.TOLD, by=by, now=now)
    return _save_told(appointment, is_told=True)


def settle_on_judgement(*, referral, by, now):
    """A judgement ends the planning: an intake that has begun was held, one to come is called off and told."""
    for appointment in referral.appointments.booked().order_by("pk"):
        if appointment.starts_at <= now:
            move_state(_lock(appointment), AppointmentState.HELD, by=by, now=now)
        else:
            call_off(appointment=appointment, reason=CancelReason.JUDGED, by=by, now=now)


@transaction.atomic
def be_away(*, user, starts_at, ends_at, by, now, note=""):
    """Leave over intakes: they are called off and told, the desk plans them anew, and the leave is noted.

    Returns the appointments. BookingClash when sessions or talks stand in the way too: then nothing is written.
    """
    appointments = call_off_intakes(user=user, starts_at=starts_at, ends_at=ends_at, by=by, now=now)
    take_leave(user=user, starts_at=starts_at, ends_at=ends_at, by=user, now=now, note=note)
    return appointments


@transaction.atomic
def call_off_intakes(*, user, starts_at, ends_at, by, now):
    """Every intake of this worker that shares a moment with [starts_at, ends_at) and is still to come."""
    if not can_report_for(by, user):
        raise PermissionDenied
    return [
        call_off(appointment=appointment, reason=CancelReason.WORKER_AWAY, by=by, now=now)
        for appointment in intakes_between(user, starts_at, ends_at)
    ]


def intakes_between(user, starts_at, ends_at):
    """What is planned with this worker then, in order."""
    planned = Appointment.objects.booked().filter(worker=user, starts_at__lt=ends_at, ends_at__gt=starts_at)
    planned = planned.select_related("referral__client__contact", "room__venue", "worker")
    return planned.defer("referral__question", "referral__aim").order_by("starts_at", "pk")


def move_state(appointment, to, *, by, now, reason=""):
    """The one mover of an appointment's state: frees what it no longer takes, and writes the history row with it."""
    if to not in APPOINTMENT_MOVES[appointment.state]:
        raise DeskRefused("not_booked" if to == AppointmentState.CANCELLED else "not_possible")
    appointment.state, appointment.cancel_reason = to, reason
    freed = []
    if to == AppointmentState.CANCELLED:
        freed = [appointment.worker_booking, appointment.room_booking]
        appointment.worker_booking = appointment.room_booking = None
    appointment.save()
    for booking in filter(None, freed):
        booking.delete()
    _note(appointment, AppointmentEventCode(to.value), by=by, now=now, reason=reason)
    if to in _OUTCOMES:
        _keep_in_sight(appointment, by=by, now=now)


def _keep_in_sight(appointment, *, by, now):
    """R7, R10: an intake that was held is a first contact; who did not come is asked after on the next working day."""
    client, about = appointment.referral.client, FollowUpAbout.NO_SHOW
    intake, key = {"way": ContactWay.INTAKE, "at": appointment.starts_at}, f"appointment:{appointment.pk}"
    client.contact_moments.filter(**intake).delete()
    if appointment.state == AppointmentState.HELD:
        settle_by_rule(client=client, about=about, key=key, by=by, now=now)
        note_contact(client=client, is_reached=True, by=appointment.worker, now=now, **intake)
        return
    due_on = next_contact_day(is_reached=False, today=timezone.localdate(now))
    plan_follow_up(client=client, about=about, key=key, due_on=due_on, by=by, now=now, for_user=appointment.worker)


def _hold_referral(pk):
    return Referral.objects.select_for_update(of=("self",)).select_related("client__contact").get(pk=pk)


def hold_referrals(appointments):
    """Before anything else is locked, and in order: two who change the same appointments never wait for each other."""
    for pk in sorted({appointment.referral_id for appointment in appointments}):
        _hold_referral(pk)


def _lock_referral(referral, by):
    locked = _hold_referral(referral.pk)
    if not Referral.objects.of_desk(by).filter(pk=locked.pk).exists():
        raise DeskRefused("not_here")
    if locked.state != ReferralState.RECEIVED:
        raise AlreadyJudged(locked)
    return locked


def _lock(appointment):
    rows = Appointment.objects.select_for_update(of=("self",)).select_related(
        "worker", "worker_booking", "room_booking", "room__venue", "referral__client__contact"
    )
    return rows.get(pk=appointment.pk)


def _lock_place(slot, date, referral, *, by, now):
    """The slot, locked, if it has a place for this client on this day; whether that is free shows when it is taken."""
    rows = IntakeSlot.objects.select_for_update(of=("self",), no_key=True).select_related("worker", "room__venue")
    slot = rows.filter(pk=slot.pk).first()
    if slot is None or not slot.holds_on(date):
        raise DeskRefused("no_such_place")
    if not IntakeSlot.objects.manageable_by(by).filter(pk=slot.pk).exists():
        raise PermissionDenied
    if slot.period_on(date)[0] <= now:
        raise DeskRefused("past")
    if date in public_holidays(date.year):
        raise DeskRefused("holiday")
    if slot.cancellations.filter(date=date).exists():
        raise DeskRefused("cancelled")
    if slot.room is not None and not slot.room.is_active:
        raise DeskRefused("room_out_of_use")
    if not can_receive(slot.worker, referral.client):
        raise DeskRefused("worker_elsewhere", name=slot.worker.short_name)
    return slot


def can_receive(worker, client):
    """Whether this social worker may judge this client: works, by now, where they live (R41)."""
    here = worker.work_areas.filter(municipality__neighbourhoods=client.neighbourhood_id)
    return User.objects.with_role(RoleName.SOCIAL_WORKER).filter(pk=worker.pk).exists() and here.exists()


def _take(appointment, slot, date):
    """Book worker and room for this occurrence and save; PlaceGone when one of them, or the place, is taken."""
    hold(users={slot.worker_id, appointment.worker_id} - {None}, rooms={slot.room_id, appointment.room_id} - {None})
    appointment.slot, appointment.date, appointment.worker = slot, date, slot.worker
    appointment.way, appointment.room = slot.way, slot.room
    appointment.starts_at, appointment.ends_at = slot.period_on(date)
    try:
        with transaction.atomic():
            _book(appointment)
    except IntegrityError as error:
        name = error.__cause__.diag.constraint_name
        if name == "appointment_open_once":
            raise DeskRefused("has_appointment") from error
        if name not in _TAKEN:
            raise
        raise PlaceGone from error


def _book(appointment):
    period = appointment.period
    worker = appointment.worker_booking or WorkerBooking(kind=BookingKind.INTAKE)
    worker.user, worker.period = appointment.worker, period
    worker.save()
    room, freed = appointment.room_booking, None
    if appointment.room is None:
        room, freed = None, room
    else:
        room = room or RoomBooking(kind=RoomBookingKind.OTHER, note="Intake")
        room.room, room.period = appointment.room, period
        room.save()
    appointment.worker_booking, appointment.room_booking = worker, room
    appointment.save()
    if freed is not None:
        freed.delete()


def _note(appointment, code, *, by, now, reason=""):
    AppointmentEvent.objects.create(
        appointment=appointment, code=code, at=now, by=by, starts_at=appointment.starts_at, reason=reason
    )


def _tell(appointment, tell, now):
    return _save_told(appointment, is_told=tell(appointment=appointment, now=now))


def _save_told(appointment, *, is_told):
    appointment.is_untold = not is_told
    appointment.save(update_fields=["is_untold"])
    return appointment
