"""R28: who goes on into a next round, however many they are; and "five more" for who has a place there already."""

import pytest

from groups.enums import EntryPolicy, EntryState, LeaveReason, Outcome, ParticipationState
from groups.models import Cycle, Participation, WaitlistEntry
from groups.services.cycles import settle_cycles
from groups.services.invitations import answer_invitation
from groups.services.renewals import choose_outcome
from groups.services.waitlists import leave_waitlist, set_sizes
from tests.factories.groups import NOW, make_cycle, make_entry, make_offer, sweep
from tests.factories.neighbourhoods import make_room


def run_until(cycle, number):
    """Sessions 1 to number are held; returns the moment after the last of them."""
    settle_cycles(now=cycle.sessions.get(number=1).starts_at)
    now = cycle.sessions.get(number=number).ends_at
    settle_cycles(now=now)
    return now


def choose(participation, outcome, now):
    choose_outcome(participation=participation, outcome=outcome, by=participation.cycle.lead, now=now)


# --- all of them


@pytest.mark.django_db
def test_a_group_that_is_larger_than_new_ones_may_be_goes_on_whole_in_a_room_that_holds_it():
    cycle = make_cycle(4)
    now = run_until(cycle, 4)
    sizes = {"minimum": 3, "soft_maximum": 3, "hard_maximum": 4}
    set_sizes(waitlist=cycle.waitlist, reason="kleiner", by=cycle.lead, now=now, **sizes)
    type(cycle.room).objects.filter(pk=cycle.room_id).update(capacity=5)
    home = cycle.catchment.neighbourhoods.get()
    larger = make_room(name_of_venue="Groter huis", neighbourhood=home, now=NOW)
    for participation in cycle.participations.all():
        choose(participation, Outcome.FIVE_MORE, now)
    sweep(now)
    following = Cycle.objects.get(continues=cycle)
    assert following.participations.count() == 4
    assert following.room == larger
    assert following.soft_maximum <= following.hard_maximum


# --- "five more" of who entered late


@pytest.fixture
def late(db):
    """(place, moment): entered at the third session, said yes; four are held, and the rest is kept: two more."""
    cycle = make_cycle(offer=make_offer(entry_policy=EntryPolicy.EVERY_SESSION))
    now = run_until(cycle, 2)
    entry = make_entry(cycle.waitlist, now=now)
    sweep(now)
    place = Participation.objects.get(entry=entry)
    answer_invitation(participation=place, coming=True, now=now)
    now = run_until(cycle, 4)
    assert WaitlistEntry.objects.get(continues=place).sessions_left == 2
    return place, now


def next_round(place, now):
    """The others go on too; returns the place that the late one has in the next cycle."""
    for other in place.cycle.participations.filter(enters_at=1):
        choose(other, Outcome.FIVE_MORE, now)
    sweep(now)
    return Participation.objects.get(cycle__continues=place.cycle, client=place.client)


def test_five_more_keeps_the_place_for_the_rest_that_much_longer(late):
    place, now = late
    following = next_round(place, now)
    assert following.sessions_right == 2
    for _twice in range(2):
        choose(place, Outcome.FIVE_MORE, now)
    following.refresh_from_db()
    assert (following.sessions_right, following.state) == (7, ParticipationState.CONFIRMED)
    assert WaitlistEntry.objects.filter(client=place.client).exclude(state=EntryState.PLACED).count() == 0
    now = run_until(following.cycle, 2)
    following.refresh_from_db()
    assert following.state == ParticipationState.CONFIRMED, "the two that were kept are not the end of it"
    run_until(following.cycle, 4)
    assert WaitlistEntry.objects.get(continues=following).sessions_left == 2


def test_five_more_before_the_next_round_is_formed_is_one_place_on_the_list(late):
    place, now = late
    choose(place, Outcome.FIVE_MORE, now)
    going_on = WaitlistEntry.objects.get(continues=place)
    assert (going_on.state, going_on.has_priority) == (EntryState.WAITING, True)
    assert next_round(place, now).sessions_right == 7


def test_five_more_chosen_before_the_rest_is_kept_counts_the_rest_too(db):
    """R22, R28: entered at the third of five, decided at the third: two are left, and five more."""
    cycle = make_cycle(offer=make_offer(entry_policy=EntryPolicy.EVERY_SESSION))
    now = run_until(cycle, 2)
    entry = make_entry(cycle.waitlist, now=now)
    sweep(now)
    place = Participation.objects.get(entry=entry)
    answer_invitation(participation=place, coming=True, now=now)
    choose(place, Outcome.FIVE_MORE, run_until(cycle, 3))
    assert WaitlistEntry.objects.get(continues=place).sessions_left == 7


def test_five_more_after_being_taken_off_the_list_waits_again_for_the_rest_and_five_more(late):
    place, now = late
    kept = WaitlistEntry.objects.get(continues=place)
    leave_waitlist(entry=kept, reason=LeaveReason.OWN_CHOICE, by=place.cycle.lead, now=now)
    now = run_until(place.cycle, 5)
    assert not WaitlistEntry.objects.waiting().exists(), "what somebody took off the list does not come back by itself"
    choose(place, Outcome.FIVE_MORE, now)
    again = WaitlistEntry.objects.waiting().get()
    assert (again.client, again.continues, again.sessions_left) == (place.client, place, 7)
    assert again.has_priority
    assert next_round(place, now).sessions_right == 7


def test_five_more_chosen_again_after_being_taken_off_the_list_waits_again(late):
    """The choice stands already; that somebody took the place off the list is no choice."""
    place, now = late
    choose(place, Outcome.FIVE_MORE, now)
    leave_waitlist(
        entry=WaitlistEntry.objects.get(continues=place), reason=LeaveReason.OWN_CHOICE, by=place.cycle.lead, now=now
    )
    choose(place, Outcome.FIVE_MORE, now)
    assert WaitlistEntry.objects.waiting().get().continues == place
