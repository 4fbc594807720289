"""What a referrer hears (R9), and the social workers' queue (R3, R7, R17)."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from clients.enums import ConsentPurpose, InvolvementKind
from clients.services import involve, update_client, withdraw_consent
from groups.enums import CycleState, LeaveReason
from groups.models import Cycle, WaitlistEntry
from groups.services.invitations import answer_invitation
from groups.services.waitlists import leave_waitlist
from intake.enums import Decision, ReferralState, StatusCode
from intake.models import Referral
from intake.queries import outcome_rows, queue_for, queue_rows, referral_status, with_status_facts
from intake.wording import status_text
from tests.factories.accounts import (
    make_administrator,
    make_coordinator,
    make_desk,
    make_group_worker,
    make_social_worker,
)
from tests.factories.groups import NOW, make_offer
from tests.factories.intake import (
    make_door,
    make_judge,
    make_judgement,
    make_kind,
    make_referral,
    make_referrer,
    make_seat,
)
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db


def read(referral, **kwargs):
    return referral_status(with_status_facts(Referral.objects.all()).get(pk=referral.pk), **kwargs)


def test_a_new_referral_is_received():
    status = read(make_referral())
    assert (status.code, status.args) == (StatusCode.RECEIVED, {"on": NOW.date()})


def test_on_the_waitlist_says_how_many_are_needed():
    referral = make_referral()
    make_judgement(referral, offer=make_offer(name="De Krachtcentrale"))
    status = read(referral)
    assert (status.code, status.args) == (StatusCode.WAITING, {"offer": "De Krachtcentrale", "missing": 3})
    with translation.override("nl"):
        assert status_text(status) == "De Krachtcentrale: wachtlijst, nog 3 nodig"


def test_without_the_clients_consent_the_referrer_hears_no_more_than_in_progress():
    referral = make_referral(feedback_allowed=False)
    make_judgement(referral, offer=make_offer())
    assert read(referral).code == StatusCode.IN_PROGRESS
    assert read(referral, details=True).code == StatusCode.WAITING


def test_consent_that_was_taken_back_ends_the_details():
    referral = make_referral()
    make_judgement(referral, offer=make_offer())
    withdraw_consent(client=referral.client, purpose=ConsentPurpose.FEEDBACK_TO_REFERRER, by=make_judge(), now=NOW)
    assert read(referral).code == StatusCode.IN_PROGRESS


def test_a_sensitive_offer_is_not_named():
    """R40."""
    referral = make_referral()
    make_judgement(referral, offer=make_offer(name="Veilig en krachtig", is_sensitive=True))
    assert read(referral).args["offer"] == ""
    assert "Veilig" not in status_text(read(referral))


def test_no_minimum_says_so():
    referral = make_referral()
    make_judgement(referral, offer=make_offer(minimum=None))
    assert read(referral).code == StatusCode.WAITING_NO_MINIMUM


def test_on_hold_is_told_as_something_that_comes_first():
    referral = make_referral()
    make_judgement(referral, offer=make_offer(), basic_needs_urgent=True, hold_reason="huis")
    assert read(referral).code == StatusCode.ON_HOLD


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (CycleState.FORMED, StatusCode.PLACED),
        (CycleState.RUNNING, StatusCode.RUNNING),
        (CycleState.FINISHED, StatusCode.FINISHED),
    ],
)
def test_placed_follows_the_cycle(state, code):
    referral = make_referral()
    make_judgement(referral, offer=make_offer())
    make_seat(referral.placements.get().entry, state=state)
    status = read(referral)
    assert (status.code, status.args["on"]) == (code, date(2026, 9, 22))


def test_placed_names_the_day_in_dutch():
    referral = make_referral()
    make_judgement(referral, offer=make_offer(name="De Krachtcentrale"))
    make_seat(referral.placements.get().entry)
    with translation.override("nl"):
        assert status_text(read(referral)) == "De Krachtcentrale: geplaatst: start di 22 sep"


def test_who_left_the_list_has_stopped():
    referral, sofie = make_referral(), make_judge()
    make_judgement(referral, by=sofie, offer=make_offer())
    leave_waitlist(entry=referral.placements.get().entry, reason=LeaveReason.SOLVED, by=sofie, now=NOW)
    assert read(referral).code == StatusCode.STOPPED


def test_other_decisions_are_told():
    helped, sent = make_referral(), make_referral()
    make_judgement(helped, decision=Decision.INDIVIDUAL_HELP)
    make_judgement(sent, decision=Decision.REFER_OUT, destination="Stichting Proef", reason="andere zorg")
    assert read(helped).code == StatusCode.OTHER_HELP
    assert read(sent).args == {"destination": "Stichting Proef"}


def test_of_two_lists_the_furthest_counts():
    referral, sofie = make_referral(), make_judge()
    first, second = make_offer(), make_offer(name="Tweede")
    make_judgement(referral, by=sofie, offer=first)
    entry = referral.placements.get().entry
    other = WaitlistEntry.objects.create(
        waitlist=second.waitlists.create(catchment=entry.waitlist.catchment),
        client=entry.client,
        waiting_since=NOW.date(),
        joined_at=NOW,
    )
    referral.placements.create(entry=other)
    make_seat(other)
    assert read(referral).code == StatusCode.PLACED


@pytest.mark.parametrize("rows", [1, 3])
def test_status_lines_cost_the_same_however_many(rows, django_assert_num_queries):
    teun, offer = make_referrer(), make_offer()
    for _number in range(rows):
        make_judgement(make_referral(by=teun), offer=offer)
    with django_assert_num_queries(3):
        found = with_status_facts(Referral.objects.referred_by_user(teun)).order_by("pk")
        assert [referral_status(referral).code for referral in found] == [StatusCode.WAITING] * rows


def test_referrals_are_visible_to_the_referrer_and_the_social_worker_there_only():
    teun, referral = make_referrer(), make_referral()
    elsewhere = make_municipality("Heemskerk", "GM0396")
    there = referral.neighbourhood.municipality
    visible = {
        "referrer": teun,
        "social worker": make_social_worker("Sofie", municipalities=[there]),
    }
    strangers = {
        "other team member": make_referrer("Tess"),
        "social worker elsewhere": make_social_worker("Sam", municipalities=[elsewhere]),
        "social worker without areas": make_social_worker("Stef"),
        "group worker there": make_group_worker("Gea", municipalities=[there]),
        "desk": make_desk(),
        "coordinator": make_coordinator(),
        "administrator": make_administrator(),
    }
    assert {name for name, user in visible.items() if referral not in Referral.objects.visible_to(user)} == set()
    assert {name for name, user in strangers.items() if referral in Referral.objects.visible_to(user)} == set()


def test_a_group_worker_sees_the_referral_of_a_client_they_work_with():
    referral, gea = make_referral(), make_group_worker("Gea")
    involve(client=referral.client, user=gea, kind=InvolvementKind.LEAD, now=NOW)
    assert list(Referral.objects.visible_to(gea)) == [referral]


def test_the_social_worker_who_judged_still_sees_the_referral_of_who_moved():
    sofie, referral = make_judge("Sofie", make_municipality()), make_referral()
    make_judgement(referral, by=sofie, offer=make_offer())
    duin = make_neighbourhood("Duin", make_municipality("Heemskerk", "GM0396"))
    update_client(client=referral.client, by=sofie, now=NOW, neighbourhood=duin)
    assert list(Referral.objects.visible_to(sofie)) == [referral]


def test_the_queue_holds_what_waits_here_the_longest_first():
    sofie = make_judge("Sofie", make_municipality())
    door = make_door()
    young = make_referral(neighbourhood=door, now=NOW)
    old = make_referral(neighbourhood=door, now=NOW - timedelta(days=8))
    judged = make_referral(neighbourhood=door)
    make_judgement(judged, by=sofie, offer=make_offer())
    heemskerk = make_neighbourhood("Duin", make_municipality("Heemskerk", "GM0396"))
    make_referral(neighbourhood=heemskerk)
    assert list(queue_for(sofie)) == [old, young]


def test_the_clock_runs_in_working_days():
    """R7: referred on a Monday, the fifth working day is the next Monday; the weekend does not count."""
    referral = make_referral(now=NOW)
    queue = queue_for(make_judge())
    [row] = queue_rows(queue, today=date(2026, 9, 14))
    assert (row.referral, row.due_on, row.days, row.is_over) == (referral, date(2026, 9, 14), 7, False)
    [row] = queue_rows(queue, today=date(2026, 9, 15))
    assert row.is_over is True


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_costs_the_same_however_long(rows, django_assert_num_queries):
    sofie, kind = make_judge("Sofie", make_municipality()), make_kind()
    for _number in range(rows):
        make_referral(problem_kinds=[kind])
    with django_assert_num_queries(4):
        lines = queue_rows(queue_for(sofie), today=NOW.date())
        assert [[str(kind) for kind in row.referral.problem_kinds.all()] for row in lines] == [["Eenzaamheid"]] * rows


def test_the_outcome_counts_at_once_and_says_why_somebody_does_not_count():
    """R10b, R19: right after the judgement, before the engine has looked."""
    offer, waiting = make_offer(talk_moment="before_placement"), make_referral()
    make_judgement(waiting, offer=offer)
    [row] = outcome_rows(waiting, now=NOW)
    assert (row.counted, row.missing) == (0, 3)
    assert [reason.code for reason in row.reasons] == ["talk_first"]
    WaitlistEntry.objects.update(talk_held_on=NOW.date())
    [row] = outcome_rows(waiting, now=NOW)
    assert (row.counted, row.missing, row.reasons) == (1, 2, ())


def test_the_outcome_names_the_formed_group_that_has_a_place_for_this_person():
    """R12: before its first session a group takes newcomers, and nobody is needed for that."""
    offer, first, second = make_offer(), make_referral(), make_referral()
    make_judgement(first, offer=offer)
    cycle = make_seat(first.placements.get().entry).cycle
    make_judgement(second, offer=offer)
    [row] = outcome_rows(second, now=NOW)
    assert (row.joins_on, row.is_waiting) == (cycle.starts_on, True)
    Cycle.objects.update(minimum=1, soft_maximum=1)
    [row] = outcome_rows(second, now=NOW)
    assert (row.joins_on, row.missing) == (None, 2)


def test_who_does_not_count_yet_is_promised_no_group():
    """R10b."""
    offer, first, second = make_offer(), make_referral(), make_referral()
    make_judgement(first, offer=offer)
    make_seat(first.placements.get().entry)
    make_judgement(second, offer=offer, basic_needs_urgent=True, hold_reason="huis")
    [row] = outcome_rows(second, now=NOW)
    assert row.joins_on is None


def test_who_turned_the_invitation_down_withdrew():
    referral = make_referral()
    make_judgement(referral, offer=make_offer(name="De Krachtcentrale"))
    seat = make_seat(referral.placements.get().entry)
    answer_invitation(participation=seat, coming=False, stays=False, now=NOW)
    with translation.override("nl"):
        assert status_text(read(referral)) == "De Krachtcentrale: ziet af van de groep"


def test_a_closed_referral_has_stopped():
    referral = make_referral()
    referral.state, referral.closed_reason = ReferralState.CLOSED, "verhuisd"
    referral.save()
    assert read(referral).code == StatusCode.STOPPED
