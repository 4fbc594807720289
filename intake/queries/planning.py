"""Who still needs an intake (R2, R17), whom to call about theirs, and which ones have no outcome yet."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from intake.enums import CANCELLED_BY_US, AppointmentState
from intake.models import Appointment, Referral
from intake.queries.desk import appointments_of
from neighbourhoods.models import WorkArea


def to_plan(user, *, municipality=None, worker=None):
    """Referrals without an intake, the longest waiting first (R17), with `no_shows` and how the last one ended.

    municipality: of who lives there only. worker: of whom this colleague can receive, who works where they live.
    """
    last = Appointment.objects.filter(referral=OuterRef("pk")).order_by("-made_at", "-pk")
    return (
        _narrowed(Referral.objects.of_desk(user), municipality, worker)
        .without_appointment()
        .annotate(
            no_shows=Count("appointments", filter=Q(appointments__state=AppointmentState.NO_SHOW)),
            last_state=Subquery(last.values("state")[:1]),
            last_reason=Subquery(last.values("cancel_reason")[:1]),
        )
        # Held, and only the judgement is missing: nothing to plan.
        .filter(Q(last_state__isnull=True) | ~Q(last_state=AppointmentState.HELD))
        .select_related("client__contact", "client__neighbourhood__municipality")
        .defer(
            *("question", "aim", "client__neighbourhood__polygon", "client__neighbourhood__figures"),
            *("client__neighbourhood__municipality__polygon", "client__neighbourhood__municipality__figures"),
        )
        .longest_first()
    )


def _narrowed(referrals, municipality, worker):
    if municipality is not None:
        referrals = referrals.filter(client__neighbourhood__municipality=municipality)
    if worker is not None:
        works_in = WorkArea.objects.filter(user=worker).order_by().values("municipality")
        referrals = referrals.filter(client__neighbourhood__municipality__in=works_in)
    return referrals


def called_off_by_us(waiting):
    """Of to_plan(): whose last intake we called off ourselves."""
    return waiting.filter(last_state=AppointmentState.CANCELLED, last_reason__in=CANCELLED_BY_US)


def not_come(waiting):
    """Of to_plan(): who did not come to the last one."""
    return waiting.filter(last_state=AppointmentState.NO_SHOW)


@dataclass(frozen=True)
class PlanRow:
    """One line of the queue: short name, how long, and what to know before reaching out (R40)."""

    referral: Referral
    days: int
    no_shows: int
    is_ours_to_mend: bool
    did_not_come: bool

    @property
    def client(self):
        return self.referral.client

    @property
    def has_hints(self):
        return self.did_not_come or self.is_ours_to_mend or self.no_shows > 1 or self.client.contact.is_careful


def plan_rows(referrals, *, today):
    return [
        PlanRow(
            referral=row,
            days=row.days_waiting(today),
            no_shows=row.no_shows,
            is_ours_to_mend=row.last_state == AppointmentState.CANCELLED and row.last_reason in CANCELLED_BY_US,
            did_not_come=row.last_state == AppointmentState.NO_SHOW,
        )
        for row in referrals
    ]


def to_call(user):
    """Appointments of which no safe mail tells the client: somebody has to call (R40)."""
    return appointments_of(user).filter(is_untold=True)


def without_outcome(user, *, now):
    """Over, and nobody noted whether the client came."""
    return appointments_of(user).booked().filter(ends_at__lte=now)


def own_intakes(user, *, now):
    """(a social worker's own intakes still to come today, those without an outcome); one statement."""
    to_come = Q(worker=user, date=timezone.localdate(now), ends_at__gt=now)
    rows = list(appointments_of(user).booked().filter(to_come | Q(ends_at__lte=now)))
    return [row for row in rows if row.ends_at > now], [row for row in rows if row.ends_at <= now]
