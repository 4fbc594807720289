"""R38, R14: courses and places in them; being there gives the competence; who loses one is told in time."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from accounts.enums import RoleName
from accounts.models import RoleAssignment, User
from groups.enums import CompetenceEvent, CompetenceKind, CourseResult, CycleState
from groups.exceptions import NotAllowed
from groups.models import Competence, CompetenceChange, Cycle, Enrolment, Waitlist
from groups.services.competences import end_competence, give_by_course, grant_competence, settle_training
from groups.services.courses import COURSE_FIELDS, add_course, cancel_day, change_course, change_day
from groups.services.enrolments import enrol, give_up_place, note_results
from groups.training import expiring
from notifications.models import Notification
from tests.factories.accounts import make_group_worker, make_social_worker, make_team_member
from tests.factories.groups import NOW, TODAY, fresh, make_cycle, make_entry, make_offer, make_waitlist, make_worker
from tests.factories.play import COURSE, DAY, coordinator, make_course, make_day

pytestmark = pytest.mark.django_db
DAYS, COMPLETED, ABSENT = dt.timedelta(days=1), CourseResult.COMPLETED, CourseResult.ABSENT
AFTER = NOW + 8 * DAYS  # a day after make_day()
LEAD, CO_LEAD = CompetenceKind.LEAD, CompetenceKind.CO_LEAD


@pytest.fixture
def coba():
    return coordinator()


@pytest.fixture
def tess():
    return make_team_member("Tess")


def take_part(day, user, by=None):
    return enrol(day=day, user=user, by=by or user, now=NOW)


def note(day, result, by, *people, now=AFTER):
    note_results(day=day, results={place.pk: result for place in people}, by=by, now=now)


def complete(user, coba, *, now=AFTER, **course):
    """This person completed a course that gives so much."""
    day = make_day(make_course(by=coba, for_role=next(iter(user.role_names)), **course), by=coba)
    place = take_part(day, user)
    note(day, COMPLETED, coba, place, now=now)
    return place


def held(user):
    return list(user.competences.order_by("pk").values_list("kind", "offer", "granted_on", "expires_on"))


def refused(code, act, *args, **kwargs):
    with pytest.raises(NotAllowed) as caught:
        act(*args, **kwargs)
    assert caught.value.reason.code == code


def mails(kind):
    return list(Notification.objects.filter(kind=kind).order_by("pk"))


# --- courses and days ------------------------------------------------------------------------------------------------


def test_a_course_has_one_name_and_trains_who_may_sit_there(coba):
    make_course(name="Leiden", by=coba)
    values = COURSE | {"name": "Leiden"}
    refused("course_name_taken", add_course, values=values, by=coba)
    values["name"] = "Andere"
    refused("role_cannot_lead", add_course, values=values | {"grants": LEAD}, by=coba)
    refused("role_cannot_sit", add_course, values=values | {"for_role": RoleName.DESK}, by=coba)
    course = add_course(values=values, by=coba)
    refused("course_name_taken", change_course, course=course, values=values | {"name": "Leiden"}, by=coba)
    change_course(course=course, values=values | {"is_active": False}, by=coba)
    refused("course_closed", make_day, course, by=coba)


def test_a_day_is_planned_ahead_and_not_smaller_than_who_comes(coba, tess):
    day = make_day(by=coba)
    take_part(day, tess)
    take_part(day, make_team_member("Ton"))
    refused("day_not_ahead", make_day, day.course, days=-1, by=coba)
    asked = {"by": coba, "now": NOW, "today": TODAY}
    values = DAY | {"date": day.date}
    refused("fewer_than_enrolled", change_day, day=day, values=values | {"places": 1}, **asked)
    refused("day_not_ahead", change_day, day=day, values=values | {"date": TODAY - DAYS}, **asked)
    refused("day_is_over", change_day, day=day, values=values, by=coba, now=AFTER, today=AFTER.date())
    cancel_day(day=day, by=coba, now=NOW)
    cancel_day(day=day, by=coba, now=NOW)
    refused("day_cancelled", change_day, day=day, values=values, **asked)
    assert len(mails("course_cancelled")) == 2


def test_who_has_a_place_hears_of_another_time_and_not_of_more_places(coba, tess):
    day = make_day(by=coba)
    take_part(day, tess)
    values, asked = DAY | {"date": day.date, "places": 20}, {"by": coba, "now": NOW, "today": TODAY}
    change_day(day=day, values=values, **asked)
    assert mails("course_changed") == []
    change_day(day=day, values=values | {"start_time": dt.time(10)}, **asked)
    [mail] = mails("course_changed")
    assert (mail.to_address, "10:00 uur" in mail.body) == (tess.email, True)


def test_a_day_that_was_given_is_not_cancelled(coba):
    refused("day_is_over", cancel_day, day=make_day(by=coba), by=coba, now=AFTER)


# --- places ----------------------------------------------------------------------------------------------------------


def test_one_takes_a_place_and_gives_it_up(coba, tess):
    day = make_day(by=coba)
    take_part(day, tess)
    assert mails("course_place") == [], "who did it themselves knows"
    for _ in range(2):
        give_up_place(day=day, user=tess, by=tess, now=NOW)
    assert not day.enrolments.exists()


def test_whom_the_coordinator_enrols_hears_of_it(coba, tess):
    take_part(make_day(by=coba), tess, by=coba)
    [mail] = mails("course_place")
    assert (mail.to_address, mail.subject) == (tess.email, "Een bericht van Socius")


def test_full_wrong_role_and_twice_are_refused(coba, tess):
    day = make_day(by=coba, places=1)
    take_part(day, tess)
    refused("enrolled_already", take_part, day, tess)
    refused("enrolled_already", take_part, make_day(day.course, days=9, by=coba), tess)
    refused("course_full", take_part, day, make_team_member("Ton"))
    refused("wrong_role", take_part, day, make_social_worker("Sanne"))
    with pytest.raises(PermissionDenied):
        take_part(day, make_team_member("Toon"), by=tess)


def test_nobody_enrols_for_what_is_over_cancelled_or_not_given(coba, tess):
    day = make_day(by=coba)
    refused("day_is_over", enrol, day=day, user=tess, by=tess, now=AFTER)
    refused("day_is_over", give_up_place, day=day, user=tess, by=tess, now=AFTER)
    values = {name: getattr(day.course, name) for name in COURSE_FIELDS}
    change_course(course=day.course, values=values | {"is_active": False}, by=coba)
    refused("course_closed", take_part, day, tess)
    cancel_day(day=day, by=coba, now=NOW)
    refused("day_cancelled", take_part, day, tess)
    User.objects.filter(pk=tess.pk).update(is_active=False)
    refused("not_here_any_more", take_part, make_day(by=coba), tess, by=coba)


def test_who_missed_a_day_can_come_to_the_next(coba, tess):
    day = make_day(by=coba)
    place = take_part(day, tess)
    note(day, ABSENT, coba, place)
    later = make_day(day.course, days=30, by=coba)
    enrol(day=later, user=tess, by=tess, now=AFTER)
    assert tess.enrolments.count() == 2


# --- who was there ---------------------------------------------------------------------------------------------------


def test_completing_gives_the_competence_until_its_months_are_over(coba, tess):
    place = complete(tess, coba, valid_months=12)
    assert held(tess) == [(CO_LEAD, None, TODAY + 7 * DAYS, dt.date(2027, 9, 14))]
    assert (fresh(place).result, fresh(place).noted_by) == (COMPLETED, coba)
    [change] = CompetenceChange.objects.all()
    assert (change.event, change.enrolment, change.by) == (CompetenceEvent.GRANTED, place, coba)


def test_a_competence_for_one_offer_and_for_good(coba, tess):
    offer = make_offer()
    complete(tess, coba, valid_months=None, offer=offer)
    assert held(tess) == [(CO_LEAD, offer.pk, TODAY + 7 * DAYS, None)]


def test_the_same_result_twice_is_once(coba, tess):
    place = complete(tess, coba)
    note(place.day, COMPLETED, coba, place)
    assert (CompetenceChange.objects.count(), tess.competences.count()) == (1, 1)


def test_what_a_course_gave_it_does_not_give_again(coba, tess):
    """Two who settle the same at once: the second finds it done."""
    place = complete(tess, coba)
    assert give_by_course(enrolment=place, by=None, now=AFTER) is False
    assert CompetenceChange.objects.count() == 1


def test_who_was_not_there_gets_nothing_until_it_is_put_right(coba, tess):
    day = make_day(by=coba)
    place = take_part(day, tess)
    note(day, ABSENT, coba, place)
    assert held(tess) == []
    note(day, COMPLETED, coba, place)
    assert len(held(tess)) == 1
    refused("result_counts", note, day, ABSENT, coba, place)


def test_results_are_noted_after_the_day_by_the_coordinator(coba, tess):
    day = make_day(by=coba)
    place = take_part(day, tess)
    refused("day_not_over", note, day, COMPLETED, coba, place, now=NOW)
    with pytest.raises(PermissionDenied):
        note(day, COMPLETED, tess, place)
    cancel_day(day=day, by=coba, now=NOW)
    refused("day_cancelled", note, day, COMPLETED, coba, place)


def test_a_later_end_extends_and_an_earlier_one_takes_nothing_away(coba, tess):
    complete(tess, coba, valid_months=12)
    complete(tess, coba, valid_months=24)
    complete(tess, coba, valid_months=1)
    assert held(tess) == [(CO_LEAD, None, TODAY + 7 * DAYS, dt.date(2028, 9, 14))]
    complete(tess, coba, valid_months=None)
    assert held(tess)[0][-1] is None


def test_one_that_expired_is_granted_anew(coba, tess):
    Competence.objects.create(user=tess, kind=CO_LEAD, granted_on=TODAY - 99 * DAYS, expires_on=TODAY - DAYS)
    complete(tess, coba, valid_months=12)
    assert held(tess) == [(CO_LEAD, None, TODAY + 7 * DAYS, dt.date(2027, 9, 14))]
    assert CompetenceChange.objects.get().event == CompetenceEvent.GRANTED


def test_the_last_of_a_month_stays_within_the_month(coba, tess):
    days = (dt.date(2027, 1, 31) - TODAY).days
    day = make_day(make_course(by=coba, valid_months=1), days=days, by=coba)
    place = take_part(day, tess)
    note(day, COMPLETED, coba, place, now=NOW + (days + 1) * DAYS)
    assert held(tess)[0][-1] == dt.date(2027, 2, 28)


def test_nothing_of_it_happens_when_one_cannot(coba, tess):
    """One transaction: two results, of which the second is refused."""
    done = complete(tess, coba)
    other = Enrolment.objects.create(day=done.day, user=make_team_member("Ton"), enrolled_at=NOW)
    refused(
        "result_counts", note_results, day=done.day, results={done.pk: ABSENT, other.pk: COMPLETED}, by=coba, now=AFTER
    )
    assert fresh(other).result == ""


# --- beside an experienced leader ------------------------------------------------------------------------------------


def finish_beside(user):
    cycle = make_cycle(3)
    Cycle.objects.filter(pk=cycle.pk).update(co_lead=user, state=CycleState.FINISHED)


def test_leading_waits_for_cycles_beside_an_experienced_leader(coba):
    sanne = make_social_worker("Sanne")
    complete(sanne, coba, grants=LEAD, cycles_beside=2, valid_months=12)
    assert held(sanne) == []
    finish_beside(sanne)
    settle_training(now=AFTER)
    assert held(sanne) == []
    finish_beside(sanne)
    later = AFTER + 30 * DAYS
    settle_training(now=later)
    settle_training(now=later)
    assert held(sanne) == [(LEAD, None, later.date(), dt.date(2027, 10, 15))]
    assert CompetenceChange.objects.get().by is None


def test_cycles_finished_before_the_course_count(coba):
    sanne = make_social_worker("Sanne")
    finish_beside(sanne)
    complete(sanne, coba, grants=LEAD, cycles_beside=1)
    assert [row[:2] for row in held(sanne)] == [(LEAD, None)]


def test_what_was_withdrawn_does_not_come_back_by_itself(coba):
    sanne = make_social_worker("Sanne")
    finish_beside(sanne)
    complete(sanne, coba, grants=LEAD, cycles_beside=1)
    end_competence(competence=sanne.competences.get(), expires_on=None, reason="Proef", by=coba, now=AFTER)
    settle_training(now=AFTER)
    assert held(sanne) == []


def test_a_waiting_course_can_still_be_put_right(coba):
    sanne = make_social_worker("Sanne")
    place = complete(sanne, coba, grants=LEAD, cycles_beside=1)
    note(place.day, ABSENT, coba, place)
    finish_beside(sanne)
    settle_training(now=AFTER)
    assert held(sanne) == []


# --- by hand ---------------------------------------------------------------------------------------------------------


def grant(user, by, *, kind=CO_LEAD, offer=None, until=None, reason="Ervaring", now=NOW):
    return grant_competence(user=user, kind=kind, offer=offer, expires_on=until, reason=reason, by=by, now=now)


def test_by_hand_with_a_reason_that_stays(coba, tess):
    grant(tess, coba, until=TODAY + 90 * DAYS)
    assert held(tess) == [(CO_LEAD, None, TODAY, TODAY + 90 * DAYS)]
    change = CompetenceChange.objects.get()
    assert (change.reason, change.by, change.event) == ("Ervaring", coba, CompetenceEvent.GRANTED)
    grant(tess, coba, until=TODAY + 120 * DAYS)
    grant(tess, coba)
    assert held(tess) == [(CO_LEAD, None, TODAY, None)]


def test_what_cannot_be_granted(coba, tess):
    refused("reason_missing", grant, tess, coba, reason=" ")
    refused("day_not_ahead", grant, tess, coba, until=TODAY)
    refused("role_cannot_lead", grant, tess, coba, kind=LEAD)
    refused("role_cannot_sit", grant, coba, coba)
    grant(tess, coba, until=TODAY + 9 * DAYS)
    refused("has_it_already", grant, tess, coba, until=TODAY + 9 * DAYS)
    refused("has_it_already", grant, tess, coba, until=TODAY + 8 * DAYS)
    with pytest.raises(PermissionDenied):
        grant(tess, tess)
    User.objects.filter(pk=tess.pk).update(is_active=False)
    refused("not_here_any_more", grant, tess, coba)


def test_lists_that_waited_for_a_leader_are_looked_at_again(coba):
    waitlist = make_waitlist()
    for _ in range(3):
        make_entry(waitlist)
    groetje = make_group_worker(municipalities=[waitlist.catchment.municipality])
    Waitlist.objects.update(due_at=NOW + 5 * DAYS)
    grant(groetje, coba, kind=LEAD)
    assert fresh(waitlist).due_at == NOW


def test_a_course_makes_them_due_too(coba):
    waitlist = make_waitlist()
    for _ in range(3):
        make_entry(waitlist)
    groetje = make_group_worker(municipalities=[waitlist.catchment.municipality])
    Waitlist.objects.update(due_at=NOW + 50 * DAYS)
    complete(groetje, coba, grants=LEAD)
    assert fresh(waitlist).due_at == AFTER


def end(competence, by, *, on=None, reason="Andere baan", now=NOW):
    end_competence(competence=competence, expires_on=on, reason=reason, by=by, now=now)


def test_ending_keeps_who_when_and_why(coba, tess):
    competence = grant(tess, coba)
    end(competence, coba, on=TODAY + 30 * DAYS)
    assert held(tess)[0][-1] == TODAY + 30 * DAYS
    end(competence, coba)
    assert held(tess) == []
    events = list(tess.competence_changes.order_by("pk").values_list("event", "reason"))
    assert events == [("granted", "Ervaring"), ("limited", "Andere baan"), ("withdrawn", "Andere baan")]
    refused("competence_gone", end, competence, coba)


def test_what_cannot_be_ended(coba, tess):
    competence = grant(tess, coba, until=TODAY + 30 * DAYS)
    refused("reason_missing", end, competence, coba, reason="")
    refused("day_not_ahead", end, competence, coba, on=TODAY)
    refused("ends_earlier", end, competence, coba, on=TODAY + 31 * DAYS)
    with pytest.raises(PermissionDenied):
        end(competence, tess)


def test_a_running_cycle_is_not_torn_apart(coba):
    cycle = make_cycle(3)
    competence = cycle.lead.competences.get()
    refused("competence_needed", end, competence, coba)
    refused("competence_needed", end, competence, coba, on=cycle.sessions.last().date)
    assert not CompetenceChange.objects.exists()
    end(competence, coba, on=cycle.sessions.last().date + DAYS)


# --- told in time ----------------------------------------------------------------------------------------------------


def told(now):
    settle_training(now=now)
    return [mail.to_address for mail in mails("competence_expires")]


def test_one_mail_sixty_and_one_fourteen_days_before(coba, tess):
    grant(tess, coba, until=TODAY + 100 * DAYS)
    seen = {days: len(told(NOW + (100 - days) * DAYS)) for days in (61, 60, 59, 30, 15, 14, 13, 1, 0, -5)}
    assert seen == {61: 0, 60: 1, 59: 1, 30: 1, 15: 1, 14: 2, 13: 2, 1: 2, 0: 2, -5: 2}
    mail = mails("competence_expires")[0]
    assert "tweede begeleider" in mail.body
    assert mail.subject == "Een bericht van Socius"


def test_who_is_found_late_gets_one(coba, tess):
    grant(tess, coba, until=TODAY + 10 * DAYS)
    assert told(NOW) == told(NOW + DAYS) == [tess.email]


def test_extended_it_is_another_end(coba, tess):
    grant(tess, coba, until=TODAY + 10 * DAYS)
    told(NOW)
    grant(tess, coba, until=TODAY + 200 * DAYS)
    assert len(told(NOW)) == 1
    assert len(told(NOW + 150 * DAYS)) == 2


def test_what_something_else_covers_is_no_news(coba):
    worker = make_worker(lead=True)
    grant(worker, coba, until=TODAY + 20 * DAYS)
    offer = make_offer()
    grant(worker, coba, kind=LEAD, offer=offer, until=TODAY + 20 * DAYS)
    assert told(NOW) == []
    worker.competences.filter(kind=LEAD, offer=None).update(expires_on=TODAY + 19 * DAYS)
    assert expiring(today=TODAY).count() == 3


def test_leading_covers_co_leading_only_for_who_may_lead(coba, tess):
    Competence.objects.create(user=tess, kind=LEAD, granted_on=TODAY)
    grant(tess, coba, until=TODAY + 20 * DAYS)
    assert told(NOW) == [tess.email]


def test_one_for_one_offer_does_not_cover_all(coba, tess):
    grant(tess, coba, until=TODAY + 20 * DAYS)
    grant(tess, coba, offer=make_offer())
    assert told(NOW) == [tess.email]


def test_the_mail_does_not_name_a_closed_group(coba, tess):
    offer = make_offer(is_sensitive=True)
    grant(tess, coba, offer=offer, until=TODAY + 20 * DAYS)
    told(NOW)
    assert offer.name not in mails("competence_expires")[0].body


def test_who_left_hears_nothing(coba, tess):
    grant(tess, coba, until=TODAY + 20 * DAYS)
    User.objects.filter(pk=tess.pk).update(is_active=False)
    assert told(NOW) == []


def test_a_role_that_was_taken_away_does_not_enrol(coba, tess):
    day = make_day(by=coba)
    RoleAssignment.objects.filter(user=tess).update(role=RoleName.DESK)
    refused("wrong_role", take_part, day, tess)
