"""Who may lead or co-lead, and what each carries already (R14)."""

import datetime as dt
from collections import defaultdict

from django.db.models import Q

from accounts.enums import BookingKind, RoleName
from accounts.models import User, WeeklyAvailability, WorkerBooking
from groups.engine import Window, Worker
from groups.enums import CompetenceKind
from groups.models import Competence, Cycle
from groups.services.facts.busy import local_busy, midnight
from neighbourhoods.enums import CatchmentLevel

PROFESSIONALS = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER)


def load_workers(waitlist, today, *, only=None):
    """Who may lead or co-lead this offer in this catchment (R14); `only` limits it to these user ids."""
    competences = (
        Competence.objects.valid(today=today)
        .for_offer(waitlist.offer)
        .filter(user__is_active=True, user__in=_works_in(waitlist.catchment))
        .select_related("user")
    )
    if only is not None:
        competences = competences.filter(user__in=only)
    users, until = {}, defaultdict(dict)
    for row in competences.order_by("user_id", "kind", "pk"):
        users[row.user_id] = row.user
        previous = until[row.user_id].get(row.kind, dt.date.min)
        until[row.user_id][row.kind] = max(previous, row.expires_on or dt.date.max)
    return _build_workers(waitlist, today, users, until)


def load_loads(user_ids, today):
    """What these people carry now, as bare Workers: their live cycles, minutes a week, and caps (R14)."""
    _busy, minutes = _worker_bookings(user_ids, today)
    cycles = _live_cycles(user_ids)
    return [
        Worker(
            id=user.pk,
            cycles=cycles[user.pk],
            max_cycles=user.max_cycles,
            minutes_by_week=minutes[user.pk],
            max_minutes_week=user.max_group_hours_week * 60,
        )
        for user in User.objects.filter(pk__in=user_ids).order_by("pk")
    ]


def _works_in(catchment):
    """Users whose work area or team lies in the catchment's municipality; anywhere for the region."""
    if catchment.level == CatchmentLevel.REGION:
        return User.objects.order_by().values("pk")
    return (
        User.objects.filter(
            Q(work_areas__municipality=catchment.municipality_id)
            | Q(team_memberships__team__municipality=catchment.municipality_id)
        )
        .order_by()
        .values("pk")
    )


def _build_workers(waitlist, today, users, until):
    windows = defaultdict(list)
    for row in WeeklyAvailability.objects.filter(user__in=users).order_by("pk"):
        windows[row.user_id].append(Window(row.weekday, row.starts_at, row.ends_at))
    busy, minutes = _worker_bookings(users, today)
    roles = defaultdict(set)
    for user_id, role in User.objects.filter(pk__in=users).values_list("pk", "role_assignments__role").order_by("pk"):
        roles[user_id].add(role)
    teammates = set(
        User.objects.filter(team_memberships__team__catchments=waitlist.catchment, pk__in=users)
        .order_by()
        .values_list("pk", flat=True)
    )
    cycles = _live_cycles(users)
    return tuple(
        Worker(
            id=pk,
            windows=tuple(windows[pk]),
            busy=tuple(busy[pk]),
            lead_until=until[pk].get(CompetenceKind.LEAD) if roles[pk] & set(PROFESSIONALS) else None,
            co_lead_until=until[pk].get(CompetenceKind.CO_LEAD),
            is_social_worker=bool(roles[pk] & set(PROFESSIONALS)),
            co_lead_rank=_rank(pk, roles[pk], teammates),
            cycles=cycles[pk],
            max_cycles=user.max_cycles,
            minutes_by_week=minutes[pk],
            max_minutes_week=user.max_group_hours_week * 60,
        )
        for pk, user in sorted(users.items())
    )


def _rank(pk, roles, teammates):
    """R14: the second seat goes to a member of this neighbourhood's team, then another team's, then a colleague."""
    if pk in teammates:
        return 0
    return 1 if RoleName.TEAM_MEMBER in roles else 2


def _worker_bookings(users, today):
    busy, minutes = defaultdict(list), defaultdict(lambda: defaultdict(int))
    rows = WorkerBooking.objects.filter(user__in=users, period__endswith__gt=midnight(today)).values_list(
        "user", "period", "kind"
    )
    for user, period, kind in rows.order_by("pk"):
        taken = local_busy(period)
        busy[user].append(taken)
        if kind == BookingKind.SESSION:
            week = taken.start.date().isocalendar()[:2]
            minutes[user][week] += int((taken.end - taken.start).total_seconds() // 60)
    return busy, minutes


def _live_cycles(users):
    """How many live cycles each leads or co-leads (R14)."""
    counts = defaultdict(int)
    rows = Cycle.objects.live().filter(Q(lead__in=users) | Q(co_lead__in=users)).values_list("lead", "co_lead")
    for lead, co_lead in rows.order_by("pk"):
        counts[lead] += 1
        if co_lead is not None:
            counts[co_lead] += 1
    return counts
