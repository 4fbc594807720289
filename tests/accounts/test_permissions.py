import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.permissions import allow, has_role, is_coordinator, is_desk, is_group_worker
from tests.factories.accounts import make_coordinator, make_desk, make_group_worker

pytestmark = pytest.mark.django_db


@allow(is_coordinator, is_desk)
def view(request, word):
    return HttpResponse(word)


def ask(rf, user, **headers):
    request = rf.get("/ergens/?wat=dit", headers=headers)
    request.user = user
    return view(request, "open")


@pytest.mark.parametrize("make", [make_coordinator, make_desk])
def test_one_predicate_is_enough(rf, make):
    assert ask(rf, make()).content == b"open"


def test_others_are_refused(rf):
    with pytest.raises(PermissionDenied):
        ask(rf, make_group_worker())


def test_who_is_not_logged_in_comes_back_after_logging_in(rf):
    response = ask(rf, AnonymousUser())
    assert (response.status_code, response["Location"]) == (302, "/inloggen/?next=/ergens/%3Fwat%3Ddit")


def test_a_fragment_after_the_session_ended_says_so_in_place(rf):
    response = ask(rf, AnonymousUser(), **{"HX-Request": "true"})
    assert response.status_code == 401
    assert 'href="/inloggen/"' in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_closed_account_has_no_roles():
    worker = make_group_worker(is_active=False)
    assert not has_role(worker, "group_worker")
    assert not is_group_worker(AnonymousUser())
