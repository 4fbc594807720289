"""R8b: no fitting offer is no dead end."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from accounts.enums import RoleName
from clients.small_numbers import fewer_than_shown
from groups.models import WaitlistEntry
from groups.services.waitlists import waitlist_for
from intake.enums import Decision, OpenQuestionState, StatusCode
from intake.exceptions import NoPlace, QuestionClosed
from intake.models import OpenQuestion, Referral
from intake.queries import fitting_now, open_counts, proposals, questions_of, referral_status, with_status_facts
from intake.services import answer_open_question, refuse_offer, review_open_question, withdraw_open_question
from neighbourhoods.enums import CatchmentLevel
from reporting.today import social_worker
from tests.factories.accounts import make_coordinator, make_group_worker, make_user
from tests.factories.clients import make_client
from tests.factories.groups import NOW, TODAY, fresh, make_offer
from tests.factories.intake import make_door, make_judge, make_judgement, make_kind, make_referral
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db
ASK_ON = TODAY + dt.timedelta(days=14)


def make_question(*, kinds=("loneliness",), days=0, **wishes):
    now = NOW - dt.timedelta(days=days)
    referral = make_referral(problem_kinds=[make_kind(kind, kind) for kind in kinds], now=now, **wishes)
    make_judgement(referral, decision=Decision.NO_OFFER, reason="Niets past.", follow_up_on=ASK_ON)
    return OpenQuestion.objects.get(referral=referral)


def found(user, *, today=TODAY):
    """{offer name: how many questions} as it is proposed."""
    return {offer.name: len(questions) for offer, questions in proposals(questions_of(user), today=today)}


def the_fit(question, offer):
    questions = questions_of(make_judge(), rows=OpenQuestion.objects.filter(pk=question.pk))
    return next(fit for fit in fitting_now(questions, today=TODAY)[question.pk] if fit.offer == offer)


@pytest.fixture
def sofie():
    make_door()
    return make_judge()


def test_what_was_looked_at_is_not_proposed_and_a_new_offer_is(sofie):
    make_offer(name="Bestaand")
    make_question()
    assert found(sofie) == {}
    make_offer(name="Nieuw")
    assert found(sofie) == {"Nieuw": 1}


def test_an_offer_that_becomes_active_is_proposed(sofie):
    offer = make_offer(name="Sluimerend", is_active=False)
    make_question()
    assert found(sofie) == {}
    offer.is_active = True
    offer.save(update_fields=["is_active"])
    assert found(sofie) == {"Sluimerend": 1}


def test_an_offer_whose_settings_change_so_that_it_fits_is_proposed(sofie):
    offer = make_offer(name="Eerst zestig", age_from=60)
    make_question()
    assert found(sofie) == {}
    offer.age_from = 18
    offer.save(update_fields=["age_from"])
    assert found(sofie) == {"Eerst zestig": 1}


def test_a_list_that_opens_where_somebody_lives_is_news_of_an_offer_that_was_there(sofie):
    offer = make_offer(name="Elders al")
    question = make_question()
    assert found(sofie) == {}
    waitlist_for(offer=offer, catchment=question.neighbourhood.catchment)
    assert found(sofie) == {"Elders al": 1}


def test_another_subject_or_sex_is_not_proposed(sofie):
    question = make_question()
    make_offer(name="Geld").problem_kinds.add(make_kind("financial", "Geld"))
    make_offer(name="Mannen", audience="men")
    assert found(sofie) == {}
    assert question.client.sex == "female"


def test_who_refuses_the_own_neighbourhood_is_not_proposed_a_group_there(sofie):
    """R18."""
    referral = make_referral()
    make_judgement(
        referral,
        decision=Decision.NO_OFFER,
        reason="Niet in de wijk.",
        follow_up_on=ASK_ON,
        refuses_own_neighbourhood=True,
    )
    make_offer(name="In de wijk")
    make_offer(name="In de regio", level=CatchmentLevel.REGION)
    assert found(sofie) == {"In de regio": 1}


def test_the_offer_that_answers_most_comes_first_and_each_costs_no_more(sofie, django_assert_num_queries):
    for _ in range(2):
        make_question()
    make_question(kinds=("grief",))
    make_offer(name="Rouw").problem_kinds.add(make_kind("grief", "grief"))
    make_offer(name="Samen").problem_kinds.add(make_kind())
    assert list(found(sofie).items()) == [("Samen", 2), ("Rouw", 1)]
    counts = []
    for _ in range(2):
        with django_assert_num_queries(5):
            counts.append(sum(found(sofie).values()))
        make_question(kinds=("grief",))
    assert counts == [3, 3]


def test_one_click_puts_them_on_the_list_with_the_time_they_waited(sofie):
    """R17."""
    question = make_question(days=40)
    offer = make_offer(name="Nieuw")
    entry = answer_open_question(question=question, fit=the_fit(question, offer), by=sofie, now=NOW)
    assert entry.waiting_since == TODAY - dt.timedelta(days=40)
    assert (entry.judged_by, entry.problem_kind.pk) == (sofie, "loneliness")
    question = fresh(question)
    assert (question.state, question.entry, question.closed_by) == (OpenQuestionState.ANSWERED, entry, sofie)
    referral = with_status_facts(Referral.objects).get(pk=question.referral_id)
    assert referral_status(referral).code == StatusCode.WAITING
    assert found(sofie) == {}


def test_the_second_of_two_clicks_is_told_and_nobody_waits_twice(sofie):
    question, offer = make_question(), make_offer()
    fit = the_fit(question, offer)
    answer_open_question(question=question, fit=fit, by=sofie, now=NOW)
    with pytest.raises(QuestionClosed):
        answer_open_question(question=question, fit=fit, by=sofie, now=NOW)
    assert WaitlistEntry.objects.count() == 1


def test_an_offer_that_closed_meanwhile_refuses_and_the_question_stays_open(sofie):
    question, offer = make_question(), make_offer()
    fit = the_fit(question, offer)
    fit.offer.is_active = False
    fit.offer.save(update_fields=["is_active"])
    with pytest.raises(NoPlace):
        answer_open_question(question=question, fit=fit, by=sofie, now=NOW)
    assert fresh(question).state == OpenQuestionState.OPEN
    assert WaitlistEntry.objects.count() == 0


def test_what_does_not_suit_is_not_proposed_again(sofie):
    question, offer = make_question(), make_offer(name="Nieuw")
    refuse_offer(question=question, fit=the_fit(question, offer), by=sofie)
    assert found(sofie) == {}


def test_withdrawing_says_why_and_the_referrer_hears_that_it_stopped(sofie):
    question = make_question()
    with pytest.raises(ValidationError):
        withdraw_open_question(question=question, reason=" ", by=sofie, now=NOW)
    withdraw_open_question(question=question, reason="Verhuisd.", by=sofie, now=NOW)
    assert (fresh(question).state, fresh(question).closed_reason) == (OpenQuestionState.WITHDRAWN, "Verhuisd.")
    referral = with_status_facts(Referral.objects).get(pk=question.referral_id)
    assert referral_status(referral).code == StatusCode.STOPPED


def test_the_next_look_is_after_today(sofie):
    question = make_question()
    with pytest.raises(ValidationError):
        review_open_question(question=question, review_on=TODAY, by=sofie, now=NOW)
    review_open_question(question=question, review_on=TODAY + dt.timedelta(days=1), by=sofie, now=NOW)
    assert fresh(question).review_on == TODAY + dt.timedelta(days=1)


def test_who_works_elsewhere_neither_sees_nor_answers_it(sofie):
    question, offer = make_question(), make_offer()
    sam = make_judge("Sam", make_municipality("Heemskerk", "GM0396"))
    assert list(questions_of(sam)) == []
    with pytest.raises(PermissionDenied):
        answer_open_question(question=question, fit=the_fit(question, offer), by=sam, now=NOW)


def counts_for(user):
    return [
        (count.neighbourhood.name, count.total, [(kind and kind.pk, number) for kind, number in count.kinds])
        for count in open_counts(user)
    ]


def test_they_are_counted_for_each_neighbourhood_and_kind(sofie):
    """R34: one question about two things is one question."""
    make_question(kinds=("loneliness", "grief"))
    make_question(kinds=("loneliness",))
    make_question(kinds=(), neighbourhood=make_neighbourhood("Warande"))
    counts = [("Centrum", 2, [("loneliness", 2), ("grief", 1)]), ("Warande", 1, [(None, 1)])]
    assert counts_for(sofie) == counts
    assert open_counts(make_group_worker("Bo", municipalities=[make_municipality("Heemskerk", "GM0396")])) == []


def test_small_numbers_are_not_told_to_who_need_not_know_them(sofie):
    """R34: neither a small number nor two whose difference is one."""
    coba = make_coordinator("Coba")
    for _ in range(4):
        make_question()
    assert counts_for(coba) == [("Centrum", None, [])]
    make_question()
    assert counts_for(coba) == [("Centrum", 5, [("loneliness", 5)])]
    make_question(kinds=("grief",))
    assert counts_for(coba) == [("Centrum", 6, [("loneliness", None)])]
    for _ in range(4):
        make_question(kinds=("grief",))
    assert counts_for(coba) == [("Centrum", 10, [("grief", 5), ("loneliness", 5)])]


def test_who_judges_somewhere_and_coordinates_everywhere_hears_small_numbers_where_they_judge():
    place, far = make_door(), make_neighbourhood("Verweg", municipality=make_municipality("Uitgeest", "GM0450"))
    sofie = make_judge("Sofie", place.municipality)
    both = make_user("Beide", RoleName.COORDINATOR, RoleName.SOCIAL_WORKER)
    both.work_areas.create(municipality=place.municipality)
    for neighbourhood in (place, far):
        sofie.work_areas.get_or_create(municipality=neighbourhood.municipality)
        make_question(neighbourhood=neighbourhood)
    assert counts_for(both) == [("Centrum", 1, [("loneliness", 1)]), ("Verweg", None, [])]


def test_a_coordinator_and_a_group_worker_read_counts_and_no_names(client, sofie):
    """R34, R41."""
    question = make_question()
    waitlist = waitlist_for(offer=make_offer(), catchment=question.neighbourhood.catchment)
    gea = make_group_worker("Gea", municipalities=[question.neighbourhood.municipality])
    urls = "/open-vragen/", f"/open-vragen/wachtlijst/{waitlist.pk}/"
    with translation.override("en"):
        few = fewer_than_shown()
    for user in (make_coordinator("Coba"), gea):
        client.force_login(user)
        for url in urls:
            page = client.get(url, headers={"accept-language": "en"}).content.decode()
            assert few in page
            assert "A. de F." not in page
            assert "1 open question" not in page
    client.force_login(sofie)
    for url in urls:
        assert "A. de F." in client.get(url).content.decode()


@pytest.mark.parametrize("make", [make_coordinator, make_group_worker])
def test_the_menu_leads_there(client, make):
    client.force_login(make())
    page = client.get("/").content.decode()
    assert 'href="/open-vragen/"' in page


def test_the_whole_way_by_its_pages(client, sofie):
    question, offer = make_question(), make_offer(name="Nieuw")
    client.force_login(sofie)
    url = f"/open-vragen/{question.pk}/"
    page = client.get(url).content.decode()
    assert "Niets past." in page
    assert "Fantasie" not in page.split("</title>")[0]
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert client.post(f"{url}later/", {"review_on": tomorrow.isoformat()}).status_code == 302
    assert fresh(question).review_on == tomorrow
    assert client.post(f"{url}plaatsen/", {"offer": "999999"}).status_code == 302
    assert fresh(question).state == OpenQuestionState.OPEN
    assert client.post(f"{url}plaatsen/", {"offer": offer.pk})["Location"] == f"/intake/{question.referral_id}/"
    assert WaitlistEntry.objects.get().client == question.client
    assert client.post(f"{url}afsluiten/", {"reason": "te laat"}).status_code == 302
    assert fresh(question).state == OpenQuestionState.ANSWERED
    assert client.get(url).status_code == 200


def test_today_proposes_and_reminds(sofie):
    make_question()
    make_offer(name="Nieuw")
    later = NOW + dt.timedelta(days=14)
    titles = [task.title for task in social_worker.build(sofie, now=NOW).tasks]
    assert sum("Nieuw" in title for title in titles) == 1
    after = [task.title for task in social_worker.build(sofie, now=later).tasks]
    assert len(after) == len(titles) + 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_many(client, sofie, rows, django_assert_num_queries):
    for _ in range(rows):
        make_question()
    make_offer()
    client.force_login(sofie)
    with django_assert_num_queries(13):
        assert client.get("/open-vragen/").status_code == 200


def test_nothing_of_it_stands_plain_in_the_database(sofie):
    question = make_question()
    assert question.reason == "Niets past."
    row = OpenQuestion.objects.filter(pk=question.pk).values_list("reason", flat=True).get()
    assert b"Niets past" not in row.box
    assert make_client().open_questions.count() == 0
