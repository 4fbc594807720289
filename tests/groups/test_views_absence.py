"""Ill or away: every session with who can take over, one confirmation, and words where it cannot be."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import ContactPreference
from groups.enums import Seat, SessionState
from groups.models import Competence
from groups.services.substitution import substitute_leader
from notifications.models import Notification
from tests.factories.accounts import make_coordinator, make_desk, make_group_worker
from tests.factories.groups import make_cycle, make_offer, make_worker
from tests.factories.neighbourhoods import make_municipality
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db

ABSENCE = "/groepen/vervanging/"
LEAVE = "/groepen/verlof/nieuw/"
DAY = "/groepen/mijn-tijden/dag/"


@pytest.fixture
def cycle():
    return make_cycle(now=timezone.localtime())


def colleague(name="Joris", **fields):
    return make_worker(name, lead=True, municipality=make_municipality(), **fields)


def period_of(cycle, sessions=1):
    days = list(cycle.sessions.order_by("number").values_list("date", flat=True))[:sessions]
    return {"first_day": days[0], "last_day": days[-1]}


def pks(cycle, sessions):
    return list(cycle.sessions.order_by("number").values_list("pk", flat=True))[:sessions]


def confirmation(cycle, choice, sessions=1):
    shown = pks(cycle, sessions)
    fields = {f"s{pk}": choice for pk in shown} | {"sessions": " ".join(map(str, shown)), "confirm": "1"}
    return period_of(cycle, sessions) | {"who": cycle.lead_id} | fields


def leader_of(cycle, number=1):
    return cycle.sessions.get(number=number).staff.get(seat=Seat.LEAD).user


def test_sessions_are_shown_with_the_proposal_chosen_and_nothing_changes(cycle):
    joris = colleague()
    answer = browser_of(cycle.lead).get(ABSENCE, period_of(cycle, 2))
    words = text_of(answer)
    assert words.count("<fieldset") == 2
    assert words.count(f'<option value="u{joris.pk}" selected>') == 2
    assert "0 groups now" in words
    assert cycle.offer.name in words
    assert leader_of(cycle) == cycle.lead
    for participation in cycle.participations.select_related("client"):
        assert participation.client.short_name not in words


def test_one_press_settles_it_and_says_so(cycle):
    joris = colleague()
    answer = browser_of(cycle.lead).post(ABSENCE, confirmation(cycle, f"u{joris.pk}", 2), follow=True)
    assert "The absence is noted. 2 sessions are arranged." in text_of(answer)
    assert [leader_of(cycle, number) for number in (1, 2, 3)] == [joris, joris, cycle.lead]
    assert cycle.lead.bookings.leave().count() == 1
    assert Notification.objects.filter(kind="leader_changed").count() == 3


def test_a_colleague_and_the_coordinator_choose_who_and_others_only_themselves(cycle):
    joris = colleague()
    for user in (joris, make_coordinator()):
        words = text_of(browser_of(user).get(ABSENCE))
        assert f'<option value="{cycle.lead_id}">{cycle.lead.full_name}</option>' in words
    only_self = browser_of(cycle.co_lead).get(ABSENCE)
    assert cycle.lead.full_name not in text_of(only_self)
    answer = browser_of(cycle.co_lead).post(ABSENCE, confirmation(cycle, "cancel"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["who"])
    far = make_worker("Ver", lead=True, municipality=make_municipality("Castricum", "GM0383"))
    assert browser_of(far).post(ABSENCE, confirmation(cycle, "cancel")).status_code == 422
    assert browser_of(make_desk()).get(ABSENCE).status_code == 403
    assert cycle.sessions.planned().count() == 5


def test_nobody_free_says_what_can_be_done(cycle):
    words = text_of(browser_of(cycle.lead).get(ABSENCE, period_of(cycle)))
    assert "Nobody with the competence is free then." in words
    assert reverse("groups:session_move", args=pks(cycle, 1)) in words
    colleague("Vol", max_cycles=0)
    words = text_of(browser_of(cycle.lead).get(ABSENCE, period_of(cycle)))
    assert "as many groups or hours as they may have: Vol V." in words
    browser_of(cycle.lead).post(ABSENCE, confirmation(cycle, "cancel_and_add"))
    assert cycle.sessions.get(number=1).state == SessionState.CANCELLED
    assert cycle.sessions.planned().count() == 5


def test_without_a_choice_the_error_stands_at_the_session_and_the_rest_is_kept(cycle):
    joris = colleague()
    first, second = pks(cycle, 2)
    data = confirmation(cycle, f"u{joris.pk}", 2) | {f"s{second}": "", "note": "zeilen"}
    answer = browser_of(cycle.lead).post(ABSENCE, data)
    assert (answer.status_code, list(answer.context["takeover"].errors)) == (422, [f"s{second}"])
    assert f'<option value="u{joris.pk}" selected>' in text_of(answer)
    assert 'value="zeilen"' in text_of(answer)
    assert leader_of(cycle) == cycle.lead
    assert not cycle.lead.bookings.leave().exists()


def test_who_was_taken_meanwhile_is_said_at_the_session(cycle):
    joris = colleague()
    data = confirmation(cycle, f"u{joris.pk}")
    session = cycle.sessions.get(number=1)
    joris.bookings.create(period=(session.starts_at, session.ends_at), kind="leave")
    answer = browser_of(cycle.lead).post(ABSENCE, data)
    assert answer.status_code == 422
    assert "This is not possible any more; choose again." in text_of(answer)
    assert leader_of(cycle) == cycle.lead


def test_what_a_colleague_arranged_meanwhile_is_looked_at_again(cycle):
    joris, samira = colleague(), colleague("Samira")
    data = confirmation(cycle, f"u{samira.pk}", 2)
    period = {"from_date": data["first_day"], "until_date": data["first_day"]}
    substitute_leader(cycle=cycle, seat=Seat.LEAD, user=joris, by=joris, now=timezone.localtime(), **period)
    browser = browser_of(cycle.lead)
    answer = browser.post(ABSENCE, data)
    assert answer.status_code == 422
    assert "The sessions have changed just now" in text_of(answer)
    second = pks(cycle, 2)[1]
    assert f'name="sessions" value="{second}"' in text_of(answer)
    assert browser.post(ABSENCE, data | {"sessions": second}).status_code == 302
    assert [leader_of(cycle, number) for number in (1, 2)] == [joris, samira]


def test_twice_ill_is_once(cycle):
    joris = colleague()
    browser, data = browser_of(cycle.lead), confirmation(cycle, f"u{joris.pk}")
    browser.post(ABSENCE, data)
    answer = browser.post(ABSENCE, data | {"sessions": ""})
    assert "already away in the whole of this period" in text_of(answer)
    assert cycle.lead.bookings.leave().count() == 1


def test_no_session_in_the_time_is_only_leave():
    worker = make_group_worker()
    day = timezone.localdate() + dt.timedelta(days=3)
    browser = browser_of(worker)
    assert "No session is planned in this time" in text_of(browser.get(ABSENCE, {"first_day": day, "last_day": day}))
    assert browser.post(ABSENCE, {"first_day": day, "last_day": day, "confirm": "1", "note": ""}).status_code == 302
    assert worker.bookings.leave().count() == 1


@pytest.mark.parametrize(("first", "last", "field"), [(-1, 3, "first_day"), (5, 3, "last_day"), (5, 9999, "last_day")])
def test_impossible_days_stand_at_their_field(first, last, field):
    days = [timezone.localdate() + dt.timedelta(days=number) for number in (first, last)]
    answer = browser_of(make_group_worker()).post(ABSENCE, {"first_day": days[0], "last_day": days[1], "confirm": "1"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_a_sensitive_group_goes_without_name_and_place(cycle):
    type(cycle.offer).objects.update(is_sensitive=True, place_is_hidden=True)
    words = text_of(browser_of(cycle.lead).get(ABSENCE, period_of(cycle)))
    assert "closed group" in words
    assert cycle.offer.name not in words
    assert cycle.room.venue.name not in words


def test_the_page_costs_the_same_with_one_session_or_five(cycle):
    colleague()
    browser = browser_of(cycle.lead)
    one, five = (
        ABSENCE + "?first_day={first_day}&last_day={last_day}".format(**period_of(cycle, number)) for number in (1, 5)
    )
    assert statements(browser, one) == statements(browser, five)


def test_a_second_cycle_costs_one_load_of_workers_more(cycle):
    """Who may lead depends on the list, so each list is asked for once; caps keep their number small."""
    colleague()
    lead, browser = cycle.lead, browser_of(cycle.lead)
    url = ABSENCE + "?first_day={first_day}&last_day={last_day}".format(**period_of(cycle, 5))
    one = statements(browser, url)
    costs = []
    for weekday in (1, 2):
        other = make_cycle(now=timezone.localtime(), offer=make_offer(fixed_weekday=weekday))
        substitute_leader(cycle=other, seat=Seat.LEAD, user=lead, by=lead, now=timezone.localtime())
        costs.append(statements(browser, url))
    assert (costs[0] - one, costs[1] - one) == (1, 2)


# --- from leave and from a day's times


def test_leave_over_sessions_brings_all_that_was_typed_to_the_substitutes(cycle):
    joris = colleague()
    browser = browser_of(cycle.lead)
    typed = period_of(cycle, 2) | {"note": "zeilen"}
    refused = text_of(browser.post(LEAVE, typed))
    assert f'form="leave" formaction="{ABSENCE}"' in refused
    assert 'value="zeilen"' in refused
    looked = browser.post(ABSENCE, typed)
    assert looked.status_code == 200
    assert 'value="zeilen"' in text_of(looked)
    assert not cycle.lead.bookings.leave().exists()
    browser.post(ABSENCE, confirmation(cycle, f"u{joris.pk}", 2) | {"note": "zeilen"})
    assert cycle.lead.bookings.leave().get().note == "zeilen"


def test_hours_over_a_session_list_it_and_are_saved_when_one_will_be_there(cycle):
    browser, day = browser_of(cycle.lead), cycle.starts_on
    data = {"date": day, "how": "hours", "h0_from": "19:00", "h0_until": "21:00"}
    answer = browser.post(DAY, data)
    words = text_of(answer)
    assert answer.status_code == 422
    assert f"{ABSENCE}?first_day={day}&amp;last_day={day}" in words
    assert 'value="19:00"' in words
    assert not cycle.lead.availability_exceptions.exists()
    assert browser.post(DAY, data | {"keep_booked": "on"}).status_code == 302
    assert cycle.lead.availability_exceptions.get().starts_at == dt.time(19)
    assert leader_of(cycle) == cycle.lead


# --- the cycle's own page


def test_who_gets_no_mail_is_to_be_called_on_the_cycles_page(cycle):
    joris = colleague()
    first = cycle.participations.order_by("pk").first().client
    ContactPreference.objects.filter(client=first).update(may_mail=False)
    url = reverse("groups:cycle", args=[cycle.pk])
    assert "somebody else leads" not in text_of(browser_of(cycle.lead).get(url))
    browser_of(cycle.lead).post(ABSENCE, confirmation(cycle, f"u{joris.pk}"))
    assert text_of(browser_of(joris).get(url)).count("call: somebody else leads") == 1


def test_in_a_hidden_group_everybody_is_to_be_called(cycle):
    joris = colleague()
    type(cycle.offer).objects.update(place_is_hidden=True)
    browser_of(cycle.lead).post(ABSENCE, confirmation(cycle, f"u{joris.pk}"))
    words = text_of(browser_of(joris).get(reverse("groups:cycle", args=[cycle.pk])))
    assert words.count("call: somebody else leads") == 3


def test_a_competence_that_runs_out_is_a_signal_with_the_way_to_a_substitute(cycle):
    last = cycle.sessions.order_by("number").last().date
    Competence.objects.filter(user=cycle.lead).update(expires_on=last)
    words = text_of(browser_of(cycle.lead).get(reverse("groups:cycle", args=[cycle.pk])))
    assert "has no valid competence as leader for the session of" in words
    assert f"?seat=lead&amp;from_date={last}" in words
    looked_at = text_of(browser_of(cycle.co_lead).get(reverse("groups:cycle", args=[cycle.pk])))
    assert "The leader or a group worker arranges a substitute." in looked_at


def test_the_cycles_form_ranks_and_tells_two_at_once_apart(cycle):
    joris, samira = colleague(), colleague("Samira", windows=[])
    url = reverse("groups:cycle_substitute", args=[cycle.pk])
    browser = browser_of(cycle.lead)
    page = browser.get(url, {"seat": "lead", "from_date": cycle.starts_on, "until_date": cycle.starts_on})
    words = text_of(page)
    assert words.index(f'value="{joris.pk}"') < words.index("ask first") < words.index(f'value="{samira.pk}"')
    seen = page.context["form"]["seen"].value()
    data = {"seat": "lead", "from_date": cycle.starts_on, "until_date": cycle.starts_on, "seen": seen}
    assert browser.post(url, data | {"user": joris.pk}).status_code == 302
    late = browser_of(samira).post(url, data | {"user": samira.pk})
    assert late.status_code == 422
    assert "Somebody else changed the leaders of this group just now" in text_of(late)
    again = late.context["form"]["seen"].value()
    assert again != seen
    assert browser_of(samira).post(url, data | {"user": samira.pk, "seen": again}).status_code == 302
    assert leader_of(cycle) == samira
