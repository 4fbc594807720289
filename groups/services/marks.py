"""R30: what participants think of the group, by their link or on paper, and workers of this way of working."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.enums import RoleName
from groups.enums import STAYED, AttendanceState, CycleState, HistoryCode, MarkSource, ParticipationState, SessionState
from groups.exceptions import NotAllowed
from groups.models import Attendance, Cycle, ParticipantMark, Participation, WorkerMark
from groups.models.progress import HALF_MARKS
from groups.notifications import ask_for_marks, is_told_by_link
from groups.own_round import is_asked
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.notes import notes_of

LINK_OPEN = dt.timedelta(weeks=6)  # after the last session
# Of several roles, the one in which somebody leads.
ROLES = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER, RoleName.TEAM_MEMBER)


def mark_until(participation):
    """The last local day on which the link takes a mark: six weeks after the cycle's last session."""
    days = participation.cycle.sessions.exclude(state=SessionState.CANCELLED).order_by("-date")
    last = days.values_list("date", flat=True).first()
    return None if last is None else last + LINK_OPEN


def _check_score(score):
    if not Decimal(score).is_finite() or Decimal(score) not in HALF_MARKS:
        raise NotAllowed("mark_not_by_halves")


@transaction.atomic
def give_mark(*, participation, score, now, why=""):
    """The participant's own, by the link; a later one takes its place.

    NotAllowed: mark_not_by_halves, marks_too_early, mark_over, mark_given_already (on paper), not_by_link (R40).
    """
    _check_score(score)
    row = _locked(participation)
    if not is_told_by_link(row.client):
        raise NotAllowed("not_by_link")
    _check_asked(row, now)
    until = mark_until(row)
    if until is None or timezone.localdate(now) > until:
        raise NotAllowed("mark_over")
    return _keep(row, score, why, source=MarkSource.LINK, by=None, now=now)


@transaction.atomic
def note_mark(*, participation, score, by, now, why=""):
    """From paper. NotAllowed: mark_given_already, but for who entered it and made a slip; and as give_mark()."""
    _check_score(score)
    row = _locked(participation)
    _check_asked(row, now)
    return _keep(row, score, why, source=MarkSource.PAPER, by=by, now=now)


def _locked(participation):
    """Under the cycle's lock, as everybody takes them; with the client's key: the why is sealed with it."""
    lock_cycle(participation.cycle_id)
    rows = Participation.objects.select_for_update(of=("self",)).select_related(
        "client__key", "client__contact", "cycle__waitlist", "entry"
    )
    return rows.get(pk=participation.pk)


def _check_asked(row, now):
    """Who took part is asked once their own last session began; at the latest when the cycle is over."""
    if row.state not in STAYED:
        raise NotAllowed("not_in_cycle")
    sessions = list(row.cycle.sessions.order_by("number"))
    if row.cycle.state != CycleState.FINISHED and not is_asked(row, sessions, now=now):
        raise NotAllowed("marks_too_early")


def _keep(row, score, why, *, source, by, now):
    there = ParticipantMark.objects.filter(participation=row).first()
    if there is not None and (there.source, there.noted_by_id) != (source, by and by.pk):
        raise NotAllowed("mark_given_already")
    mark = there or ParticipantMark()
    mark.participation = row
    if there is not None and (mark.score, mark.why) == (Decimal(score), why.strip()):
        return mark
    mark.score, mark.why, mark.source, mark.given_at, mark.noted_by = Decimal(score), why.strip(), source, now, by
    mark.save()
    record(
        HistoryCode.MARK_NOTED, at=now, by=by, rule="" if by else "R30", cycle=row.cycle, waitlist=row.cycle.waitlist
    )
    return mark


@transaction.atomic
def rate_way_of_working(*, cycle, by, score, now, why=""):
    """A leader's own mark, with the role they have now; a later one takes its place.

    NotAllowed: marks_too_early (asked when the cycle is finished), mark_not_by_halves.
    """
    _check_score(score)
    if not Cycle.objects.filter(pk=cycle.pk, state=CycleState.FINISHED).exists():
        raise NotAllowed("marks_too_early")
    notes = notes_of(cycle)
    mark = WorkerMark.objects.select_for_update(of=("self",)).filter(cycle=cycle, user=by).first()
    mark = mark or WorkerMark(cycle=cycle, user=by)
    mark.notes = notes
    mark.role = next(str(role) for role in ROLES if role in by.role_names)
    mark.score, mark.why, mark.given_at = Decimal(score), why.strip(), now
    mark.save()
    return mark


def ask_at_the_end(participations, *, now):
    """R30: who just had their last session is asked for a mark, once and only where a mail is safe (R40).

    Not who never said yes and was never seen. The caller settles the rounds.
    """
    came = Attendance.objects.filter(participation__in=participations, state__in=AttendanceState.came()).order_by()
    seen = set(came.values_list("participation", flat=True))
    noted = Attendance.objects.filter(participation__in=participations).order_by()
    known = set(noted.values_list("participation", flat=True))
    asked = [
        row
        for row in participations
        if row.pk in seen or (row.pk not in known and row.state == ParticipationState.CONFIRMED)
    ]
    if asked:
        ask_for_marks(participations=asked, until=mark_until(asked[0]), now=now)
