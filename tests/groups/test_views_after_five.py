"""The page on which a round is closed, the cycle's page around it, and Today: who may, what it says, what it costs."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from groups.cycle_people import onward_to
from groups.enums import AttendanceState, EntryPolicy, OnwardTo, Outcome, ParticipationState
from groups.models import Attendance, Cycle, OnwardStep, Participation, ScalePoint, WaitlistEntry
from groups.services.after_five import version_of
from groups.services.cycles import settle_cycles
from groups.services.invitations import answer_invitation
from groups.services.marks import give_mark, rate_way_of_working
from reporting.today import build_today
from tests.factories.accounts import make_coordinator, make_group_worker, make_social_worker
from tests.factories.groups import fresh, make_cycle, make_entry, make_offer, sweep
from tests.factories.neighbourhoods import make_municipality
from tests.groups.pages import browser_of, statements, text_of
from tests.groups.rounds import decide, held_cycle, make_provision, run_until

pytestmark = pytest.mark.django_db


def url(cycle, name="after_five"):
    return reverse(f"groups:{name}", args=[cycle.pk])


def sent(cycle, **fields):
    """What the form sends: `everybody` and fields of persons as p<number>_<field>."""
    data = {"everybody": fields.pop("everybody", "")}
    for row in cycle.participations.order_by("pk"):
        data[f"p{row.pk}-seen"] = version_of(row)
    return data | {name.replace("_", "-", 1): value for name, value in fields.items()}


@pytest.fixture
def held():
    cycle, _now = held_cycle()
    return cycle, list(cycle.participations.order_by("pk"))


# --- deciding


def test_one_press_for_everybody_and_one_exception(held):
    cycle, rows = held
    browser = browser_of(cycle.lead)
    fields = {f"p{rows[2].pk}_outcome": "stopped", f"p{rows[2].pk}_reason": "verhuisd"}
    answer = browser.post(url(cycle), sent(cycle, everybody="five_more", **fields), follow=True)
    assert "Saved for 3 people." in text_of(answer)
    assert [fresh(row).outcome for row in rows] == ["five_more", "five_more", "stopped"]
    assert WaitlistEntry.objects.waiting().count() == 2


def test_still_to_decide_stays_open_in_a_sweep(held):
    cycle, rows = held
    browser_of(cycle.lead).post(url(cycle), sent(cycle, everybody="enough", **{f"p{rows[0].pk}_outcome": "open"}))
    assert [fresh(row).outcome for row in rows] == ["", "enough", "enough"]


def test_what_is_wrong_stands_at_the_person_and_nothing_typed_is_lost(held):
    cycle, rows = held
    fields = {f"p{rows[0].pk}_outcome": "stopped", f"p{rows[1].pk}_outcome": "enough", f"p{rows[1].pk}_reason": "Af"}
    answer = browser_of(cycle.lead).post(url(cycle), sent(cycle, **fields))
    assert answer.status_code == 422
    words = text_of(answer)
    assert f'<a href="#id_p{rows[0].pk}-reason">{rows[0].client.short_name}</a>: Write down why.' in words
    assert ">Af</textarea>" in words.replace("> Af", ">Af")
    assert {fresh(row).outcome for row in rows} == {""}


def test_nothing_chosen_is_said(held):
    cycle, _rows = held
    answer = browser_of(cycle.lead).post(url(cycle), sent(cycle))
    assert answer.status_code == 422
    assert "Nothing is chosen yet" in text_of(answer)


def test_the_second_browser_sees_what_the_first_chose_and_can_choose_on(held):
    cycle, rows = held
    stale = sent(cycle, everybody="five_more")
    decide((rows[0], Outcome.ENOUGH, {"reason": "klaar"}), by=cycle.co_lead, now=timezone.now())
    browser = browser_of(cycle.lead)
    answer = browser.post(url(cycle), stale)
    assert answer.status_code == 422
    words = text_of(answer)
    assert f"{cycle.co_lead.short_name} decided meanwhile" in words
    assert "enough for now. Nothing of yours was saved yet." in words
    assert [fresh(row).outcome for row in rows] == ["enough", "", ""]
    seen = dict(stale, **{f"p{rows[0].pk}-seen": version_of(fresh(rows[0]))})
    assert f'value="{seen[f"p{rows[0].pk}-seen"]}"' in words, "what was shown counts as seen"
    browser.post(url(cycle), seen)
    assert [fresh(row).outcome for row in rows] == ["enough", "five_more", "five_more"]
    again = sent(cycle, **{f"p{rows[0].pk}_outcome": "five_more"})
    browser.post(url(cycle), again)
    assert fresh(rows[0]).outcome == "five_more"


def test_a_provision_with_both_agreements_on_the_page(held):
    cycle, rows = held
    place = make_provision(rows[0].client.neighbourhood, now=timezone.now())
    browser = browser_of(cycle.lead)
    assert "Twee mensen per week" in text_of(browser.get(url(cycle)))
    name = f"p{rows[0].pk}_"
    fields = {f"{name}outcome": "provision", f"{name}provision": str(place.pk)}
    assert "Ask whether this person agrees" in text_of(browser.post(url(cycle), sent(cycle, **fields)))
    fields |= {f"{name}agreed": "on", f"{name}agreed_on": timezone.localdate().isoformat()}
    data = {key.replace("agreed-on", "agreed_on"): value for key, value in sent(cycle, **fields).items()}
    assert browser.post(url(cycle), data).status_code == 302
    assert OnwardStep.objects.get().provision == place
    assert place.name in text_of(browser.get(url(cycle, "cycle")))


def test_agreed_on_a_day_to_come_is_refused(held):
    cycle, rows = held
    name = f"p{rows[0].pk}"
    data = sent(cycle) | {
        f"{name}-outcome": "individual_help",
        f"{name}-agreed_on": (timezone.localdate() + dt.timedelta(days=2)).isoformat(),
    }
    answer = browser_of(cycle.lead).post(url(cycle), data)
    assert answer.status_code == 422
    assert "This day is too late." in text_of(answer)


def test_before_the_last_session_the_page_offers_stopping_only():
    cycle = make_cycle(now=timezone.localtime() - dt.timedelta(weeks=3))
    settle_cycles(now=timezone.now())
    row = cycle.participations.order_by("pk").first()
    browser = browser_of(cycle.lead)
    words = text_of(browser.get(url(cycle)))
    assert "Asked at the last session" in words
    assert f'value="{Outcome.FIVE_MORE}"' in words, "the sweep is there"
    data = sent(cycle, everybody="enough", **{f"p{row.pk}_outcome": "enough"})
    assert browser.post(url(cycle), data).status_code == 422
    browser.post(url(cycle), sent(cycle, **{f"p{row.pk}_outcome": "stopped", f"p{row.pk}_reason": "ziek"}))
    assert fresh(row).state == ParticipationState.STOPPED


def test_what_comes_of_it_is_the_engines_own_word(held):
    cycle, rows = held
    browser = browser_of(cycle.lead)
    words = text_of(browser.get(url(cycle)))
    assert "If all who are still to decide go on too:" in words
    assert "3 go on: from" in words
    assert "same place and time" in words
    decide((rows[0], Outcome.FIVE_MORE), now=timezone.now())
    words = text_of(browser.get(url(cycle)))
    assert "1 goes on: 2 more needed for the group from" in words
    told = browser.get(url(cycle)).context["coming"]["if_all"]
    decide(*((row, Outcome.FIVE_MORE) for row in rows[1:]), now=timezone.now())
    sweep(timezone.now())
    following = Cycle.objects.get(continues=cycle)
    assert f"{following.start_time:%H:%M}" in told
    assert str(following.starts_on.day) in told
    assert "The next round is planned, from" in text_of(browser.get(url(cycle)))


def test_long_after_its_last_session_it_would_be_a_new_beginning():
    cycle, _now = held_cycle()
    cycle.sessions.update(date=timezone.localdate() - dt.timedelta(weeks=6))
    words = text_of(browser_of(cycle.lead).get(url(cycle)))
    assert "3 go on: from" in words
    assert "nobody is waiting" not in words


def test_who_may(held):
    cycle, _rows = held
    here, away = make_municipality(), make_municipality("Heemskerk", "GM0396")
    expected = {
        cycle.lead: 200,
        cycle.co_lead: 200,
        make_group_worker("Hier", municipalities=[here]): 403,
        make_social_worker("Sociaal", municipalities=[here]): 403,
        make_group_worker("Elders", municipalities=[away]): 404,
        make_coordinator(): 403,
    }
    for name in ("after_five", "cycle_marks"):
        found = {user: browser_of(user).get(url(cycle, name)).status_code for user in expected}
        assert found == expected


def test_a_cycle_that_has_not_begun_is_sent_back():
    cycle = make_cycle(now=timezone.localtime())
    for name in ("after_five", "cycle_marks"):
        assert browser_of(cycle.lead).get(url(cycle, name)).url == url(cycle, "cycle")


# --- the cycle's page


def fill(cycle):
    """Everything there is of a cycle: attendance, scale, marks, outcomes."""
    now, lead = timezone.now(), cycle.lead
    for row in cycle.participations.order_by("pk"):
        for session in cycle.sessions.order_by("number"):
            common = {"session": session, "participation": row, "noted_at": now, "noted_by": lead}
            Attendance.objects.create(state=AttendanceState.PRESENT, **common)
            ScalePoint.objects.create(score=session.number, **common)
        give_mark(participation=row, score=Decimal(8), now=now)
        decide((row, Outcome.FIVE_MORE), now=now)
    rate_way_of_working(cycle=cycle, by=lead, score=Decimal(9), now=now)


@pytest.mark.parametrize("name", ["cycle", "after_five", "cycle_marks"])
def test_the_pages_cost_the_same_with_three_people_and_with_twelve(name):
    costs = []
    for count in (3, 12):
        cycle, _now = held_cycle(count, capacity=14, offer=make_offer(soft_maximum=12))
        assert cycle.participations.count() == count
        fill(cycle)
        costs.append(statements(browser_of(cycle.lead), url(cycle, name)))
    assert costs[0] == costs[1] <= 15


def test_the_page_shows_attendance_outcome_marks_and_slopes(held):
    cycle, rows = held
    fill(cycle)
    words = text_of(browser_of(cycle.lead).get(url(cycle, "cycle")))
    for told in ("1 present, 2 present", "Goes on for another round", "<strong>8</strong>", "4 points up", "to close"):
        assert told in words
    assert "3 go on" in words


def test_who_sees_counts_only_reads_no_name_and_no_attendance(held):
    cycle, rows = held
    fill(cycle)
    words = text_of(browser_of(make_coordinator()).get(url(cycle, "cycle")))
    assert rows[0].client.short_name not in words
    assert 'class="attendance"' not in words
    assert "After this round" not in words


def test_attendance_is_told_to_who_does_not_see_it(held):
    cycle, rows = held
    session = cycle.sessions.get(number=2)
    state = {"state": AttendanceState.ABSENT, "noted_at": timezone.now(), "noted_by": cycle.lead}
    Attendance.objects.create(session=session, participation=rows[0], **state)
    words = text_of(browser_of(cycle.lead).get(url(cycle, "cycle")))
    assert 'aria-label="Attendance: 1 not noted, 2 absent without word, 3 not noted' in words


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"entry_policy": EntryPolicy.CLOSED}, "Nobody enters any more"),
        ({"entry_policy": EntryPolicy.EVERY_SESSION}, "until session 5 on"),
        ({"entry_policy": EntryPolicy.UNTIL_SESSION, "entry_until_session": 4}, "until session 4 on"),
        ({"entry_policy": EntryPolicy.UNTIL_SESSION, "entry_until_session": 1}, "Nobody enters any more"),
    ],
)
def test_who_may_still_enter_and_until_when(fields, told):
    cycle = make_cycle(offer=make_offer(**fields), now=timezone.localtime() - dt.timedelta(weeks=3))
    page = url(cycle, "cycle")
    settle_cycles(now=timezone.now())
    words = text_of(browser_of(cycle.lead).get(page))
    assert told in words
    assert ("7 places are free." in words) == ("until session" in told)


def test_before_the_first_session_newcomers_come_in_by_themselves():
    cycle = make_cycle(now=timezone.localtime())
    words = text_of(browser_of(cycle.lead).get(url(cycle, "cycle")))
    assert "7 places are free. Newcomers come in by themselves, in order, until the first session on" in words


# --- Today


def tasks_of(user, page):
    return [task for task in build_today(user, now=timezone.now()).tasks if page in task.url]


def test_today_asks_the_leaders_to_decide_and_for_a_mark_until_it_is_done(held):
    cycle, rows = held
    for user in (cycle.lead, cycle.co_lead):
        [task] = tasks_of(user, url(cycle))
        assert "3" in task.title
        assert len(tasks_of(user, url(cycle, "cycle_marks"))) == 1
    decide(*((row, Outcome.ENOUGH) for row in rows), now=timezone.now())
    rate_way_of_working(cycle=cycle, by=cycle.co_lead, score=Decimal("6.5"), now=timezone.now())
    assert tasks_of(cycle.lead, url(cycle)) == []
    assert len(tasks_of(cycle.lead, url(cycle, "cycle_marks"))) == 1
    assert tasks_of(cycle.co_lead, url(cycle, "cycle_marks")) == []


def test_today_asks_nobody_else_and_nothing_of_long_ago(held):
    cycle, _rows = held
    here = make_group_worker("Hier", municipalities=[make_municipality()])
    assert tasks_of(here, url(cycle)) == []
    cycle.sessions.update(date=timezone.localdate() - dt.timedelta(weeks=9))
    assert tasks_of(cycle.lead, url(cycle)) == []
    assert cycle.lead.role_names == {RoleName.GROUP_WORKER}


def test_today_does_not_ask_of_who_goes_on_for_the_rest_of_their_own_five():
    cycle = make_cycle(
        offer=make_offer(entry_policy=EntryPolicy.EVERY_SESSION), now=timezone.localtime() - dt.timedelta(days=50)
    )
    now = run_until(cycle, 2)
    entry = make_entry(cycle.waitlist, now=now)
    sweep(now)
    late = Participation.objects.get(entry=entry)
    answer_invitation(participation=late, coming=True, by=cycle.lead, now=now)
    run_until(cycle, 5)
    decide(*((row, Outcome.ENOUGH) for row in cycle.participations.filter(enters_at=1)), now=timezone.now())
    assert fresh(late).state == ParticipationState.FINISHED
    assert tasks_of(cycle.lead, url(cycle)) == []


def test_of_nobody_decided_yet_an_older_look_does_not_matter(held):
    cycle, rows = held
    data = sent(cycle, **{f"p{rows[0].pk}_outcome": "enough"}) | {f"p{rows[0].pk}-seen": "x"}
    assert browser_of(cycle.lead).post(url(cycle), data).status_code == 302
    assert fresh(rows[0]).outcome == "enough"


def test_an_agreement_that_was_taken_back_is_no_agreement(held):
    cycle, rows = held
    place = make_provision(rows[0].client.neighbourhood, now=timezone.now())
    name = f"p{rows[0].pk}-"
    data = sent(cycle) | {f"{name}outcome": "provision", f"{name}provision": str(place.pk)}
    agreed = {f"{name}agreed": "on", f"{name}agreed_on": timezone.localdate().isoformat()}
    browser = browser_of(cycle.lead)
    assert browser.post(url(cycle), data | agreed).status_code == 302
    again = browser.post(url(cycle), data | {f"{name}seen": version_of(fresh(rows[0]))})
    assert "Ask whether this person agrees" in text_of(again)
    assert OnwardStep.objects.get().provision == place


def test_a_sensitive_group_beside_a_name_is_told_to_who_may_open_the_file_only(held):
    """R40."""
    cycle, rows = held
    closed = make_offer(name="Veilig verder", is_sensitive=True)
    OnwardStep.objects.create(
        participation=rows[0],
        to=OnwardTo.OTHER_GROUP,
        offer=closed,
        agreed_on=timezone.localdate(),
        noted_at=timezone.now(),
        noted_by=cycle.lead,
    )
    Participation.objects.filter(pk=rows[0].pk).update(outcome=Outcome.OTHER_GROUP, decided_at=timezone.now())
    for may_open, name in ((True, "Veilig verder"), (False, "besloten groep")):
        row = rows[0]
        row.may_open = may_open
        assert onward_to(row, row.onward_steps.get()) == name
    assert "Veilig verder" in text_of(browser_of(cycle.lead).get(url(cycle, "cycle")))
