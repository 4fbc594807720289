"""Who waits on a list, with what R10b asks of each."""

from collections import defaultdict

from django.db.models import Q

from clients.enums import ConsentPurpose
from clients.models import Client, ClientAvailability, Exclusion
from groups.engine import Person
from groups.enums import CycleState, ParticipationState
from groups.models import Participation
from neighbourhoods.enums import CatchmentLevel


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
