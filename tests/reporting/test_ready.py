"""R23 on Today: a prepared group waits for one click, and stands there for who presses it and for the coordinator."""

import pytest
from django.urls import reverse
from django.utils import translation

from groups.models import Waitlist
from reporting.today import build_today
from tests.factories.accounts import make_coordinator, make_group_worker, make_social_worker
from tests.factories.groups import NOW, make_entry, make_offer, make_waitlist
from tests.factories.neighbourhoods import make_municipality
from tests.reporting.test_today import panel

pytestmark = pytest.mark.django_db
ARGS = {"people": 4, "date": "2027-01-12", "weekday": 1, "part": "evening", "time": "19:30"}


@pytest.fixture
def waitlist():
    waitlist = make_waitlist(make_offer(name="Krachtcentrale"))
    make_entry(waitlist)
    reasons = [{"code": "ready_by_click", "args": ARGS}]
    Waitlist.objects.update(is_manual=True, reasons=reasons, placeable_count=4)
    return waitlist


def today_of(user, language="en"):
    with translation.override(language):
        return build_today(user, now=NOW)


@pytest.mark.parametrize(
    ("make_user", "action"),
    [(lambda: make_group_worker(municipalities=[make_municipality()]), "Look and start"), (make_coordinator, "Look")],
)
def test_a_prepared_group_is_a_card_with_who_when_and_one_button(waitlist, make_user, action):
    today = today_of(make_user())
    [task] = [task for task in today.tasks if task.title.startswith("Ready to start")]
    assert task.title == f"Ready to start: Krachtcentrale, {waitlist.catchment}"
    assert task.why == "4 participants, Tue 12 Jan 19:30."
    assert (task.url, task.action) == (reverse("groups:waitlist", args=[waitlist.pk]) + "#start", action)
    assert panel(today, "blocked").rows == ()


def test_somebody_with_both_roles_sees_the_card_once(waitlist):
    user = make_group_worker(municipalities=[make_municipality()])
    user.role_assignments.create(role="coordinator")
    user = type(user).objects.get(pk=user.pk)
    assert [task.action for task in today_of(user).tasks if "Krachtcentrale" in task.title] == ["Look and start"]


def test_elsewhere_and_for_others_there_is_no_card(waitlist):
    far = make_group_worker("Ver", municipalities=[make_municipality("Heemskerk", "GM0396")])
    for user in (far, make_social_worker(municipalities=[make_municipality()])):
        assert not [task for task in today_of(user).tasks if "Krachtcentrale" in task.title]


def test_back_on_automatic_it_is_no_card_any_more(waitlist):
    Waitlist.objects.update(is_manual=False)
    assert today_of(make_coordinator()).tasks == ()
