"""Pages of reporting: who may, how many statements, and what bad input gets."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.enums import RoleName
from groups.enums import HistoryCode, LeaveReason
from groups.happened import history_text
from groups.models import Cycle, Waitlist
from groups.services.waitlists import leave_waitlist
from groups.wording import reason_text, sentence
from neighbourhoods.enums import CatchmentLevel
from tests.factories.accounts import make_coordinator, make_group_worker, make_social_worker, make_user
from tests.factories.groups import TODAY, make_cycle, make_entry, make_offer, make_waitlist, ready_waitlist, sweep
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood
from tests.reporting.test_today import refer

pytestmark = pytest.mark.django_db

OVERVIEW = "/overzicht/"
CHOOSE = "/overzicht/minimum/"


@pytest.fixture
def coordinator(client):
    user = make_coordinator()
    client.force_login(user)
    return user


def minimum_url(waitlist):
    return reverse("reporting:minimum", args=[waitlist.pk])


def form_errors(response):
    return {field: [str(error) for error in errors] for field, errors in response.context["form"].errors.items()}


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*RoleName.values, None])
def test_today_opens_for_every_role_and_overview_for_the_coordinator_only(client, role):
    make_entry(make_waitlist())
    client.force_login(make_user("Iemand", *([role] if role else [])))
    assert client.get("/").status_code == 200
    allowed = 200 if role == RoleName.COORDINATOR else 403
    for url in (OVERVIEW, CHOOSE, minimum_url(Waitlist.objects.get())):
        assert client.get(url).status_code == allowed


def test_without_log_in_everything_goes_to_the_log_in_page(client):
    for url in ("/", OVERVIEW, CHOOSE, f"{CHOOSE}1/"):
        assert client.get(url).url == f"/inloggen/?next={url}"


def test_writing_to_today_or_the_overview_is_refused(client, coordinator):
    assert client.post("/").status_code == 405
    assert client.post(OVERVIEW).status_code == 405


# --- statements ------------------------------------------------------------------------------------------------------


def _one_of_everything(number=0):
    """A formed cycle whose people must be called, a blocked list, somebody lost, a referral to judge."""
    cycle = make_cycle(3)
    soon = TODAY - dt.timedelta(days=1)
    Cycle.objects.filter(pk=cycle.pk).update(answer_deadline=soon, minimum=4)
    cycle.participations.update(call_from=soon)
    blocked = ready_waitlist(2)
    gone = make_entry(blocked)
    leave_waitlist(entry=gone, reason=LeaveReason.TOO_LONG, by=gone.judged_by, now=gone.joined_at)
    sweep()
    refer(make_user(f"Verwijzer{number}", RoleName.TEAM_MEMBER), neighbourhood=make_neighbourhood(f"Plek {number}"))


def _three_of_everything():
    for number in range(3):
        _one_of_everything(number)


PAGES = [
    (RoleName.GROUP_WORKER, "/", 15),
    (RoleName.SOCIAL_WORKER, "/", 12),
    (RoleName.TEAM_MEMBER, "/", 10),
    (RoleName.COORDINATOR, "/", 11),
    (RoleName.DESK, "/", 12),
    (RoleName.REFERRER, "/", 5),
    (RoleName.ADMINISTRATOR, "/", 6),
    (RoleName.COORDINATOR, OVERVIEW, 10),
]


@pytest.mark.parametrize(("role", "url", "count"), PAGES)
@pytest.mark.parametrize("fill", [_one_of_everything, _three_of_everything])
def test_number_of_statements_does_not_grow(client, role, url, count, fill, django_assert_num_queries):
    user = make_user("Lezer", role)
    user.work_areas.create(municipality=make_municipality())
    fill()
    client.force_login(user)
    client.get(url)
    with django_assert_num_queries(count):
        assert client.get(url).status_code == 200


# --- overview --------------------------------------------------------------------------------------------------------


def test_overview_shows_why_in_words_and_the_source(client, coordinator):
    make_entry(make_waitlist())
    sweep()
    page = client.get(OVERVIEW).content.decode()
    assert sentence(reason_text({"code": "need_more", "args": {"needed": 2}})) in page
    assert "Bron: CBS" in page


@pytest.mark.parametrize("query", ["?gemeente=bestaat-niet", "?aanbod=0&aanbod=1", "?gemeente=GM9999&aanbod=x'--"])
def test_unknown_filter_shows_everything(client, coordinator, query):
    make_waitlist()
    response = client.get(OVERVIEW + query)
    assert response.status_code == 200
    assert len(response.context["areas"]) == 1


def test_overview_of_nothing_is_kind(client, coordinator):
    assert "Er zijn hier nog geen wachtlijsten" in client.get(OVERVIEW).content.decode()


def test_private_place_and_people_are_not_on_the_overview(client, coordinator):
    entry = make_entry(make_waitlist(), family_name="Geheimenaar")
    sweep()
    page = client.get(OVERVIEW).content.decode()
    assert entry.client.short_name not in page
    assert "Geheimenaar" not in page


# --- minimum ---------------------------------------------------------------------------------------------------------


def test_lower_minimum_is_kept_with_who_and_why_and_lets_the_group_start(client, coordinator):
    waitlist = ready_waitlist(2)
    sweep()
    assert Waitlist.objects.due(now=waitlist.entries.get(pk=waitlist.entries.earliest("pk").pk).joined_at).count() == 0
    response = client.post(minimum_url(waitlist), {"minimum": "2", "maximum": "", "reason": " Kleine wijk "})
    assert response.url == minimum_url(waitlist)
    waitlist.refresh_from_db()
    assert waitlist.minimum == 2
    assert waitlist.due_at is not None
    change = waitlist.history.get(code=HistoryCode.SIZES_CHANGED)
    assert (change.by, change.args) == (coordinator, {"before": 3, "after": 2, "why": "Kleine wijk"})
    page = client.get(response.url).content.decode()
    assert f"{coordinator.short_name}: {history_text(change)}" in page
    sweep(waitlist.due_at)
    assert Cycle.objects.filter(waitlist=waitlist).count() == 1


def test_page_tells_what_each_minimum_would_do_and_writes_nothing(client, coordinator):
    waitlist = ready_waitlist(2)
    response = client.get(minimum_url(waitlist))
    outcomes = {item.minimum: (item.starts, item.is_current) for item in response.context["consequences"]}
    assert outcomes == {2: (True, False), 3: (False, True), 4: (False, False)}
    assert Cycle.objects.count() == 0


def test_back_to_the_offers_minimum(client, coordinator):
    waitlist = make_waitlist()
    client.post(minimum_url(waitlist), {"minimum": "2", "maximum": "6", "reason": "Proef"})
    waitlist.refresh_from_db()
    assert (waitlist.own_minimum, waitlist.own_soft_maximum) == (2, 6)
    client.post(minimum_url(waitlist), {"reset": "1", "minimum": "rommel", "reason": "Proef is klaar"})
    waitlist.refresh_from_db()
    assert (waitlist.own_minimum, waitlist.own_soft_maximum, waitlist.minimum) == (None, None, 3)
    assert [row.args["why"] for row in waitlist.history.order_by("pk")] == ["Proef", "Proef is klaar"]


def test_offer_without_a_minimum_can_get_one_for_one_list(client, coordinator):
    waitlist = make_waitlist(make_offer(minimum=None, soft_maximum=None, hard_maximum=None))
    make_entry(waitlist)
    page = client.get(minimum_url(waitlist)).content.decode()
    assert "geen minimum ingesteld" in page
    client.post(minimum_url(waitlist), {"minimum": "4", "reason": "Afgesproken in het team"})
    waitlist.refresh_from_db()
    assert (waitlist.minimum, waitlist.offer.minimum) == (4, None)
    assert "Terug naar het aanbod: geen minimum" in client.get(minimum_url(waitlist)).content.decode()


ABOVE_10 = {"code": "sizes_out_of_order", "args": {"maximum": 10}}
ABOVE_1 = {"code": "sizes_out_of_order", "args": {"maximum": 1}}
BAD = [
    ({"minimum": "0"}, "minimum", "Een minimum is ten minste 1."),
    ({"minimum": "-3"}, "minimum", "Een minimum is ten minste 1."),
    ({"minimum": "drie"}, "minimum", "Voer een geheel getal in."),
    ({"minimum": ""}, "minimum", "Dit veld is verplicht."),
    ({"minimum": "11"}, "minimum", ABOVE_10),
    ({"minimum": "99999"}, "minimum", "Een groep van meer dan 50 is geen groep meer."),
    ({"minimum": "3"}, "minimum", "Zo is het al."),
    ({"maximum": "13"}, "maximum", "In deze groep is plaats voor ten hoogste 12."),
    ({"maximum": "0"}, "maximum", "Een maximum is ten minste 1."),
    ({"maximum": "1"}, "minimum", ABOVE_1),
    ({"reason": "  "}, "reason", "Schrijf op waarom. Collega's vinden het hieronder terug."),
    ({"reason": "x" * 301}, "reason", None),
    ({"reason": "nul\x00"}, "reason", None),
]


@pytest.mark.parametrize(("change", "field", "words"), BAD)
def test_bad_input_is_told_at_its_field_and_changes_nothing(client, coordinator, change, field, words):
    waitlist = make_waitlist()
    response = client.post(minimum_url(waitlist), {"minimum": "2", "maximum": "", "reason": "Omdat"} | change)
    # A null character never reaches a form: the request is refused.
    if response.status_code == 400:
        return
    errors = form_errors(response)
    assert list(errors) == [field]
    if isinstance(words, dict):
        words = sentence(reason_text(words))
    if words:
        assert errors[field] == [words]
    waitlist.refresh_from_db()
    assert (waitlist.own_minimum, waitlist.own_soft_maximum, waitlist.history.count()) == (None, None, 0)


def test_unknown_list_is_not_found(client, coordinator):
    assert client.get(f"{CHOOSE}0/").status_code == 404
    assert client.get(f"{CHOOSE}99999999999999999999/").status_code == 404


# --- a list that nobody waited on yet --------------------------------------------------------------------------------


def test_choosing_area_and_offer_makes_the_list_once(client, coordinator):
    area, offer = make_neighbourhood().catchment, make_offer()
    answers = [client.post(CHOOSE, {"area": area.pk, "offer": offer.pk}) for _ in range(2)]
    waitlist = Waitlist.objects.get()
    assert [answer.url for answer in answers] == [minimum_url(waitlist)] * 2
    assert (waitlist.offer, waitlist.catchment) == (offer, area)


def test_theme_group_in_a_neighbourhood_is_refused_with_the_reason(client, coordinator):
    area = make_neighbourhood().catchment
    offer = make_offer(level=CatchmentLevel.REGION, may_run_in_neighbourhood=False)
    response = client.post(CHOOSE, {"area": area.pk, "offer": offer.pk})
    assert form_errors(response) == {
        "area": [sentence(reason_text({"code": "theme_not_in_neighbourhood", "args": {}}))]
    }
    assert Waitlist.objects.count() == 0


@pytest.mark.parametrize("data", [{}, {"area": "x", "offer": "0"}, {"area": "99999999999999999999", "offer": ""}])
def test_choosing_nothing_or_nonsense_is_told_at_the_fields(client, coordinator, data):
    make_neighbourhood()
    assert set(form_errors(client.post(CHOOSE, data))) == {"area", "offer"}


def test_other_roles_cannot_change_a_minimum(client):
    waitlist = make_waitlist()
    place = [waitlist.catchment.municipality]
    for user in (make_group_worker(municipalities=place), make_social_worker(municipalities=place)):
        client.force_login(user)
        assert client.post(minimum_url(waitlist), {"minimum": "2", "reason": "Omdat"}).status_code == 403
    waitlist.refresh_from_db()
    assert waitlist.own_minimum is None
