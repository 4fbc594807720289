"""R28: what is decided together after a round, for one or for all at once, and what it sets going (R36)."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from clients.enums import FollowUpAbout
from clients.models import FollowUp
from groups.enums import EntryPolicy, EntryState, HistoryCode, Outcome, ParticipationState
from groups.models import Cycle, HistoryEntry, OnwardStep, Participation, WaitlistEntry
from groups.services.after_five import DecisionsRefused
from groups.services.invitations import answer_invitation
from tests.factories.groups import fresh, make_cycle, make_entry, make_offer, make_team_and_room, sweep
from tests.factories.neighbourhoods import make_municipality
from tests.groups.rounds import decide, make_provision, run_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return make_cycle()


@pytest.fixture
def held(cycle):
    """(its participations, the moment after the fifth session)."""
    now = run_until(cycle, 5)
    return list(cycle.participations.order_by("pk")), now


def refusals(*chosen, now, **options):
    with pytest.raises(DecisionsRefused) as refused:
        decide(*chosen, now=now, **options)
    return {pk: reason.code for pk, reason in refused.value.reasons.items()}


# --- when


def test_before_the_own_last_session_only_stopping_can_be_noted(cycle):
    now = run_until(cycle, 4)
    first, second, _third = cycle.participations.order_by("pk")
    assert refusals((first, Outcome.ENOUGH), now=now) == {first.pk: "before_last_session"}
    assert fresh(first).outcome == ""
    decide((second, Outcome.STOPPED, {"reason": "verhuisd"}), now=now)
    assert fresh(second).state == ParticipationState.STOPPED


def test_during_the_fifth_session_it_is_time(cycle):
    run_until(cycle, 4)
    first = cycle.participations.order_by("pk").first()
    begun = cycle.sessions.get(number=5).starts_at
    before = begun - dt.timedelta(seconds=1)
    assert refusals((first, Outcome.ENOUGH), now=before) == {first.pk: "before_last_session"}
    decide((first, Outcome.ENOUGH), now=begun)
    assert fresh(first).outcome == Outcome.ENOUGH


def test_who_entered_late_is_asked_at_their_own_last_session():
    cycle = make_cycle(offer=make_offer(entry_policy=EntryPolicy.EVERY_SESSION))
    now = run_until(cycle, 2)
    entry = make_entry(cycle.waitlist, now=now)
    sweep(now)
    late = Participation.objects.get(entry=entry)
    answer_invitation(participation=late, coming=True, now=now)
    begun = cycle.sessions.get(number=5).starts_at
    run_until(cycle, 4)
    assert refusals((late, Outcome.ENOUGH), now=begun) == {late.pk: "before_last_session"}
    others = list(cycle.participations.filter(enters_at=1))
    decide(*((row, Outcome.FIVE_MORE) for row in others), now=begun)
    now = run_until(cycle, 5)
    sweep(now)
    following = Participation.objects.get(cycle__continues=cycle, client=late.client)
    assert following.sessions_right == 2
    begun = following.cycle.sessions.get(number=1).ends_at
    run_until(following.cycle, 1)
    assert refusals((following, Outcome.ENOUGH), now=begun) == {following.pk: "before_last_session"}
    decide((following, Outcome.ENOUGH), now=run_until(following.cycle, 2))
    assert fresh(following).outcome == Outcome.ENOUGH


# --- one save


def test_one_sweep_and_one_exception_make_the_next_cycle(held):
    rows, now = held
    decide(*((row, Outcome.FIVE_MORE) for row in rows[:2]), (rows[2], Outcome.ENOUGH, {"reason": "klaar"}), now=now)
    make_entry(rows[0].cycle.waitlist, now=now)
    sweep(now)
    following = Cycle.objects.get(continues=rows[0].cycle)
    going = {row.client_id for row in rows[:2]}
    assert going < set(following.participations.values_list("client", flat=True))
    assert rows[2].client_id not in following.participations.values_list("client", flat=True)


def test_what_cannot_be_keeps_everything_as_it_was(held):
    rows, now = held
    found = refusals((rows[0], Outcome.FIVE_MORE), (rows[1], Outcome.STOPPED), (rows[2], Outcome.PROVISION), now=now)
    assert found == {rows[1].pk: "reason_missing", rows[2].pk: "provision_missing"}
    assert {fresh(row).outcome for row in rows} == {""}
    assert not WaitlistEntry.objects.waiting().exists()


def test_decided_twice_from_two_browsers_the_second_hears_what_the_first_chose(held):
    rows, now = held
    other = rows[0].cycle.co_lead
    decide((rows[0], Outcome.ENOUGH), now=now)
    with pytest.raises(DecisionsRefused) as refused:
        decide((rows[0], Outcome.FIVE_MORE), (rows[1], Outcome.FIVE_MORE), by=other, now=now, seen="")
    reason = refused.value.reasons[rows[0].pk]
    assert (reason.code, reason.args["outcome"]) == ("outcome_changed", Outcome.ENOUGH)
    assert reason.args["who"] == rows[0].cycle.lead.short_name
    assert [fresh(row).outcome for row in rows[:2]] == [Outcome.ENOUGH, ""]


def test_the_same_decision_from_two_browsers_is_one(held):
    rows, now = held
    for by in (rows[0].cycle.lead, rows[0].cycle.co_lead):
        decide((rows[0], Outcome.FIVE_MORE), by=by, now=now, seen="")
    assert HistoryEntry.objects.filter(code=HistoryCode.OUTCOME_CHOSEN).count() == 1
    assert fresh(rows[0]).decided_by == rows[0].cycle.lead


def test_who_saw_it_may_decide_otherwise_and_other_words_are_kept(held):
    rows, now = held
    decide((rows[0], Outcome.ENOUGH, {"reason": "genoeg geleerd"}), now=now)
    decide((fresh(rows[0]), Outcome.ENOUGH, {"reason": "eerst rust"}), now=now + dt.timedelta(hours=1))
    assert fresh(rows[0]).outcome_reason == "eerst rust"
    decide((fresh(rows[0]), Outcome.FIVE_MORE), now=now + dt.timedelta(hours=2))
    assert WaitlistEntry.objects.waiting().get().client == rows[0].client


def test_who_has_a_place_in_the_next_round_is_taken_out_there_first(held):
    rows, now = held
    decide(*((row, Outcome.FIVE_MORE) for row in rows), now=now)
    sweep(now)
    assert refusals((fresh(rows[0]), Outcome.ENOUGH), now=now) == {rows[0].pk: "goes_on_already"}


# --- where to


def test_a_provision_needs_both_agreements_and_keeps_the_day(held):
    rows, now = held
    row, today = rows[0], timezone.localdate(now)
    place = make_provision(row.client.neighbourhood, now=now)
    unasked = make_provision(row.client.neighbourhood, now=now, agreed=False, name="Koffieochtend")
    to = {"provision": place}
    assert refusals((row, Outcome.PROVISION, to), now=now) == {row.pk: "client_not_agreed"}
    to |= {"agreed_on": today}
    assert refusals((row, Outcome.PROVISION, to | {"provision": unasked}), now=now) == {row.pk: "provision_not_agreed"}
    decide((row, Outcome.PROVISION, to), now=now)
    step = OnwardStep.objects.get()
    assert (step.provision, step.agreed_on, step.noted_by) == (place, today, row.cycle.lead)
    assert HistoryEntry.objects.get(code=HistoryCode.ONWARD_AGREED).args == {"to": "provision"}


def test_a_provision_of_another_municipality_is_refused(held):
    rows, now = held
    home = rows[0].client.neighbourhood
    elsewhere = type(home).objects.create(
        code="WK039699", name="Elders", municipality=make_municipality("Heemskerk", "GM0396")
    )
    to = {"provision": make_provision(elsewhere, now=now), "agreed_on": timezone.localdate(now)}
    assert refusals((rows[0], Outcome.PROVISION, to), now=now) == {rows[0].pk: "provision_not_agreed"}


def test_individual_help_is_asked_of_the_social_workers_there(held):
    rows, now = held
    decide((rows[0], Outcome.INDIVIDUAL_HELP, {"reason": "schulden"}), now=now)
    asked = FollowUp.objects.open().get()
    assert (asked.client, asked.about) == (rows[0].client, FollowUpAbout.INDIVIDUAL_HELP)
    assert (asked.for_user, asked.for_role, asked.args) == (None, RoleName.SOCIAL_WORKER, {"after": "round"})
    decide((fresh(rows[0]), Outcome.ENOUGH), now=now + dt.timedelta(hours=1))
    assert not FollowUp.objects.open().exists()
    assert not OnwardStep.objects.exists()


@pytest.fixture
def other_offer():
    return make_offer()


def test_another_group_that_fits_is_joined_at_once_by_who_places(held, other_offer):
    rows, now = held
    decide((rows[0], Outcome.OTHER_GROUP, {"offer": other_offer}), now=now)
    entry = WaitlistEntry.objects.waiting().get()
    assert (entry.offer, entry.client, entry.judged_by) == (other_offer, rows[0].client, rows[0].cycle.lead)
    assert entry.waiting_since == timezone.localdate(now)
    assert not FollowUp.objects.open().exists()


def test_another_group_is_the_social_workers_word_where_something_speaks_against_it_or_a_team_member_decides(held):
    rows, now = held
    decide((rows[0], Outcome.OTHER_GROUP, {"offer": make_offer(age_from=90)}), now=now)
    decide((rows[1], Outcome.OTHER_GROUP, {"offer": make_offer()}), by=rows[0].cycle.co_lead, now=now)
    assert not WaitlistEntry.objects.waiting().exists()
    asked = FollowUp.objects.open().order_by("pk")
    assert {(row.about, row.for_role) for row in asked} == {(FollowUpAbout.ONWARD, RoleName.SOCIAL_WORKER)}
    assert [row.client for row in asked] == [rows[0].client, rows[1].client]
    assert OnwardStep.objects.count() == 2


def test_chosen_otherwise_the_other_list_is_left_unless_there_is_a_place_already(held, other_offer):
    rows, now = held
    later = now + dt.timedelta(hours=1)
    decide((rows[0], Outcome.OTHER_GROUP, {"offer": other_offer}), now=now)
    decide((fresh(rows[0]), Outcome.ENOUGH), now=later)
    assert WaitlistEntry.objects.get(waitlist__offer=other_offer).state == EntryState.LEFT
    decide((rows[1], Outcome.OTHER_GROUP, {"offer": other_offer}), now=now)
    waitlist = WaitlistEntry.objects.waiting().get().waitlist
    make_team_and_room(waitlist)
    for _ in range(2):
        make_entry(waitlist, now=now)
    sweep(now)
    assert refusals((fresh(rows[1]), Outcome.ENOUGH), now=later) == {rows[1].pk: "goes_on_already"}


def test_who_waits_for_that_group_already_keeps_that_place(held, other_offer):
    rows, now = held
    decide((rows[0], Outcome.OTHER_GROUP, {"offer": other_offer}), now=now)
    kept = WaitlistEntry.objects.waiting().get()
    kept.joined_at -= dt.timedelta(days=30)
    kept.save()
    decide((fresh(rows[0]), Outcome.ENOUGH), now=now + dt.timedelta(hours=1))
    assert fresh(kept).state == EntryState.WAITING, "what this decision did not make, its end does not undo"
