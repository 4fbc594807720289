"""A cycle's page, forming one by hand, deciding on it, and changing its sessions, rooms and leaders."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from groups.enums import CycleOrigin, CycleState, ParticipationState, Seat, SessionState
from groups.models import Cycle
from groups.services.invitations import answer_invitation
from groups.services.scheduling import cancel_session, move_session
from neighbourhoods.services import book_room
from tests.factories.accounts import make_coordinator, make_desk, make_group_worker, make_social_worker
from tests.factories.groups import (
    fresh,
    make_cycle,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    make_worker,
    ready_waitlist,
    sweep,
)
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_room
from tests.groups.pages import browser_of, confirmed, statements, text_of

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def cycle():
    return make_cycle(now=timezone.localtime())


@pytest.fixture
def browser(cycle):
    return browser_of(cycle.lead)


def url(name, thing):
    return reverse(f"groups:{name}", args=[thing.pk])


def first_session(cycle):
    return cycle.sessions.order_by("number").first()


def errors(response):
    assert response.status_code == 422
    return {field: list(messages) for field, messages in response.context["form"].errors.items()}


# --- the page


def test_the_lead_sees_people_sessions_and_why(cycle, browser):
    words = text_of(browser.get(url("cycle", cycle)))
    assert "The 3 people who waited longest, in order." in words
    assert cycle.participations.first().client.short_name in words
    assert words.count(url("session_move", first_session(cycle))) == 1
    assert cycle.room.name in words


def test_who_co_leads_sees_it_and_changes_own_sessions_only(cycle):
    browser = browser_of(cycle.co_lead)
    words = text_of(browser.get(url("cycle", cycle)))
    assert cycle.participations.first().client.short_name in words
    assert url("cycle_cancel", cycle) not in words
    for name in ("cycle_cancel", "cycle_substitute", "cycle_decide"):
        assert browser.get(url(name, cycle)).status_code == 403
    assert url("session_rest", first_session(cycle)) not in words
    for name in ("session_move", "session_cancel", "session_room"):
        assert url(name, first_session(cycle)) in words
        assert browser.get(url(name, first_session(cycle))).status_code == 200


def test_a_coordinator_sees_counts_and_no_names(cycle):
    words = text_of(browser_of(make_coordinator()).get(url("cycle", cycle)))
    assert "3 invited, no answer yet" in words
    assert cycle.participations.first().client.short_name not in words
    assert url("cycle_cancel", cycle) in words


def test_strangers_find_nothing(cycle):
    away = browser_of(make_group_worker("Vreemd", municipalities=[make_municipality("Heemskerk", "GM0396")]))
    for name in ("cycle", "cycle_cancel", "cycle_substitute", "cycle_decide"):
        assert away.get(url(name, cycle)).status_code == 404
    for name in ("session_move", "session_cancel", "session_room"):
        assert away.get(url(name, first_session(cycle))).status_code == 404
    assert away.get(url("cycle_form", cycle.waitlist)).status_code == 404
    assert browser_of(make_desk()).get(url("cycle", cycle)).status_code == 403


def test_a_social_worker_here_sees_it_but_does_not_reschedule(cycle):
    browser = browser_of(make_social_worker(municipalities=[make_municipality()]))
    assert browser.get(url("cycle", cycle)).status_code == 200
    assert browser.get(url("cycle_cancel", cycle)).status_code == 403


def test_a_hidden_place_is_shown_on_demand_to_who_leads(cycle, browser):
    cycle.offer.place_is_hidden = True
    cycle.offer.save()
    venue = cycle.room.venue
    venue.is_hidden = True
    venue.save()
    words = text_of(browser.get(url("cycle", cycle)))
    assert words.count(venue.name) == 1
    assert "Show the place" in words
    assert venue.name not in text_of(
        browser_of(make_social_worker(municipalities=[make_municipality()])).get(url("cycle", cycle))
    )


def test_the_page_costs_the_same_with_three_people_or_five():
    few, many = make_cycle(3, now=timezone.localtime()), make_cycle(5, now=timezone.localtime())
    costs = [statements(browser_of(cycle.lead), url("cycle", cycle)) for cycle in (few, many)]
    assert costs == [14, 14]


# --- by hand


@pytest.fixture
def waitlist():
    """Two people of the three needed, so that nothing starts by itself."""
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    for days in (30, 20):
        make_entry(waitlist, days=days, now=timezone.localtime())
    sweep(timezone.localtime())
    return waitlist


@pytest.fixture
def group_worker():
    return make_group_worker(municipalities=[make_municipality()])


def proposal(page):
    return page.context["form"].fields["slot"].choices[0][0]


def entries(waitlist):
    return list(waitlist.entries.in_order().values_list("pk", flat=True))


def test_form_on_a_proposed_moment(waitlist, group_worker):
    browser = browser_of(group_worker)
    page = browser.get(url("cycle_form", waitlist))
    data = {"entries": entries(waitlist), "slot": proposal(page), "reason": "twee vrienden"}
    answer = browser.post(url("cycle_form", waitlist), data)
    cycle = Cycle.objects.get(waitlist=waitlist)
    assert answer.url == url("cycle", cycle)
    assert (cycle.origin, cycle.formed_by, cycle.sessions.count()) == (CycleOrigin.BY_HAND, group_worker, 5)
    again = browser.post(url("cycle_form", waitlist), data)
    assert again.url == url("cycle", cycle), "the second click hears that it is there"
    assert Cycle.objects.filter(waitlist=waitlist).count() == 1


def test_placeable_people_are_chosen_in_order_and_others_say_why(waitlist, group_worker):
    make_entry(waitlist, placeable=False, now=timezone.localtime(), family_name="Kwal", given_name="Bo")
    sweep(timezone.localtime())
    page = browser_of(group_worker).get(url("cycle_form", waitlist))
    assert page.context["form"]["entries"].value() == entries(waitlist)[:2]
    assert 'B. K.: <span class="muted">not yet judged by a social worker' in text_of(page)


def test_too_few_needs_a_reason_at_its_field_and_keeps_the_choice(waitlist, group_worker):
    browser = browser_of(group_worker)
    page = browser.get(url("cycle_form", waitlist))
    data = {"entries": entries(waitlist), "slot": proposal(page), "reason": ""}
    answer = browser.post(url("cycle_form", waitlist), data)
    assert errors(answer) == {"reason": ["Write down why."]}
    assert answer.context["form"]["slot"].value() == data["slot"]
    assert not Cycle.objects.exists()


def test_nobody_chosen(waitlist, group_worker):
    browser = browser_of(group_worker)
    page = browser.get(url("cycle_form", waitlist))
    answer = browser.post(url("cycle_form", waitlist), {"slot": proposal(page), "reason": "x"})
    assert errors(answer) == {"entries": ["Choose at least one participant."]}


def own_plan(waitlist, **changes):
    form = browser_of(make_group_worker("Hulp", municipalities=[make_municipality()])).get(url("cycle_form", waitlist))
    fields = form.context["form"].fields
    monday = timezone.localdate() + 2 * WEEK - dt.timedelta(days=timezone.localdate().weekday())
    plan = {
        "entries": entries(waitlist),
        "slot": "other",
        "starts_on": monday,
        "start_time": "10:00",
        "room": fields["room"].queryset.get().pk,
        "lead": fields["lead"].queryset.get().pk,
        "co_lead": fields["co_lead"].queryset.exclude(pk=fields["lead"].queryset.get().pk).get().pk,
        "reason": "eigen plan",
    }
    return plan | changes


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": ""}, "starts_on"),
        ({"starts_on": "2001-01-01"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"start_time": "23:30"}, "start_time"),
        ({"start_time": "07:00"}, "start_time"),
        ({"start_time": "25:00"}, "start_time"),
        ({"co_lead": ""}, "co_lead"),
        ({"lead": "0"}, "lead"),
        ({"slot": "onzin"}, "slot"),
    ],
)
def test_a_plan_that_cannot_be_is_explained_at_its_field(waitlist, group_worker, changes, field):
    answer = browser_of(group_worker).post(url("cycle_form", waitlist), own_plan(waitlist, **changes))
    assert list(errors(answer)) == [field]
    assert not Cycle.objects.exists()


def test_an_own_plan_that_can_be(waitlist, group_worker):
    plan = own_plan(waitlist)
    answer = browser_of(group_worker).post(url("cycle_form", waitlist), plan)
    assert answer.status_code == 302
    assert Cycle.objects.get().starts_on == plan["starts_on"]


def test_the_same_leader_twice_and_a_clash(waitlist, group_worker):
    plan = own_plan(waitlist)
    same = browser_of(group_worker).post(url("cycle_form", waitlist), plan | {"co_lead": plan["lead"]})
    assert list(errors(same)) == ["co_lead"]
    browser_of(group_worker).post(url("cycle_form", waitlist), plan | {"entries": plan["entries"][:1]})
    clash = browser_of(group_worker).post(url("cycle_form", waitlist), plan | {"entries": plan["entries"][1:]})
    assert "is taken on" in errors(clash)["slot"][0]
    assert Cycle.objects.count() == 1


def test_an_offer_without_dates_says_so(group_worker):
    waitlist = make_waitlist(make_offer(sessions_count=None))
    make_entry(waitlist, now=timezone.localtime())
    words = text_of(browser_of(group_worker).get(url("cycle_form", waitlist)))
    assert "The coordinator fills in what is missing." in words


def test_nobody_to_place_says_so(group_worker):
    words = text_of(browser_of(group_worker).get(url("cycle_form", make_waitlist())))
    assert "Nobody can be placed now" in words


def test_forming_is_by_name_so_not_for_a_coordinator(waitlist):
    assert browser_of(make_coordinator()).get(url("cycle_form", waitlist)).status_code == 403


# --- deciding and cancelling


def leave_too_few(cycle):
    participation = cycle.participations.order_by("pk").first()
    answer_invitation(participation=participation, coming=False, now=timezone.now(), by=cycle.lead, stays=False)
    Cycle.objects.filter(pk=cycle.pk).update(answer_deadline=timezone.localdate() - dt.timedelta(days=1))


def test_no_decision_is_needed_while_there_are_enough(cycle, browser):
    assert "This cycle needs your decision" not in text_of(browser.get(url("cycle", cycle)))
    assert browser.post(url("cycle_decide", cycle), {"decision": "move"}).url == url("cycle", cycle)
    assert fresh(cycle).starts_on == cycle.starts_on


def test_start_smaller_in_one_press_and_twice_is_once(cycle, browser):
    leave_too_few(cycle)
    assert "This cycle needs your decision" in text_of(browser.get(url("cycle", cycle)))
    for _time in range(2):
        assert browser.post(url("cycle_decide", cycle), {"decision": "smaller"}).url == url("cycle", cycle)
    assert fresh(cycle).is_accepted_small is True


def test_a_week_later_in_one_press_and_twice_is_once(cycle, browser):
    leave_too_few(cycle)
    for _time in range(2):
        browser.post(url("cycle_decide", cycle), {"decision": "move"})
    assert WEEK <= fresh(cycle).starts_on - cycle.starts_on <= 3 * WEEK
    assert cycle.history.filter(code="cycle_moved").count() == 1


@pytest.mark.parametrize("data", [{}, {"decision": "wachten"}])
def test_another_decision_does_not_exist(cycle, browser, data):
    leave_too_few(cycle)
    assert list(errors(browser.post(url("cycle_decide", cycle), data))) == ["decision"]


def test_who_co_leads_is_told_who_decides(cycle):
    leave_too_few(cycle)
    words = text_of(browser_of(cycle.co_lead).get(url("cycle", cycle)))
    assert "the leader decides how to go on" in words


def test_cancelling_spells_out_what_happens_and_twice_is_once(cycle, browser):
    words = text_of(browser.get(url("cycle_cancel", cycle)))
    assert "3 people go back to the waitlist and keep their waiting time." in words
    assert list(errors(browser.post(url("cycle_cancel", cycle), {"reason": ""}))) == ["reason"]
    for _time in range(2):
        assert browser.post(url("cycle_cancel", cycle), {"reason": "zaal afgebrand"}).url == url("cycle", cycle)
    assert fresh(cycle).state == CycleState.CANCELLED
    assert cycle.participations.filter(state=ParticipationState.RETURNED).count() == 3


# --- sessions


def test_a_session_is_moved(cycle, browser):
    session = first_session(cycle)
    day = session.date + dt.timedelta(days=1)
    answer = confirmed(browser, url("session_move", session), {"date": day, "start_time": "13:00"})
    assert answer.url == url("cycle", cycle)
    assert (fresh(session).date, fresh(session).start_time) == (day, dt.time(13))


@pytest.mark.parametrize(
    ("date", "time", "field"),
    [
        ("2001-01-01", "10:00", "date"),
        ("morgen", "10:00", "date"),
        ("9999-12-31", "10:00", "date"),
        (None, "23:00", "start_time"),
        (None, "03:00", "start_time"),
        ("later", "10:00", "date"),
    ],
)
def test_an_impossible_move_is_explained_at_its_field(cycle, browser, date, time, field):
    session = first_session(cycle)
    day = {None: session.date, "later": session.date + 2 * WEEK}.get(date, date)
    answer = browser.post(url("session_move", session), {"date": day, "start_time": time})
    assert list(errors(answer)) == [field]
    assert f'value="{day}"' in text_of(answer)
    assert fresh(session).date == session.date


def test_a_clash_is_explained(cycle, browser):
    session = first_session(cycle)
    waitlist = make_waitlist(neighbourhood=None)
    cycle.lead.bookings.create(
        period=(session.starts_at + dt.timedelta(days=1), session.ends_at + dt.timedelta(days=1)), kind="talk"
    )
    data = {"date": session.date + dt.timedelta(days=1), "start_time": session.start_time}
    answer = browser.post(url("session_move", session), data)
    assert f"{cycle.lead.short_name} is taken on" in errors(answer)["__all__"][0]
    assert waitlist.cycles.count() == 0


def test_a_cancelled_session_is_made_up_for(cycle, browser):
    session = first_session(cycle)
    assert list(errors(browser.post(url("session_cancel", session), {"append": "on"}))) == ["reason"]
    confirmed(browser, url("session_cancel", session), {"reason": "storm", "append": "on"})
    again = browser.post(url("session_cancel", session), {"reason": "storm", "append": "on"})
    assert again.url == url("cycle", cycle)
    assert fresh(session).state == SessionState.CANCELLED
    assert cycle.sessions.planned().count() == 5


def cancel_second(cycle):
    """Of five sessions the second is cancelled and one is added, so numbers 1, 3, 4, 5 and 6 are held."""
    second = cycle.sessions.get(number=2)
    cancel_session(session=second, reason="storm", by=cycle.lead, now=timezone.localtime())
    return second


def test_sessions_that_are_held_are_numbered_without_a_gap(cycle, browser):
    second = cancel_second(cycle)
    page = browser.get(url("cycle", cycle))
    shown = [session.held_number for session, _place, _state in page.context["sessions"]]
    assert shown == [1, None, 2, 3, 4, 5]
    words = text_of(page)
    assert re.findall(r'bijeenkomsten/\d+/">(\d)\. ', words) == ["1", "2", "3", "4", "5"]
    assert re.findall(r'class="strip-number">(\d)<', words) == ["1", "2", "3", "4", "5"]
    assert f"<strong>{date_format(second.date, 'D j M')}" in words


def test_the_same_number_stands_in_schedule_step_and_history(cycle, browser):
    cancel_second(cycle)
    third = cycle.sessions.get(number=3)
    assert "Session 2: " in text_of(browser.get(url("session_move", third)))
    move_session(session=third, date=third.date, start_time=dt.time(14), by=cycle.lead, now=timezone.localtime())
    words = text_of(browser.get(url("cycle", cycle)))
    assert "session 2: session moved" in words
    assert "</span><br> session cancelled" in words
    schedule = text_of(browser.get(reverse("groups:schedule"), {"dag": cycle.starts_on, "vorm": "list"}))
    assert re.findall(r'<span class="muted nowrap">\((\d)\)</span>', schedule) == ["1", "2", "3", "4", "5"]


def test_another_room_for_this_or_all_following(cycle, browser):
    session = first_session(cycle)
    other = make_room("Serre", name_of_venue="Huis Twee", neighbourhood=cycle.catchment.neighbourhoods.get())
    confirmed(browser, url("session_room", session), {"room": other.pk})
    assert [fresh(session).room, fresh(cycle).room] == [other, cycle.room]
    second = cycle.sessions.get(number=2)
    confirmed(browser, url("session_room", second), {"room": other.pk, "following": "on"})
    assert set(cycle.sessions.values_list("room", flat=True)) == {other.pk}


def test_a_room_too_small_is_explained(cycle, browser):
    other = make_room("Hok", name_of_venue="Huis Twee", neighbourhood=cycle.catchment.neighbourhoods.get())
    other.capacity = 2
    other.save()
    answer = browser.post(url("session_room", first_session(cycle)), {"room": other.pk})
    assert errors(answer) == {"room": ["This room holds 2, you need 5 places."]}
    assert list(errors(browser.post(url("session_room", first_session(cycle)), {"room": "999999"}))) == ["room"]


def test_rooms_that_are_free_come_first_and_the_nearest_of_them(cycle, browser):
    here, session = cycle.catchment.neighbourhoods.get(), first_session(cycle)
    taken = make_room("Bezette zaal", name_of_venue="A", neighbourhood=here)
    elsewhere = make_room("Verre zaal", name_of_venue="B", neighbourhood=make_neighbourhood("Verderop"))
    near = make_room("Nabije zaal", name_of_venue="C", neighbourhood=here)
    shut = make_room("Dichte zaal", name_of_venue="D", neighbourhood=here)
    shut.venue.opening_hours.all().delete()
    book_room(room=taken, starts_at=session.starts_at, ends_at=session.ends_at, kind="other")
    labels = [label for _pk, label in browser.get(url("session_room", session)).context["form"].fields["room"].choices]
    named = [f"{room} ({room.capacity} places)" for room in (near, elsewhere, taken, shut)]
    assert labels == [
        "Choose …",
        f"{named[0]} · free",
        f"{named[1]} · free",
        f"{named[2]} · taken",
        f"{named[3]} · closed then",
    ]
    clash = browser.post(url("session_room", session), {"room": taken.pk})
    assert "is taken on" in errors(clash)["room"][0]


def test_a_held_session_is_left_alone(cycle, browser):
    session = first_session(cycle)
    cycle.sessions.filter(pk=session.pk).update(state=SessionState.CANCELLED, room_booking=None)
    assert browser.get(url("session_move", session)).url == url("cycle", cycle)


# --- substitutes


def substitute_data(cycle, user, **changes):
    days = {"from_date": cycle.starts_on, "until_date": cycle.starts_on}
    return {"seat": Seat.LEAD, "user": user.pk} | days | changes


def test_a_substitute_for_one_session(cycle, browser):
    other = make_worker(lead=True, municipality=make_municipality())
    browser.post(url("cycle_substitute", cycle), substitute_data(cycle, other))
    assert first_session(cycle).staff.get(seat=Seat.LEAD).user == other
    assert fresh(cycle).lead == cycle.lead


def test_a_substitute_for_good(cycle, browser):
    other = make_worker(lead=True, municipality=make_municipality())
    browser.post(url("cycle_substitute", cycle), substitute_data(cycle, other, until_date=""))
    assert fresh(cycle).lead == other


def test_a_substitute_who_may_not_is_explained(cycle, browser):
    other = make_worker(catchment=cycle.catchment)
    answer = browser.post(url("cycle_substitute", cycle), substitute_data(cycle, other))
    assert "no valid competence" in errors(answer)["user"][0]
    same = browser.post(url("cycle_substitute", cycle), substitute_data(cycle, cycle.lead, seat=Seat.CO_LEAD))
    assert errors(same) == {"user": ["Leader and second leader must be two people."]}


def offered(browser, cycle, **query):
    """{group: [pk]} of who can be chosen as a substitute, and what stands below the choice."""
    field = browser.get(url("cycle_substitute", cycle), query).context["form"].fields["user"]
    return {name: [int(pk) for pk, _name in choices] for name, choices in list(field.choices)[1:]}, field.help_text


def test_only_who_is_competent_and_free_is_named_as_a_substitute(cycle, browser):
    session = first_session(cycle)
    able = make_worker(lead=True, municipality=make_municipality())
    second = make_worker(catchment=cycle.catchment)
    expired = {"expires_on": session.date - dt.timedelta(days=1)}
    make_worker(lead=True, municipality=make_municipality(), **expired)
    busy = make_worker(lead=True, municipality=make_municipality())
    busy.bookings.create(period=(session.starts_at, session.ends_at), kind="talk")
    free = "Free then, the most suitable first"
    both = {f"Leader: {free}": [able.pk], f"Second leader: {free}": [second.pk, able.pk]}
    assert offered(browser, cycle)[0] == both
    assert offered(browser, cycle, seat="co_lead")[0] == {free: [second.pk, able.pk]}
    assert offered(browser, cycle, seat="lead")[0] == {free: [able.pk]}
    later = offered(browser, cycle, seat="lead", from_date=session.date + dt.timedelta(days=1))[0]
    assert later == {free: [able.pk, busy.pk]}


def test_nobody_who_can_take_over_is_said(cycle, browser):
    assert offered(browser, cycle)[0] == {}
    assert "Nobody with the competence is free then." in text_of(browser.get(url("cycle_substitute", cycle)))


def test_days_and_seat_come_along_from_the_leave_page(cycle, browser):
    query = {"seat": "co_lead", "from_date": str(cycle.starts_on), "until_date": "geen dag"}
    form = browser.get(url("cycle_substitute", cycle), query).context["form"]
    assert (form["seat"].value(), form["from_date"].value()) == ("co_lead", cycle.starts_on)


def test_moved_sessions_keep_their_page(cycle, browser):
    session = first_session(cycle)
    move_session(session=session, date=session.date, start_time=dt.time(14), by=cycle.lead, now=timezone.localtime())
    assert "session moved" in text_of(browser.get(url("cycle", cycle)))


def test_ready_lists_need_no_hand(group_worker):
    waitlist = ready_waitlist(now=timezone.localtime())
    words = text_of(browser_of(group_worker).get(url("waitlist", waitlist)))
    assert "too few people" in words
    sweep(timezone.localtime())
    assert "Cycles that came of this list" in text_of(browser_of(group_worker).get(url("waitlist", waitlist)))


def test_who_is_replaced_for_a_while_does_not_become_second_leader_for_good(cycle, browser):
    """The cycle itself still counts them as its leader."""
    other = make_worker(lead=True, municipality=make_municipality())
    last = cycle.sessions.order_by("number").last().date
    browser.post(url("cycle_substitute", cycle), substitute_data(cycle, other, until_date=last))
    data = substitute_data(cycle, cycle.lead, seat=Seat.CO_LEAD, until_date="")
    assert errors(browser.post(url("cycle_substitute", cycle), data)) == {
        "user": ["Leader and second leader must be two people."]
    }
