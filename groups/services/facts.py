"""Loads what the engine must know about one waitlist: the database's side of decide(facts)."""

import datetime as dt
from collections import defaultdict

from django.db.models import Q
from django.utils import timezone

from accounts.enums import BookingKind, RoleName
from accounts.models import User, WeeklyAvailability, WorkerBooking
from accounts.periods import local_moment
from clients.enums import DAY_PART_BOUNDS, ConsentPurpose
from clients.models import Client, ClientAvailability, Exclusion
from groups.calendar import blocked_dates
from groups.engine import Busy, Facts, OpenCycle, Person, Place, Rules, Window, Worker
from groups.enums import CompetenceKind, CycleState, EntryState, ParticipationState, TalkMoment
from groups.models import Competence, Cycle, Participation, WaitlistEntry
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import OpeningHours, Room, RoomBooking

HORIZON_WEEKS = 12
RATE_WEEKS = 12
PROFESSIONALS = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER)


def load_facts(*, waitlist, now):
    """Facts as of `now` (aware). Costs the same number of statements however many people wait."""
    today = timezone.localdate(now)
    rules = load_rules(waitlist)
    people = load_people(waitlist, today)
    return Facts(
        today=today,
        rules=rules,
        people=people,
        workers=load_workers(waitlist, today),
        places=load_places(waitlist, today),
        open_cycles=load_open_cycles(waitlist, today),
        blocked_dates=blocked_dates(
            today=today,
            weeks=HORIZON_WEEKS + 2 * (rules.sessions or 0) + 10,
            skips_school_holidays=waitlist.offer.skips_school_holidays,
        ),
        day_parts=tuple((part.value, start, end) for part, (start, end) in DAY_PART_BOUNDS.items()),
        horizon_weeks=HORIZON_WEEKS,
        joined_per_week=_joined_per_week(waitlist, now),
    )


def load_rules(waitlist):
    """The offer's settings with this list's own minimum and maxima (R11)."""
    offer = waitlist.offer
    soft = waitlist.soft_maximum or waitlist.hard_maximum
    return Rules(
        minimum=waitlist.minimum,
        soft_maximum=soft or waitlist.minimum,
        hard_maximum=waitlist.hard_maximum or soft or waitlist.minimum,
        sessions=offer.sessions_count,
        minutes=offer.session_minutes,
        lead_days=offer.lead_time_days,
        needs_judgement=offer.needs_judgement,
        talk_first=offer.talk_moment == TalkMoment.BEFORE_PLACEMENT,
        audience=offer.audience,
        age_from=offer.age_from,
        age_to=offer.age_to,
        second_seat=offer.second_seat_required,
        two_workers=offer.two_workers_required,
        level=waitlist.catchment.level,
        may_run_in_neighbourhood=offer.may_run_in_neighbourhood,
        is_active=offer.is_active,
        fixed_weekday=offer.fixed_weekday,
        fixed_start=offer.fixed_start_time,
        fixed_part=offer.fixed_day_part,
    )


def load_people(waitlist, today):
    """Everyone waiting on this list, in order (R17), with what R10b asks."""
    entries = list(waitlist.entries.waiting().in_order().select_related("problem_kind"))
    clients = {
        client.pk: client
        for client in Client.objects.filter(pk__in=[entry.client_id for entry in entries])
        .with_consent(ConsentPurpose.REGISTRATION)
        .select_related("neighbourhood")
    }
    ids = tuple(clients)
    placed, declined = _placements(waitlist, ids)
    excluded, parts = _exclusions(ids), _parts(ids)
    return tuple(
        Person(
            id=entry.pk,
            waiting_since=entry.waiting_since,
            client=client.pk,
            has_priority=entry.has_priority,
            is_judged=entry.judged_at is not None,
            is_on_hold=entry.is_on_hold,
            has_consent=client.has_consent,
            talk_held=entry.talk_held_on is not None,
            age=client.age_on(today),
            sex=client.sex,
            has_fit_exception=bool(entry.fit_exception),
            is_placed_elsewhere=client.pk in placed,
            refuses_here=_refuses_here(client, waitlist.catchment),
            kind=entry.problem_kind_id,
            is_psychosocial=entry.problem_kind is not None and entry.problem_kind.is_psychosocial,
            excluded=excluded[client.pk],
            declined_cycles=frozenset(declined[client.pk]),
            parts=frozenset(parts[client.pk]) if client.pk in parts else None,
        )
        for entry in entries
        for client in [clients[entry.client_id]]
    )


def _refuses_here(client, catchment):
    """R18: not in one's own neighbourhood."""
    return (
        client.refuses_own_neighbourhood
        and catchment.level == CatchmentLevel.NEIGHBOURHOOD
        and client.neighbourhood.catchment_id == catchment.pk
    )


def _placements(waitlist, client_ids):
    """Who sits in a live cycle of the same offer, and which of this list's cycles each person is done with."""
    placed, done_with = set(), defaultdict(set)
    rows = Participation.objects.filter(Q(cycle__waitlist__offer=waitlist.offer), client__in=client_ids).values_list(
        "client", "cycle", "state", "cycle__state"
    )
    for client, cycle, state, cycle_state in rows:
        done_with[client].add(cycle)
        counts = state in (ParticipationState.INVITED, ParticipationState.CONFIRMED)
        if counts and cycle_state in (CycleState.FORMED, CycleState.RUNNING):
            placed.add(client)
    return placed, done_with


def _exclusions(client_ids):
    """R18: client → the clients never to sit with."""
    pairs = defaultdict(frozenset)
    rows = Exclusion.objects.filter(Q(client__in=client_ids) | Q(other__in=client_ids)).values_list("client", "other")
    for first, second in rows:
        pairs[first] |= {second}
        pairs[second] |= {first}
    return pairs


def _parts(client_ids):
    parts = defaultdict(set)
    rows = ClientAvailability.objects.filter(client__in=client_ids).values_list("client", "weekday", "part")
    for client, weekday, part in rows:
        parts[client].add((weekday, part))
    return parts


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
    rows = WorkerBooking.objects.filter(user__in=users, period__endswith__gt=_midnight(today)).values_list(
        "user", "period", "kind"
    )
    for user, period, kind in rows.order_by("pk"):
        taken = _local_busy(period)
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


def load_places(waitlist, today):
    """Rooms that a group of this list may meet in, those in the catchment first (R20, R40)."""
    catchment = waitlist.catchment
    rooms = Room.objects.filter(is_active=True, venue__is_hidden=waitlist.offer.place_is_hidden)
    if catchment.level != CatchmentLevel.REGION:
        rooms = rooms.filter(venue__municipality=catchment.municipality_id)
    held_in = set(waitlist.offer.municipalities.order_by().values_list("pk", flat=True))
    rooms = [
        room
        for room in rooms.select_related("venue__neighbourhood").order_by("pk")
        if not held_in or room.venue.municipality_id in held_in
    ]
    hours, busy = defaultdict(list), defaultdict(list)
    venues = {room.venue_id for room in rooms}
    for row in OpeningHours.objects.filter(venue__in=venues).order_by("pk"):
        hours[row.venue_id].append(Window(row.weekday, row.opens_at, row.closes_at))
    taken = RoomBooking.objects.filter(room__in=[room.pk for room in rooms], period__endswith__gt=_midnight(today))
    for room, period in taken.order_by("pk").values_list("room", "period"):
        busy[room].append(_local_busy(period))
    return tuple(
        Place(room.pk, room.capacity, tuple(hours[room.venue_id]), tuple(busy[room.pk]), _distance(room, catchment))
        for room in rooms
    )


def _distance(room, catchment):
    if catchment.level != CatchmentLevel.NEIGHBOURHOOD:
        return 0
    neighbourhood = room.venue.neighbourhood
    return 0 if neighbourhood is not None and neighbourhood.catchment_id == catchment.pk else 1


def load_open_cycles(waitlist, today):
    """Formed cycles before their first session: they take newcomers up to the soft maximum (R12)."""
    cycles = list(
        waitlist.cycles.filter(state=CycleState.FORMED, starts_on__gt=today).select_related("room").order_by("pk")
    )
    people = defaultdict(set)
    rows = Participation.objects.filter(cycle__in=cycles).counting().values_list("cycle", "client")
    for cycle, client in rows.order_by("pk"):
        people[cycle].add(client)
    return tuple(
        OpenCycle(
            id=cycle.pk,
            weekday=cycle.starts_on.weekday(),
            start=cycle.start_time,
            first_date=cycle.starts_on,
            seats=max(0, _seats(cycle) - len(people[cycle.pk])),
            people=frozenset(people[cycle.pk]),
        )
        for cycle in cycles
    )


def _seats(cycle):
    leaders = 1 + (cycle.co_lead_id is not None)
    return min(cycle.soft_maximum, cycle.room.capacity - leaders)


def _joined_per_week(waitlist, now):
    """Sign-ups a week over the last twelve; None while the list is younger than that (R11)."""
    since = now - dt.timedelta(weeks=RATE_WEEKS)
    joined = WaitlistEntry.objects.filter(waitlist=waitlist)
    if not joined.filter(joined_at__lt=since).exists():
        return None
    return joined.exclude(state=EntryState.LEFT).filter(joined_at__gte=since).count() / RATE_WEEKS


def _local_busy(period):
    return Busy(_naive(period.lower), _naive(period.upper))


def _naive(moment):
    return timezone.make_naive(moment, timezone.get_default_timezone())


def _midnight(day):
    return local_moment(day, dt.time.min)
