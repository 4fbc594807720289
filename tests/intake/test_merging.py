"""One file of two (R43): referrals, places, groups and intakes; who hears of it; two people at the same moment."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import translation

from clients.enums import ConsentPurpose, FollowUpAbout, LikenessState
from clients.exceptions import MergeRefused
from clients.models import Client, FollowUp, Likeness
from clients.sealing import SealBroken
from clients.services import log_contact, record_consent, settle_as_different
from groups.enums import CycleState, EntryState, HistoryCode, LeaveReason, ParticipationState
from groups.models import Cycle, Participation, Waitlist, WaitlistEntry
from groups.services.waitlists import give_priority, hold_entry, lock_waitlist
from intake.enums import Decision, ReferralState
from intake.merge_wording import REFUSALS, merge_refusal
from intake.models import IntakeDraft, OpenQuestion, Referral
from intake.queries import referral_status, with_status_facts
from intake.services import save_draft
from intake.services.merging import merge_files
from neighbourhoods.models import WorkArea
from tests.factories.accounts import make_desk, make_group_worker
from tests.factories.groups import NOW, TODAY, fresh, make_entry, make_offer, make_waitlist, sweep
from tests.factories.intake import (
    make_appointment,
    make_door,
    make_judge,
    make_judgement,
    make_referral,
    make_referrer,
    make_seat,
)
from tests.groups.locks import threads, wait_until_waiting

LATER = NOW.replace(hour=15)


def make_pair():
    """Teun refers Anna; Tess does too, with a slip in the name. Sofie judges there."""
    door = make_door()
    first = make_referral(by=make_referrer("Teun"), neighbourhood=door, person={"family_name": "Fantasie"})
    second = make_referral(
        by=make_referrer("Tess"), neighbourhood=door, person={"family_name": "Fantazie"}, question="Vraag van Tess."
    )
    return SimpleNamespace(
        door=door, first=first, second=second, kept=first.client, other=second.client, sofie=make_judge("Sofie")
    )


@pytest.fixture
def pair(db):
    return make_pair()


def merge(pair, **fields):
    return merge_files(kept=pair.kept, other=pair.other, by=pair.sofie, now=LATER, **fields)


def browser_of(user):
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(user)
    return browser


# --- referrals


def test_each_referral_keeps_its_own_and_is_sealed_for_the_kept_file(pair):
    make_judgement(
        pair.second, decision=Decision.INDIVIDUAL_HELP, notes="Notitie.", follow_up_on=TODAY.replace(day=20)
    )
    save_draft(referral=pair.first, values={"notes": ["concept"]}, version=0, by=pair.sofie, now=NOW)
    third = make_referral(by=make_referrer("Tom"), neighbourhood=pair.door)
    save_draft(referral=third, values={"notes": ["derde"]}, version=0, by=pair.sofie, now=NOW)
    merge(pair)
    merge_files(kept=pair.kept, other=third.client, by=pair.sofie, now=LATER)
    second = fresh(pair.second)
    assert second.client == pair.kept
    assert (second.question, second.referred_by.first_name) == ("Vraag van Tess.", "Tess")
    assert second.judgement.notes == "Notitie."
    assert json.loads(IntakeDraft.objects.get(referral=third).values) == {"notes": ["derde"]}
    with pytest.raises(SealBroken):
        fresh(pair.other).key.unwrap()


def test_a_referrer_of_each_sees_only_their_own(pair):
    merge(pair)
    for mine, theirs in ((pair.first, pair.second), (pair.second, pair.first)):
        user = mine.referred_by
        assert list(Referral.objects.visible_to(user)) == [mine]
        browser = browser_of(user)
        assert browser.get(reverse("intake:referral", args=[mine.pk])).status_code == 200
        assert browser.get(reverse("intake:referral", args=[theirs.pk])).status_code == 404
        assert reverse("intake:referral", args=[theirs.pk]) not in browser.get("/verwijzingen/").content.decode()


def test_a_referrer_reads_no_contact_data_that_the_other_supplied(pair):
    Client.objects.filter(pk=pair.kept.pk).update(phone="")
    Client.objects.filter(pk=pair.other.pk).update(phone="0699999999")
    kept = merge(pair)
    assert kept.phone == "0699999999"
    for referral in (pair.first, pair.second):
        page = browser_of(referral.referred_by).get(reverse("clients:file", args=[kept.public_id]))
        assert page.status_code == 200
        assert "0699999999" not in page.content.decode().replace(" ", "")


def test_no_yes_in_one_file_speaks_for_the_referrer_of_the_other(pair):
    pair.other.consents.filter(purpose=ConsentPurpose.FEEDBACK_TO_REFERRER).update(withdrawn_on=TODAY)
    merge(pair)
    assert (fresh(pair.first).feedback_allowed, fresh(pair.second).feedback_allowed) == (True, False)


@pytest.mark.parametrize("judged", ["neither", "earlier", "later", "both"])
def test_sent_twice_by_one_referrer_one_goes_on_since_the_earlier_day(pair, judged):
    again = make_referral(
        by=pair.first.referred_by, neighbourhood=pair.door, now=NOW.replace(day=9), person={"family_name": "Fantasia"}
    )
    offer = make_offer()
    for referral, name in ((pair.first, "earlier"), (again, "later")):
        if judged in (name, "both"):
            make_judgement(referral, offer=offer, now=NOW.replace(day=9))
    save_draft_of = again if judged == "neither" else None
    if save_draft_of:
        save_draft(referral=again, values={"notes": ["bewaard"]}, version=0, by=pair.sofie, now=NOW)
    merge_files(kept=pair.kept, other=again.client, by=pair.sofie, now=LATER)
    goes_on, closed = (again, pair.first) if judged == "later" else (pair.first, again)
    assert fresh(goes_on).state == (ReferralState.RECEIVED if judged == "neither" else ReferralState.JUDGED)
    assert fresh(closed).state == ReferralState.CLOSED
    assert fresh(closed).closed_reason
    assert fresh(goes_on).client == fresh(closed).client == pair.kept
    waiting = WaitlistEntry.objects.waiting()
    assert set(waiting.values_list("waiting_since", flat=True)) == (set() if judged == "neither" else {TODAY})
    if save_draft_of:
        assert "bewaard" in IntakeDraft.objects.get(referral=goes_on).values


def test_an_intake_that_would_fall_away_is_called_off_first(pair):
    again = make_referral(by=pair.first.referred_by, neighbourhood=pair.door, person={"family_name": "Fantasia"})
    make_appointment(again)
    with pytest.raises(MergeRefused, match="two_intakes"):
        merge_files(kept=pair.kept, other=again.client, by=pair.sofie, now=LATER)
    assert fresh(again).client == again.client


def test_a_planned_intake_and_an_open_question_go_along(pair):
    make_appointment(pair.second)
    third = make_referral(by=make_referrer("Tom"), neighbourhood=pair.door)
    make_judgement(third, decision=Decision.NO_OFFER, reason="Er past niets.", follow_up_on=TODAY.replace(day=20))
    merge(pair)
    merge_files(kept=pair.kept, other=third.client, by=pair.sofie, now=LATER)
    assert fresh(pair.second).appointments.booked().count() == 1
    question = OpenQuestion.objects.get()
    assert (question.client, question.reason) == (pair.kept, "Er past niets.")


# --- waitlists and groups


def test_two_places_on_one_list_become_one_that_waited_longest(pair):
    waitlist = make_waitlist(neighbourhood=pair.door)
    kind = {"placeable": False}
    mine = make_entry(waitlist, client=pair.kept, days=5, **kind)
    theirs = make_entry(waitlist, client=pair.other, days=30)
    hold_entry(entry=theirs, reason="Eerst huur.", by=pair.sofie, now=NOW, until=TODAY.replace(day=20))
    Waitlist.objects.update(due_at=None)
    merge(pair)
    entry = WaitlistEntry.objects.waiting().get()
    assert (entry.pk, entry.client) == (mine.pk, pair.kept)
    assert entry.waiting_since == theirs.waiting_since < TODAY
    assert (entry.hold_reason, entry.judged_at is not None) == ("Eerst huur.", True)
    assert fresh(theirs).leave_reason == LeaveReason.MERGED
    assert FollowUp.objects.open().filter(about=FollowUpAbout.HOLD).values_list("client", "key").get() == (
        pair.kept.pk,
        f"entry:{mine.pk}",
    )
    assert fresh(waitlist).due_at == LATER


def test_a_place_goes_along_with_its_words_and_says_that_two_files_became_one(pair):
    entry = make_entry(make_waitlist(neighbourhood=pair.door), client=pair.other, days=30)
    give_priority(entry=entry, reason="Spoed bij Fantazie.", by=pair.sofie, now=NOW)
    merge(pair)
    moved = fresh(entry)
    assert (moved.client, moved.priority_reason) == (pair.kept, "Spoed bij Fantazie.")
    said = moved.history.get(code=HistoryCode.FILES_MERGED)
    assert (said.args, said.by) == ({}, pair.sofie)


def test_who_has_a_seat_waits_on_that_list_no_more(pair):
    waitlist = make_waitlist(neighbourhood=pair.door)
    waits, sits = (make_entry(waitlist, client=person, days=5) for person in (pair.kept, pair.other))
    seat = make_seat(sits)
    merge(pair)
    assert fresh(waits).leave_reason == LeaveReason.MERGED
    assert (fresh(sits).state, fresh(sits).client, fresh(seat).client) == (EntryState.PLACED, pair.kept, pair.kept)


def test_what_came_of_a_referral_is_the_place_that_goes_on(pair):
    offer = make_offer()
    for referral in (pair.first, pair.second):
        make_judgement(referral, offer=offer)
    merge(pair)
    entry = WaitlistEntry.objects.waiting().get()
    assert [fresh(row).placements.get().entry for row in (pair.first, pair.second)] == [entry, entry]


def seats_of(pair, *lists):
    """Each of the two in a cycle of their own."""
    mine, theirs = (make_entry(at, client=who) for at, who in zip(lists, (pair.kept, pair.other), strict=True))
    seat = make_seat(mine)
    cycle = fresh(seat.cycle)
    cycle.pk, cycle.waitlist = None, theirs.waitlist
    cycle.save()
    WaitlistEntry.objects.filter(pk=theirs.pk).update(state=EntryState.PLACED)
    dates = {"invited_at": NOW, "call_from": TODAY}
    return [seat, Participation.objects.create(cycle=cycle, client=pair.other, entry=theirs, **dates)]


def test_two_places_in_one_offer_are_settled_first(pair):
    offer = make_offer(name="De Krachtcentrale")
    seats = seats_of(pair, make_waitlist(offer), make_waitlist(offer))
    with pytest.raises(MergeRefused) as refused:
        merge(pair)
    assert refused.value.code == "two_places"
    with translation.override("en"):
        assert "De Krachtcentrale" in merge_refusal(refused.value)
    assert [fresh(seat).client for seat in seats] == [pair.kept, pair.other]
    Cycle.objects.filter(pk=seats[1].cycle_id).update(state=CycleState.FINISHED)
    merge(pair)
    assert {fresh(seat).client for seat in seats} == {pair.kept}


@pytest.mark.parametrize("declined", [0, 1])
def test_of_two_seats_in_one_cycle_the_used_one_stays(pair, declined):
    waitlist = make_waitlist()
    entries = [make_entry(waitlist, client=person) for person in (pair.kept, pair.other)]
    seats = [make_seat(entries[0])]
    WaitlistEntry.objects.filter(pk=entries[1].pk).update(state=EntryState.PLACED)
    second = {"cycle": seats[0].cycle, "client": pair.other, "entry": entries[1]}
    seats.append(Participation.objects.create(**second, invited_at=NOW, call_from=TODAY))
    with pytest.raises(MergeRefused):
        merge(pair)
    Participation.objects.filter(pk=seats[declined].pk).update(state=ParticipationState.DECLINED)
    merge(pair)
    stays = Participation.objects.get(cycle=seats[0].cycle)
    assert (stays.pk, stays.client) == (seats[1 - declined].pk, pair.kept)


def test_who_finished_the_same_group_as_two_is_two(pair):
    seats = seats_of(pair, make_waitlist(), make_waitlist())
    Participation.objects.filter(pk=seats[1].pk).update(cycle=seats[0].cycle)
    Participation.objects.update(state=ParticipationState.FINISHED)
    Cycle.objects.update(state=CycleState.FINISHED)
    with pytest.raises(MergeRefused, match="took_part_twice"):
        merge(pair)


# --- the pages


def questions(**changes):
    return {"name": "kept", "understood": "on"} | changes


def test_the_social_worker_reads_what_happens_chooses_and_does_it_once(pair):
    likeness = Likeness.objects.get()
    url, browser = reverse("intake:merge", args=[likeness.pk]), browser_of(pair.sofie)
    assert url in browser.get(reverse("clients:likeness", args=[likeness.pk])).content.decode()
    page = browser.get(url).content.decode()
    assert "cannot be undone" in page
    assert "Fantazie" in page
    assert browser.post(url, {}).status_code == 422
    assert fresh(pair.other).merged_into is None
    done = browser.post(url, questions(name="other"))
    assert done.url == reverse("clients:file", args=[pair.kept.public_id])
    assert fresh(pair.kept).family_name == "Fantazie"
    assert fresh(likeness).state == LikenessState.MERGED
    again = browser.post(url, questions())
    assert again.url == reverse("clients:likeness", args=[likeness.pk])
    assert "one file was made" in browser.get(again.url).content.decode()
    assert "A. d. F." not in browser.get(reverse("clients:likenesses")).content.decode()


def test_the_old_address_leads_to_the_kept_file_for_who_may_see_it(pair):
    merge(pair)
    old, new = (reverse("clients:file", args=[person.public_id]) for person in (pair.other, pair.kept))
    for user in (pair.sofie, pair.second.referred_by):
        assert browser_of(user).get(old).url == new
    assert browser_of(make_referrer("Tom")).get(old).status_code == 404


def test_desk_and_group_worker_merge_nothing(pair):
    desk = make_desk("Loes")
    WorkArea.objects.create(user=desk, municipality=pair.door.municipality)
    likeness = Likeness.objects.get()
    url = reverse("intake:merge", args=[likeness.pk])
    for user in (desk, make_group_worker("Wil", municipalities=[pair.door.municipality])):
        assert browser_of(user).post(url, questions()).status_code == 403
    assert url not in browser_of(desk).get(reverse("clients:likeness", args=[likeness.pk])).content.decode()


def test_what_was_settled_as_two_people_is_not_merged(pair):
    settled = {"settled_by": pair.sofie, "settled_at": NOW}
    Likeness.objects.update(state=LikenessState.DIFFERENT, **settled)
    browser_of(pair.sofie).post(reverse("intake:merge", args=[Likeness.objects.get().pk]), questions())
    assert fresh(pair.other).merged_into is None


def test_a_refusal_is_said_and_nothing_is_changed(pair):
    offer = make_offer(name="De Krachtcentrale")
    seats_of(pair, make_waitlist(offer), make_waitlist(offer))
    browser = browser_of(pair.sofie)
    answer = browser.post(reverse("intake:merge", args=[Likeness.objects.get().pk]), questions(), follow=True)
    assert "place in a group of De Krachtcentrale" in answer.content.decode()
    assert fresh(pair.other).merged_into is None


def test_every_refusal_has_words():
    for code in REFUSALS:
        assert merge_refusal(MergeRefused(code, offer="X"))


# --- at the same moment


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turned", [False, True])
def test_two_who_merge_at_once_one_does_it_and_the_other_hears_so(turned):
    pair = make_pair()
    make_entry(make_waitlist(neighbourhood=pair.door), client=pair.other)
    kept, other = (pair.other, pair.kept) if turned else (pair.kept, pair.other)
    with threads(1) as run:
        with transaction.atomic():
            merge(pair)
            second = run(lambda: merge_files(kept=kept, other=other, by=pair.sofie, now=LATER))
            wait_until_waiting(1)
        with pytest.raises(MergeRefused) as refused:
            second.result()
    assert refused.value.code in ("already_merged", "changed_meanwhile")
    assert fresh(pair.other).merged_into == pair.kept


@pytest.mark.django_db(transaction=True)
def test_a_sweep_passes_by_and_decides_afterwards_for_one_person():
    pair = make_pair()
    waitlist = make_waitlist(neighbourhood=pair.door)
    for person in (pair.kept, pair.other):
        make_entry(waitlist, client=person)
    with threads(1) as run:
        with transaction.atomic():
            merge(pair)
            run(lambda: sweep(LATER)).result()
            assert fresh(waitlist).evaluated_at is None
        run(lambda: sweep(LATER)).result()
    assert fresh(waitlist).evaluated_at == LATER
    assert WaitlistEntry.objects.waiting().count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_merge_waits_for_the_list_that_is_being_decided():
    pair = make_pair()
    waitlist = make_waitlist(neighbourhood=pair.door)
    make_entry(waitlist, client=pair.other)
    with threads(1) as run:
        with transaction.atomic():
            lock_waitlist(waitlist.pk)
            done = run(lambda: merge(pair))
            wait_until_waiting(1)
            make_entry(waitlist, client=pair.kept)
        assert done.result() == pair.kept
    assert WaitlistEntry.objects.waiting().get().client == pair.kept


@pytest.mark.django_db(transaction=True)
def test_what_is_written_at_that_moment_is_refused_and_not_lost_under_a_dead_key():
    pair = make_pair()

    def refer_again():
        with transaction.atomic():
            values = {"client": pair.other, "source": "organisation", "neighbourhood": pair.door}
            Referral.objects.create(question="Te laat.", received_at=NOW, received_on=TODAY, **values)

    with threads(1) as run:
        with transaction.atomic():
            merge(pair)
            late = run(refer_again)
            wait_until_waiting(1)
        with pytest.raises(IntegrityError, match="merged into another"):
            late.result()
    assert not Referral.objects.filter(client=pair.other).exists()


@pytest.mark.django_db(transaction=True)
def test_a_draft_and_a_hold_at_that_moment_stay_readable():
    pair = make_pair()
    entry = make_entry(make_waitlist(neighbourhood=pair.door), client=pair.other)
    stale = WaitlistEntry.objects.select_related("client__key", "waitlist").get(pk=entry.pk)
    save_draft(referral=pair.second, values={"notes": ["een"]}, version=0, by=pair.sofie, now=NOW)
    with threads(2) as run:
        with transaction.atomic():
            merge(pair)
            held = run(lambda: hold_entry(entry=stale, reason="Eerst huur.", by=pair.sofie, now=NOW))
            typed = {"values": {"notes": ["twee"]}, "version": 1, "by": pair.sofie, "now": NOW}
            kept_draft = run(lambda: save_draft(referral=pair.second, **typed))
            wait_until_waiting(2)
        held.result()
        kept_draft.result()
    assert fresh(entry).hold_reason == "Eerst huur."
    assert "twee" in IntakeDraft.objects.get().values
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clients_sealkey WHERE wrapped IS NULL")
        assert cursor.fetchone() == (1,)


def test_consent_of_both_is_one(pair):
    record_consent(client=pair.other, purpose=ConsentPurpose.REGISTRATION, how="x", by=pair.sofie, today=TODAY)
    assert merge(pair).consents.in_force().filter(purpose=ConsentPurpose.REGISTRATION).count() == 1


def test_who_was_found_to_be_two_people_meanwhile_is_not_merged(pair):
    settle_as_different(pk=Likeness.objects.get().pk, by=pair.sofie, now=NOW)
    with pytest.raises(MergeRefused) as refused:
        merge(pair)
    assert (refused.value.code, Likeness.objects.get().state) == ("settled_as_two", LikenessState.DIFFERENT)
    assert fresh(pair.other).merged_into is None


def test_a_talk_over_one_file_is_no_first_contact_for_who_sent_the_other(pair):
    """R43."""
    log_contact(client=pair.kept, is_reached=True, by=pair.sofie, now=NOW)
    merge(pair)
    rows = with_status_facts(Referral.objects.order_by("pk"))
    assert [referral_status(row).code for row in rows] == ["contacted", "received"]
    log_contact(client=pair.kept, is_reached=True, by=pair.sofie, now=LATER + timedelta(hours=1))
    rows = with_status_facts(Referral.objects.order_by("pk"))
    assert [referral_status(row).code for row in rows] == ["contacted", "contacted"]


def test_who_is_like_a_third_person_by_what_was_chosen_is_noticed(pair):
    third = make_referral(by=make_referrer("Ton"), neighbourhood=pair.door, person={"family_name": "Heelanders"})
    Client.objects.filter(pk=pair.other.pk).update(family_name="Heelanders")
    merge(pair, chosen={"name"})
    assert Likeness.objects.filter(client=pair.kept, other=third.client).exists()
