"""R30: marks by halves, from participants by a link or on paper, from workers with their role; means as reported."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import RoleName
from clients.services import update_client
from groups.enums import AttendanceState, MarkSource, Outcome
from groups.exceptions import NotAllowed
from groups.links import answer_token, mark_token, read_mark_token
from groups.marks import PARTICIPANTS, Average, averages, mark_text, whys_of
from groups.models import Attendance, Cycle, GroupOffer, ParticipantMark, WorkerMark
from groups.services.cycles import settle_cycles
from groups.services.invitations import answer_invitation
from groups.services.marks import give_mark, note_mark, rate_way_of_working
from groups.services.notes import notes_of
from notifications.models import Notification
from tests.factories.groups import fresh, make_cycle
from tests.groups.pages import browser_of, text_of
from tests.groups.rounds import decide, held_cycle, run_until

pytestmark = pytest.mark.django_db
ASKED = "mark_asked"


@pytest.fixture
def held():
    """(cycle, its participations, now): five sessions held lately, by the real clock."""
    cycle, _ = held_cycle()
    return cycle, list(cycle.participations.order_by("pk")), timezone.now()


def url(participation):
    return reverse("groups:mark", args=[mark_token(participation)])


def refusal(act, **arguments):
    with pytest.raises(NotAllowed) as refused:
        act(**arguments)
    return refused.value.reason.code


# --- figures


def worker_mark(cycle, user, role, score):
    fields = {"cycle": cycle, "notes": notes_of(cycle), "user": user, "role": str(role), "score": Decimal(score)}
    return WorkerMark.objects.create(given_at=timezone.now(), **fields)


def test_the_means_are_those_of_the_report():
    for number, score in enumerate(["9", "8.5", "8", "6"]):
        cycle = make_cycle()
        worker_mark(cycle, cycle.lead, RoleName.GROUP_WORKER, score)
        if number < 2:
            worker_mark(cycle, cycle.co_lead, RoleName.TEAM_MEMBER, "6.5")
    found = averages(cycles=Cycle.objects.all())
    assert found[RoleName.GROUP_WORKER] == Average(4, Decimal("7.875"))
    assert found[RoleName.TEAM_MEMBER] == Average(2, Decimal("6.5"))
    assert found[PARTICIPANTS] == Average(0, None)


def test_a_mean_of_fewer_than_three_marks_is_not_shown():
    assert Average(2, Decimal("6.5")).shown is None
    assert Average(3, Decimal("6.5")).text == "6,5"


@pytest.mark.parametrize(("score", "text"), [("8", "8"), ("7.5", "7,5"), ("7.875", "7,88"), ("10", "10")])
def test_a_mark_in_words(score, text):
    assert mark_text(Decimal(score)) == text
    with translation.override("en"):
        assert mark_text(Decimal(score)) == text.replace(",", ".")


@pytest.mark.parametrize("score", ["0.5", "10.5", "7.3", "11"])
def test_the_database_itself_keeps_marks_by_halves_from_1_to_10(score):
    cycle = make_cycle()
    with pytest.raises(IntegrityError), transaction.atomic():
        worker_mark(cycle, cycle.lead, RoleName.GROUP_WORKER, score)


# --- asked by mail


def confirm(participation, *, now):
    answer_invitation(participation=participation, coming=True, by=participation.cycle.lead, now=now)


def test_after_the_last_session_a_mail_asks_once_and_says_nothing_of_the_group():
    cycle = make_cycle()
    first, second, third = cycle.participations.order_by("pk")
    for row in (first, second, third):
        confirm(row, now=row.invited_at)
    update_client(client=second.client, by=cycle.lead, now=first.invited_at, contact={"may_mail": False})
    update_client(client=third.client, by=cycle.lead, now=first.invited_at, contact={"is_sensitive": True})
    now = run_until(cycle, 4)
    assert not Notification.objects.filter(kind=ASKED).exists()
    now = run_until(cycle, 5)
    for _again in range(2):
        settle_cycles(now=now + dt.timedelta(minutes=1))
    asked = Notification.objects.get(kind=ASKED)
    assert asked.to_address == first.client.email, "the second may not be mailed, for the third it is dangerous"
    assert not Notification.objects.filter(recipient_key=third.client.public_id, created_at__gte=now).exists()
    [token] = re.findall(r"/cijfer/([^/]+)/", asked.body)
    assert read_mark_token(token) == first.public_id.hex
    for told in (cycle.offer.name, first.client.given_name, cycle.room.venue.name):
        assert told not in asked.subject + asked.body


def test_who_was_seen_is_asked_and_who_never_came_is_not():
    cycle = make_cycle()
    rows = list(cycle.participations.order_by("pk"))
    confirm(rows[1], now=rows[1].invited_at)
    now = run_until(cycle, 4)
    session = cycle.sessions.get(number=1)
    for row, state in zip(rows, [AttendanceState.PRESENT, AttendanceState.ABSENT], strict=False):
        Attendance.objects.create(session=session, participation=row, state=state, noted_at=now, noted_by=cycle.lead)
    run_until(cycle, 5)
    assert [mail.to_address for mail in Notification.objects.filter(kind=ASKED)] == [rows[0].client.email]


@pytest.mark.parametrize("name", ["is_sensitive", "place_is_hidden"])
def test_nobody_of_a_sensitive_group_is_asked_by_mail(name):
    cycle = make_cycle()
    GroupOffer.objects.filter(pk=cycle.offer.pk).update(**{name: True})
    for row in cycle.participations.order_by("pk"):
        confirm(row, now=row.invited_at)
    run_until(cycle, 5)
    assert not Notification.objects.filter(kind=ASKED).exists()


# --- the participant's page


def test_the_link_takes_a_mark_with_a_half_and_a_why_sealed(held):
    cycle, rows, _now = held
    browser = browser_of()
    assert "What did you think of it?" in text_of(browser.get(url(rows[0])))
    answer = browser.post(url(rows[0]), {"score": "8,5", "why": "Fijne groep"})
    assert answer.status_code == 302
    mark = ParticipantMark.objects.get()
    assert (mark.score, mark.why, mark.source, mark.noted_by) == (Decimal("8.5"), "Fijne groep", MarkSource.LINK, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT why FROM groups_participantmark")
        assert b"Fijne" not in bytes(cursor.fetchone()[0])
    page = text_of(browser.get(url(rows[0])))
    assert "Thank you" in page
    assert "Fijne" not in page
    assert "8.5" not in page
    browser.post(url(rows[0]), {"score": "9", "why": ""})
    assert fresh(mark).score == 9


@pytest.mark.parametrize(
    "score", ["11", "0", "7,3", "acht", "", "1e1", "NaN", "sNaN", "٣", "-8", "8,5,5", "1_0", ".5"]
)
def test_what_is_no_mark_is_refused_with_words_at_the_field(held, score):
    _cycle, rows, _now = held
    answer = browser_of().post(url(rows[0]), {"score": score, "why": "Fijn"})
    assert answer.status_code == 422
    assert "1 to 10" in str(answer.context["form"].errors["score"])
    assert "Fijn" in text_of(answer), "nothing typed is lost"
    assert not ParticipantMark.objects.exists()


def test_the_page_names_nobody_and_nothing_and_is_not_kept(held):
    cycle, rows, _now = held
    answer = browser_of().get(url(rows[0]))
    for told in (cycle.offer.name, rows[0].client.given_name, rows[0].client.family_name, cycle.room.venue.name):
        assert told not in text_of(answer)
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_in_dutch_unless_english_is_chosen(held):
    _cycle, rows, _now = held
    browser = browser_of()
    del browser.cookies["django_language"]
    assert 'lang="nl"' in text_of(browser.get(url(rows[0])))
    browser.post(url(rows[0]), {"language": "en"})
    assert "What did you think of it?" in text_of(browser.get(url(rows[0])))


def test_another_token_opens_nothing(held):
    _cycle, rows, _now = held
    for token in (answer_token(rows[0]), mark_token(rows[0])[:-1], "x"):
        assert browser_of().get(reverse("groups:mark", args=[token])).status_code == 404
    assert browser_of().get(reverse("groups:answer", args=[mark_token(rows[0])])).status_code == 404


def test_six_weeks_after_the_last_session_the_link_closes(held):
    cycle, rows, _now = held
    last = cycle.sessions.get(number=5).ends_at
    late = last + dt.timedelta(weeks=6, days=1)
    assert refusal(give_mark, participation=rows[0], score=Decimal(8), now=late) == "mark_over"
    give_mark(participation=rows[0], score=Decimal(8), now=last + dt.timedelta(weeks=6))
    cycle.sessions.update(date=timezone.localdate() - dt.timedelta(weeks=7))
    page = browser_of().get(url(rows[1]))
    assert "The last day to give a mark has passed" in text_of(page)
    assert browser_of().post(url(rows[1]), {"score": "8"}).status_code == 302
    assert ParticipantMark.objects.count() == 1


def test_whose_contact_became_unsafe_the_page_tells_nothing(held):
    cycle, rows, now = held
    update_client(client=rows[0].client, by=cycle.lead, now=now, contact={"is_sensitive": True})
    page = text_of(browser_of().get(url(rows[0])))
    assert "You do not have to do anything here" in page
    assert 'name="score"' not in page
    assert refusal(give_mark, participation=rows[0], score=Decimal(8), now=now) == "not_by_link"


def test_before_the_last_session_and_for_who_stopped_there_is_no_mark():
    cycle = make_cycle()
    now = run_until(cycle, 4)
    first, second, _third = cycle.participations.order_by("pk")
    assert "You do not have to do anything here" in text_of(browser_of().get(url(first)))
    assert refusal(give_mark, participation=first, score=Decimal(8), now=now) == "marks_too_early"
    decide((second, Outcome.STOPPED, {"reason": "verhuisd"}), now=now)
    assert refusal(note_mark, participation=second, score=Decimal(8), by=cycle.lead, now=now) == "not_in_cycle"
    step = {"cycle": cycle, "by": cycle.lead, "now": now}
    assert refusal(rate_way_of_working, score=Decimal(8), **step) == "marks_too_early"


# --- the leaders' page


def test_paper_and_own_mark_in_one_save(held):
    cycle, rows, _now = held
    browser = browser_of(cycle.co_lead)
    page = reverse("groups:cycle_marks", args=[cycle.pk])
    data = {f"p{rows[0].pk}-score": "7,5", f"p{rows[0].pk}-why": "Te kort", "own-score": "6,5", "own-why": "Druk"}
    assert browser.post(page, data).status_code == 302
    mark, own = ParticipantMark.objects.get(), WorkerMark.objects.get()
    assert (mark.score, mark.why, mark.source, mark.noted_by) == (
        Decimal("7.5"),
        "Te kort",
        MarkSource.PAPER,
        cycle.co_lead,
    )
    assert (own.score, own.why, own.role) == (Decimal("6.5"), "Druk", RoleName.TEAM_MEMBER)
    again = text_of(browser.get(page))
    assert 'value="7.5"' in again
    other = text_of(browser_of(cycle.lead).get(page))
    assert "Te kort" not in other, "who entered it reads it again, and nobody else"
    assert "Druk" not in other


def test_one_mark_that_cannot_be_keeps_all_and_says_so_at_its_field(held):
    cycle, rows, _now = held
    page = reverse("groups:cycle_marks", args=[cycle.pk])
    data = {f"p{rows[0].pk}-score": "8", f"p{rows[1].pk}-score": "11", "own-score": "9"}
    answer = browser_of(cycle.lead).post(page, data)
    assert answer.status_code == 422
    assert "From 1 to 10" in text_of(answer)
    assert not ParticipantMark.objects.exists()
    assert not WorkerMark.objects.exists()


def test_who_gave_a_mark_by_the_link_is_not_overwritten_from_paper(held):
    cycle, rows, now = held
    give_mark(participation=rows[0], score=Decimal(4), now=now)
    step = {"participation": rows[0], "score": Decimal(9), "now": now}
    assert refusal(note_mark, by=cycle.lead, **step) == "mark_given_already"
    note_mark(**{**step, "participation": rows[1]}, by=cycle.lead)
    assert refusal(give_mark, **{**step, "participation": rows[1]}) == "mark_given_already"
    assert refusal(note_mark, **{**step, "participation": rows[1]}, by=cycle.co_lead) == "mark_given_already"


def test_three_marks_show_their_mean_on_the_page_and_two_do_not(held):
    cycle, rows, now = held
    page = reverse("groups:cycle", args=[cycle.pk])
    for row, score in zip(rows, ["8", "8.5", "6"], strict=True):
        words = text_of(browser_of(cycle.lead).get(page))
        assert "too few to show" in words or "no marks yet" in words
        give_mark(participation=row, score=Decimal(score), now=now)
    assert "<strong>7.5</strong>" in text_of(browser_of(cycle.lead).get(page))


def test_what_participants_wrote_is_read_without_names_once_three_wrote_something(held):
    cycle, places, now = held
    words = ["Zo fijn.", "Goed groepje.", "Mag langer."]
    for place, why in zip(places, words, strict=False):
        assert whys_of(cycle) == []
        give_mark(participation=place, score=Decimal(8), why=why, now=now)
    assert whys_of(cycle) == sorted(words)
    page = text_of(browser_of(cycle.lead).get(reverse("groups:cycle_marks", args=[cycle.pk])))
    assert [word in page for word in words] == [True, True, True]
