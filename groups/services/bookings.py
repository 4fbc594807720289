"""Taking and moving people and rooms for sessions. The exclusion constraints decide; this explains (R20)."""

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.enums import BookingKind
from accounts.models import WorkerBooking
from groups.enums import Seat
from groups.exceptions import ScheduleClash
from groups.models import Session, SessionStaff
from groups.services.statements import Statement
from neighbourhoods.enums import RoomBookingKind
from neighbourhoods.models import RoomBooking

_GUARDS = {"worker_booked_once", "room_booked_once"}


_HOLD = Statement(
    "hold",
    """
WITH users AS MATERIALIZED (
         SELECT id FROM accounts_user WHERE id = ANY(%(users)s) ORDER BY id FOR NO KEY UPDATE),
     rooms AS MATERIALIZED (
         SELECT id FROM neighbourhoods_room WHERE id = ANY(%(rooms)s) ORDER BY id FOR NO KEY UPDATE),
     clients AS MATERIALIZED (
         SELECT id FROM clients_client WHERE id = ANY(%(clients)s) ORDER BY id FOR NO KEY UPDATE)
SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM rooms) AS rooms,
       (SELECT count(*) FROM clients) AS clients
""",
)


def hold(*, users, rooms, clients=()):
    """Lock workers, rooms and clients (by primary key) until the transaction ends, always in the same order.

    Without it two bookings that want each other's periods would wait for each other for ever, and what no constraint
    guards could be passed: caps, which are counts (R14), and that nobody sits in two groups at once (R20).
    """
    _HOLD.rows(users=[pk for pk in users if pk is not None], rooms=list(rooms), clients=list(clients))


def book_sessions(*, cycle, sessions, lead, co_lead):
    """Insert these unsaved sessions with their room and leaders; IntegrityError (see is_clash) if one is taken."""
    rooms = RoomBooking.objects.bulk_create(
        RoomBooking(room_id=session.room_id, period=period_of(session), kind=RoomBookingKind.SESSION)
        for session in sessions
    )
    for session, booking in zip(sessions, rooms, strict=True):
        session.cycle, session.room_booking = cycle, booking
    Session.objects.bulk_create(sessions)
    seats = [(Seat.LEAD, lead), (Seat.CO_LEAD, co_lead)]
    taken = [(session, seat, user) for session in sessions for seat, user in seats if user is not None]
    bookings = WorkerBooking.objects.bulk_create(
        WorkerBooking(user=user, period=period_of(session), kind=BookingKind.SESSION) for session, _seat, user in taken
    )
    SessionStaff.objects.bulk_create(
        SessionStaff(session=session, seat=seat, user=user, booking=booking)
        for (session, seat, user), booking in zip(taken, bookings, strict=True)
    )
    return sessions


def period_of(session):
    return (session.starts_at, session.ends_at)


def is_clash(error):
    """Whether an error says that a person or a room is taken already."""
    return isinstance(error, IntegrityError) and error.__cause__.diag.constraint_name in _GUARDS


def find_clashes(*, sessions, users=(), room=None):
    """What stands in the way of these (changed) sessions: [(who or what, period)], theirs excepted."""
    own = [session.pk for session in sessions]
    slots = Q()
    for session in sessions:
        slots |= Q(period__overlap=period_of(session))
    workers = WorkerBooking.objects.filter(slots, user__in=users).exclude(session_seat__session__in=own)
    clashes = [(row.user.short_name, row.period) for row in workers.select_related("user").order_by("period")]
    if room is not None:
        rooms = RoomBooking.objects.filter(slots, room=room).exclude(session__in=own)
        clashes += [(str(room.public_name), row.period) for row in rooms.order_by("period")]
    return clashes


@transaction.atomic
def rebook_sessions(*, sessions):
    """Bring the bookings of these changed (unsaved) sessions in line and save them; ScheduleClash explains."""
    users = [seat.user_id for session in sessions for seat in session.staff.all()]
    hold(users=users, rooms={session.room_id for session in sessions})
    clashes = _clashes_of(sessions)
    if clashes:
        raise ScheduleClash(clashes)
    try:
        with transaction.atomic():
            for session in _stumble_free(sessions):
                _rebook(session)
    except IntegrityError as error:
        if not is_clash(error):
            raise
        raise ScheduleClash(_clashes_of(sessions)) from error


def _clashes_of(sessions):
    """As find_clashes, for each session with the leaders and the room that it has itself."""
    own = [session.pk for session in sessions]
    people, places = Q(), Q()
    for session in sessions:
        at = {"period__overlap": period_of(session)}
        people |= Q(user__in=[seat.user_id for seat in session.staff.all()], **at)
        places |= Q(room=session.room_id, **at)
    workers = WorkerBooking.objects.filter(people).exclude(session_seat__session__in=own)
    rooms = RoomBooking.objects.filter(places).exclude(session__in=own)
    return [
        *((row.user.short_name, row.period) for row in workers.select_related("user").order_by("period", "pk")),
        *((str(row.room.public_name), row.period) for row in rooms.select_related("room__venue").order_by("period")),
    ]


def _stumble_free(sessions):
    """None steps on the place of another that has not moved yet: first those that go earlier, in their order; then
    those that go later, the last of them first.
    """
    ordered = sorted(sessions, key=lambda session: session.starts_at)
    later = [session for session in ordered if session.starts_at > session.room_booking.period.lower]
    return [*(session for session in ordered if session not in later), *reversed(later)]


def _rebook(session):
    session.room_booking.room = session.room
    session.room_booking.period = period_of(session)
    session.room_booking.save()
    for seat in session.staff.all():
        seat.booking.period = period_of(session)
        seat.booking.save()
    session.save()


def release_session(*, session_pk, room_booking_pk):
    """Free the room and the leaders of a session that is no longer planned."""
    WorkerBooking.objects.filter(session_seat__session=session_pk).delete()
    RoomBooking.objects.filter(pk=room_booking_pk).delete()
