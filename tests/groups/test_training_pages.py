"""The pages of courses and competences, and what Today says of them (R14, R38)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from groups.enums import CompetenceKind, CourseResult
from groups.models import Competence, Course
from groups.services.competences import end_competence, grant_competence
from groups.services.enrolments import enrol
from reporting.today import build_today
from tests.factories.accounts import make_social_worker, make_team_member
from tests.factories.groups import fresh, make_offer, make_worker
from tests.factories.play import COURSE, DAY, coordinator, make_course, make_day
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db
DAYS = dt.timedelta(days=1)
CO_LEAD = CompetenceKind.CO_LEAD


@pytest.fixture
def coba():
    return coordinator()


@pytest.fixture
def tess():
    return make_team_member("Tess")


def today():
    return timezone.localdate()


def day_of(course=None, **values):
    return make_day(course, today=today(), **values)


def make_past(day, days=2):
    type(day).objects.filter(pk=day.pk).update(date=today() - days * DAYS)


def page(user, name, /, *args, **asked):
    return text_of(browser_of(user).get(reverse(f"groups:{name}", args=args), asked))


def post(user, name, /, *args, **data):
    return browser_of(user).post(reverse(f"groups:{name}", args=args), data)


def grant(user, coba, *, kind=CO_LEAD, offer=None, until=None):
    values = {"kind": kind, "offer": offer, "expires_on": until, "reason": "Ervaring"}
    return grant_competence(user=user, by=coba, now=timezone.now(), **values)


# --- courses ---------------------------------------------------------------------------------------------------------


def test_the_coordinator_makes_a_course_and_plans_a_day(coba):
    values = {name: value for name, value in COURSE.items() if value is not None} | {"name": "Meebegeleiden"}
    made = post(coba, "course_add", **values, offer="")
    course = Course.objects.get()
    assert made.url == reverse("groups:course", args=[course.pk])
    planned = post(coba, "course_day_add", course.pk, **DAY | {"date": today() + 9 * DAYS})
    day = course.days.get()
    assert planned.url == reverse("groups:course_day", args=[day.pk])
    assert post(coba, "course_edit", course.pk, **values | {"offer": "", "name": "Anders"}).status_code == 302
    changed = DAY | {"date": today() + 10 * DAYS, "places": 4}
    assert post(coba, "course_day_edit", day.pk, **changed).status_code == 302
    assert (fresh(course).name, fresh(day).places) == ("Anders", 4)
    assert post(coba, "course_day_cancel", day.pk).status_code == 302
    assert "This course day was cancelled." in page(coba, "course_day", day.pk)


def test_what_is_wrong_stands_at_its_field(coba):
    make_course(name="Leiden", by=coba)
    values = {name: value for name, value in COURSE.items() if value is not None} | {"offer": "", "name": "Leiden"}
    assert list(post(coba, "course_add", **values).context["form"].errors) == ["name"]
    lead = values | {"name": "Nieuw", "grants": "lead"}
    assert list(post(coba, "course_add", **lead).context["form"].errors) == ["for_role"]
    day = day_of(by=coba)
    early = DAY | {"date": today() - DAYS, "end_time": "08:00"}
    assert set(post(coba, "course_day_edit", day.pk, **early).context["form"].errors) == {"date", "end_time"}


def test_a_worker_enrols_and_gives_the_place_up(coba, tess):
    day = day_of(by=coba)
    assert "Enrol" in page(tess, "courses")
    post(tess, "course_enrol", day.pk)
    assert day.enrolments.get().user == tess
    assert "you have a place" in page(tess, "courses")
    answer = browser_of(tess).post(reverse("groups:course_enrol", args=[day.pk]), follow=True)
    assert "has a place in this course already" in text_of(answer)
    post(tess, "course_leave", day.pk)
    assert not day.enrolments.exists()


def test_whom_it_is_not_meant_for_and_who_is_too_late_read_why(coba, tess):
    day = day_of(places=1, by=coba)
    sanne = make_social_worker("Sanne")
    assert "Meant for people with another role than yours." in page(sanne, "courses")
    enrol(day=day, user=make_team_member("Ton"), by=coba, now=timezone.now())
    assert "full" in page(tess, "courses")
    answer = browser_of(tess).post(reverse("groups:course_enrol", args=[day.pk]), follow=True)
    assert "This course day is full." in text_of(answer)


def test_a_course_that_is_not_given_is_for_the_coordinator_alone(coba, tess):
    make_course(name="Oude cursus", is_active=False, by=coba)
    assert ("Oude cursus" in page(coba, "courses"), "Oude cursus" in page(tess, "courses")) == (True, False)


def test_the_coordinator_gives_and_takes_back_a_place(coba, tess):
    day = day_of(by=coba)
    assert post(coba, "course_day_enrol", day.pk, user=tess.pk).status_code == 302
    refused = post(coba, "course_day_enrol", day.pk, user=make_social_worker("Sanne").pk)
    assert (refused.status_code, "user" in refused.context["enrol_form"].errors) == (422, True)
    post(coba, "course_place_remove", day.enrolments.get().pk)
    assert not day.enrolments.exists()


def test_noting_who_was_there_gives_the_competence(coba, tess):
    day, ton = day_of(by=coba), make_team_member("Ton")
    for user in (tess, ton):
        enrol(day=day, user=user, by=user, now=timezone.now())
    early = post(coba, "course_day", day.pk, **{f"p{place.pk}": "completed" for place in day.enrolments.all()})
    assert "still to come" in text_of(early)
    make_past(day)
    mine = day.enrolments.get(user=tess)
    assert post(coba, "course_day", day.pk, **{f"p{mine.pk}": "completed"}).status_code == 302
    assert (tess.competences.count(), ton.competences.count()) == (1, 0)
    assert fresh(mine).result == CourseResult.COMPLETED
    assert "Second leader, all groups" in page(tess, "my_competences")


def test_who_waits_for_cycles_reads_how_many(coba):
    sanne = make_social_worker("Sanne")
    course = make_course(for_role="social_worker", grants="lead", cycles_beside=2, by=coba)
    day = day_of(course, by=coba)
    place = enrol(day=day, user=sanne, by=sanne, now=timezone.now())
    make_past(day)
    post(coba, "course_day", day.pk, **{f"p{place.pk}": "completed"})
    words = "after 2 finished cycles as second leader, now 0"
    assert (words in page(sanne, "my_competences"), words in page(coba, "course_day", day.pk)) == (True, True)


# --- competences -----------------------------------------------------------------------------------------------------


def test_granting_extending_and_ending_by_the_page(coba, tess):
    asked = {"user": tess.pk, "kind": CO_LEAD, "offer": "", "expires_on": today() + 90 * DAYS, "reason": "Ervaring"}
    assert post(coba, "competence_grant", **asked).status_code == 302
    again = post(coba, "competence_grant", **asked)
    assert (again.status_code, "expires_on" in again.context["form"].errors) == (422, True)
    competence = tess.competences.get()
    ended = post(coba, "competence_end", competence.pk, expires_on=today() + 30 * DAYS, reason="Andere baan")
    assert ended.status_code == 302
    assert "Andere baan" in page(tess, "my_competences")
    assert post(coba, "competence_end", competence.pk, reason="").status_code == 422
    post(coba, "competence_end", competence.pk, reason="Andere baan")
    assert not tess.competences.exists()
    assert browser_of(coba).get(reverse("groups:competence_end", args=[competence.pk])).status_code == 404


def test_the_form_to_extend_starts_with_whom_and_what(coba, tess):
    answer = browser_of(coba).get(reverse("groups:competence_grant"), {"collega": tess.pk, "soort": "co_lead"})
    assert answer.context["form"]["user"].value() == tess.pk
    for odd in ("x", "٣", "9" * 30, "-1"):
        asked = {"collega": odd, "soort": "?"}
        assert browser_of(coba).get(reverse("groups:competence_grant"), asked).status_code == 200


def test_what_expired_stands_at_the_bottom(coba):
    names = ("Anna", "Bert", "Cor")
    for name, days in zip(names, (-10, 30, 300), strict=True):
        make_worker(name, expires_on=today() + days * DAYS)
    rows = browser_of(coba).get(reverse("groups:competences")).context["rows"]
    assert [row.user.first_name for row, _what, _until in rows] == ["Bert", "Cor", "Anna"]
    assert [(row.is_expired, row.is_soon) for row, _w, _u in rows] == [(False, True), (False, False), (True, False)]


def test_the_list_can_be_narrowed(coba):
    offer = make_offer()
    make_worker("Anna", lead=True)
    bert = make_worker("Bert", expires_on=today() + 30 * DAYS)
    make_worker("Cor", expires_on=today() - DAYS)
    Competence.objects.create(user=bert, kind=CO_LEAD, offer=offer, granted_on=today())

    def found(**asked):
        rows = browser_of(coba).get(reverse("groups:competences"), asked).context["rows"]
        return [(row.user.first_name, row.offer_id) for row, _what, _until in rows]

    assert found(kind="lead") == [("Anna", None)]
    assert found(state="soon") == [("Bert", None)]
    assert found(state="expired") == [("Cor", None)]
    assert found(state="valid") == [("Anna", None), ("Bert", None), ("Bert", offer.pk)]
    assert found(offer=make_offer().slug) == [("Anna", None), ("Bert", None), ("Cor", None)]
    assert found(kind="x", state="?", offer="", pagina="x") == found()
    assert "No competence answers to this" not in page(coba, "competences", kind="lead")
    assert "No competence answers to this" in page(coba, "competences", kind="lead", state="expired")


def test_one_sees_ones_own_only(tess):
    make_worker("Anna", lead=True)
    assert "You may not lead or co-lead yet" in page(tess, "my_competences")


# --- Today -----------------------------------------------------------------------------------------------------------


def titles(user):
    with translation.override("en"):
        return [task.title for task in build_today(user, now=timezone.now()).tasks]


def test_today_warns_the_person_and_the_coordinator(coba, tess):
    grant(tess, coba, until=today() + 61 * DAYS)
    assert titles(tess) == titles(coba) == []
    Competence.objects.update(expires_on=today() + 60 * DAYS)
    assert [title[:23] for title in titles(tess)] == ["Your competence ends on"]
    assert titles(coba) == ["1 competence expires soon"]
    [mine] = build_today(tess, now=timezone.now()).tasks
    assert mine.tone == "info"
    Competence.objects.update(expires_on=today() + 14 * DAYS)
    [mine] = build_today(tess, now=timezone.now()).tasks
    assert mine.tone == "warn"
    grant(tess, coba, until=today() + 300 * DAYS)
    assert titles(tess) == titles(coba) == []


def test_a_colleagues_end_is_not_mine(coba, tess):
    grant(tess, coba, until=today() + 20 * DAYS)
    assert titles(make_team_member("Ton")) == []


# --- cost ------------------------------------------------------------------------------------------------------------


def test_pages_cost_the_same_with_one_and_three_rows(coba, tess):
    now = timezone.now()
    course = make_course(by=coba)
    day, later = day_of(course, by=coba), day_of(course, days=20, by=coba)
    make_past(later)

    def grow():
        colleague = make_team_member(f"Collega{Competence.objects.count()}")
        grant(colleague, coba, until=today() + 20 * DAYS)
        grant(tess, coba, offer=make_offer(), until=today() + 20 * DAYS)
        day_of(make_course(by=coba), by=coba)
        enrol(day=day, user=colleague, by=colleague, now=now)
        other = day_of(make_course(by=coba), by=coba)
        enrol(day=other, user=tess, by=tess, now=now)
        later.enrolments.create(user=colleague, enrolled_at=now)

    def cost():
        asked = [(coba, "courses"), (tess, "courses"), (coba, "competences"), (tess, "my_competences")]
        asked += [(coba, "course", course.pk), (coba, "course_day", day.pk), (coba, "course_day", later.pk)]
        pages = [statements(browser_of(user), reverse(f"groups:{name}", args=args)) for user, name, *args in asked]
        return pages + [statements(browser_of(user), reverse("reporting:today")) for user in (coba, tess)]

    grow()
    before = cost()
    grow()
    grow()
    assert cost() == before
    assert max(before) <= 15, before


def test_ended_competences_are_told_to_the_person(coba, tess):
    competence = grant(tess, coba)
    end_competence(competence=competence, expires_on=None, reason="Andere baan", by=coba, now=timezone.now())
    shown = page(tess, "my_competences")
    assert ("withdrawn" in shown, "Andere baan" in shown) == (True, True)
