"""The desk's pages cost the same however many rows they show, and keep what they are narrowed to (R2)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.models import Appointment
from intake.services import cancel_occurrence
from tests.factories.accounts import make_desk
from tests.factories.intake import make_appointment, make_door, make_judge, make_referral, make_slot
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def here():
    return make_door()


@pytest.fixture
def loes(client, here):
    user = make_desk("Loes", municipalities=[here.municipality])
    client.force_login(user)
    return user


def fill(here, rows):
    """Of each: a colleague with a slot and a day off, somebody booked, who waits, who is to be called."""
    now = timezone.now()
    today = timezone.localdate(now)
    for number in range(rows):
        worker = make_judge(f"Sofie{number}", here.municipality)
        slot = make_slot(worker, municipality=here.municipality, weekday=(today.weekday() + 1) % 7, now=now)
        make_appointment(make_referral(neighbourhood=here, now=now), slot=slot, date=slot.first_day(), now=now)
        untold = make_referral(neighbourhood=here, now=now)
        make_appointment(untold, slot=slot, date=slot.first_day() + WEEK, now=now)
        cancel_occurrence(slot=slot, date=slot.first_day() + 2 * WEEK, reason="cursus", by=worker, now=now)
        make_referral(neighbourhood=here, now=now)
    Appointment.objects.filter(referral__in=[untold.pk]).update(is_untold=True)
    return slot


def address(name, here, slot):
    day = slot.first_day()
    referral = slot.appointments.order_by("pk").first().referral
    waiting = make_referral(neighbourhood=here, now=timezone.now())
    args = {
        "desk_book": [waiting.pk],
        "desk_place": [slot.pk, (day + 3 * WEEK).isoformat()],
        "desk_appointment": [referral.appointments.get().pk],
        "desk_move": [referral.appointments.get().pk],
        "slot_stop": [slot.pk],
    }
    url = reverse(f"intake:{name}", args=args.get(name, []))
    return url + (f"?dag={day}" if name == "desk_week" else "")


# The page of one client notes who opened the file (three statements of these), and looks in four weeks of bookings.
PAGES = [
    ("desk_week", 12),
    ("desk_queue", 7),
    ("slots", 7),
    ("desk_book", 13),
    ("desk_place", 8),
    ("desk_appointment", 11),
    ("desk_move", 8),
    ("slot_stop", 4),
]


@pytest.mark.parametrize(("name", "count"), PAGES)
@pytest.mark.parametrize("rows", [1, 3])
def test_each_page_costs_the_same_however_many(client, here, loes, name, count, rows, django_assert_num_queries):
    url = address(name, here, fill(here, rows))
    client.get(url)
    with django_assert_num_queries(count):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_today_of_the_desk_costs_the_same_however_many(client, here, loes, rows, django_assert_num_queries):
    fill(here, rows)
    client.get("/")
    with django_assert_num_queries(12):
        assert client.get("/").status_code == 200


# --- what it is narrowed to ------------------------------------------------------------------------------------------


@pytest.fixture
def two_places(client, here):
    """The desk of two municipalities with a colleague and somebody waiting in each."""
    far = make_neighbourhood("Verweg", municipality=make_municipality("Uitgeest", "GM0450"))
    user = make_desk("Loes", municipalities=[here.municipality, far.municipality])
    client.force_login(user)
    now, found = timezone.now(), {}
    for place, name in ((here, "Sofie"), (far, "Ferdi")):
        worker = make_judge(name, place.municipality)
        make_slot(worker, municipality=place.municipality, now=now)
        found[name] = worker, make_referral(neighbourhood=place, now=now, person={"given_name": name})
    return found


@pytest.mark.parametrize("page", ["desk_week", "desk_queue"])
def test_week_and_queue_are_narrowed_alike_and_hand_it_on(client, here, two_places, page):
    sofie, waits = two_places["Sofie"]
    for chosen in (
        f"gemeente={here.municipality_id}",
        f"wie={sofie.pk}",
        f"gemeente={here.municipality_id}&wie={sofie.pk}",
    ):
        answer = client.get(reverse(f"intake:{page}") + f"?{chosen}")
        assert [row.referral for row in answer.context["rows"]] == [waits]
        book = reverse("intake:desk_book", args=[waits.pk])
        assert f"{book}?{chosen}".replace("&", "&amp;") in answer.content.decode()
    assert len(client.get(reverse(f"intake:{page}")).context["rows"]) == 2
    assert len(client.get(reverse(f"intake:{page}") + "?gemeente=x&wie=99999999999999999999").context["rows"]) == 2


def test_the_way_there_and_back_keeps_it(client, here, two_places):
    sofie, waits = two_places["Sofie"]
    chosen = f"gemeente={here.municipality_id}&wie={sofie.pk}"
    week = reverse("intake:desk_week")
    queue = client.get(f"{reverse('intake:desk_queue')}?{chosen}").content.decode()
    assert f"{week}?{chosen}".replace("&", "&amp;") in queue
    url = f"{reverse('intake:desk_book', args=[waits.pk])}?{chosen}"
    shown = client.get(url)
    assert f"{week}?{chosen}".replace("&", "&amp;") in shown.content.decode()
    booked = client.post(url, {"place": shown.context["places"][0].key})
    made = Appointment.objects.get()
    assert booked.url == f"{reverse('intake:desk_appointment', args=[made.pk])}?{chosen}"
    back = f"{week}?dag={made.date}&{chosen}".replace("&", "&amp;")
    assert back in client.get(booked.url).content.decode()


def test_only_places_with_the_colleague_chosen_and_a_way_to_all(client, here, two_places):
    sofie, waits = two_places["Sofie"]
    other = make_judge("Karin", here.municipality)
    make_slot(other, municipality=here.municipality, now=timezone.now())
    url = reverse("intake:desk_book", args=[waits.pk])
    with_all = {place.worker for place in client.get(url).context["places"]}
    only = client.get(f"{url}?wie={other.pk}")
    assert with_all == {sofie, other}
    assert {place.worker for place in only.context["places"]} == {other}
    assert 'href="?"' in only.content.decode()
    assert client.get(f"{url}?wie=x").context["only_with"] is None
