"""R36: provisions in the neighbourhood: nobody is sent without their agreement, and who may, keeps them."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from neighbourhoods.models import Provision, SocialTeam, TeamMembership
from neighbourhoods.services import (
    add_provision,
    change_provision,
    close_provision,
    load_demo_provisions,
    reopen_provision,
    withdraw_agreement,
)
from socius.demo import PROVISIONS
from tests.factories.accounts import (
    make_administrator,
    make_coordinator,
    make_desk,
    make_group_worker,
    make_referrer,
    make_social_worker,
    make_team_member,
)
from tests.factories.neighbourhoods import load_region, local, make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db

NOW = local(2027, 1, 4, 9)
LATER = NOW + timedelta(days=10)
AGREED = {"receives": "Twee mensen per week", "agreed_on": date(2027, 1, 4), "agreed_with": "de beheerder"}


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with override("en"):
        yield


@pytest.fixture
def worker(client):
    user = make_group_worker(municipalities=[make_municipality()])
    client.force_login(user)
    return user


def make_provision(name="Tuin Nergens", *, neighbourhood=None, municipality=None, now=NOW, **fields):
    municipality = municipality or (neighbourhood.municipality if neighbourhood else make_municipality())
    fields = {"kind": "garden"} | fields
    return add_provision(name=name, municipality=municipality, neighbourhood=neighbourhood, by=None, now=now, **fields)


def _of_team(user, municipality):
    team = SocialTeam.objects.create(code=f"t-{user.pk}", name=f"Team {user.pk}", municipality=municipality)
    TeamMembership.objects.create(team=team, user=user)
    return user


def _url(name, *args):
    return reverse(f"provisions:{name}", args=args)


def _typed(where, **fields):
    return {"name": "Tuin Ergens", "kind": "garden", "where": where} | fields


# --- what happens --------------------------------------------------------------------------------------------------


def test_nobody_is_sent_without_an_agreement():
    without, withdrawn, closed = make_provision("A"), make_provision("B", **AGREED), make_provision("C", **AGREED)
    withdraw_agreement(provision=withdrawn, by=None, now=LATER)
    close_provision(provision=closed, by=None, now=LATER)
    agreed = make_provision("D", **AGREED)
    assert list(Provision.objects.agreed().order_by("pk")) == [agreed]
    names = {place.name: place.agreed for place in Provision.objects.order_by("pk")}
    assert names == {"A": False, "B": False, "C": False, "D": True}
    withdrawn.refresh_from_db()
    assert (withdrawn.receives, withdrawn.agreed_with, withdrawn.withdrawn_on) == ("", "", date(2027, 1, 14))
    with pytest.raises(ValueError, match="no agreement"):
        withdraw_agreement(provision=without, by=None, now=LATER)


@pytest.mark.parametrize("missing", ["receives", "agreed_on", "agreed_with"])
def test_half_an_agreement_is_none(missing):
    half = {name: value for name, value in AGREED.items() if name != missing}
    with pytest.raises(ValueError, match="belong together"):
        make_provision(**half)
    provision = make_provision()
    with pytest.raises(ValueError, match="belong together"):
        change_provision(provision=provision, by=None, now=LATER, **half)
    with pytest.raises(IntegrityError, match="provision_agreement_whole"), transaction.atomic():
        Provision.objects.update(**half)


def test_an_agreement_is_not_made_tomorrow():
    with pytest.raises(ValueError, match="future"):
        make_provision(**(AGREED | {"agreed_on": date(2027, 1, 5)}))
    assert make_provision(now=local(2027, 1, 5, 0, 1), **(AGREED | {"agreed_on": date(2027, 1, 5)})).agreed


def test_a_new_agreement_follows_an_ended_one():
    provision = make_provision(**AGREED)
    withdraw_agreement(provision=provision, by=None, now=LATER)
    changed = change_provision(provision=provision, by=None, now=LATER, **AGREED)
    assert (changed.agreed, changed.withdrawn_on) == (True, None)


def test_closed_it_leaves_the_lists_and_may_come_back_unless_its_name_is_taken():
    provision = make_provision(**AGREED)
    close_provision(provision=provision, by=None, now=LATER)
    closed = close_provision(provision=provision, by=None, now=LATER + timedelta(days=3))
    assert (closed.closed_on, list(Provision.objects.open())) == (date(2027, 1, 14), [])
    again = reopen_provision(provision=provision, by=None, now=LATER)
    assert (again.closed_on, again.agreed) == (None, True)
    close_provision(provision=provision, by=None, now=LATER)
    make_provision()
    with pytest.raises(ValidationError, match="already"):
        reopen_provision(provision=provision, by=None, now=LATER)


def test_a_provision_lies_in_the_municipality_of_its_neighbourhood():
    bakkum = make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    with pytest.raises(ValueError, match="another municipality"):
        make_provision(neighbourhood=bakkum, municipality=make_municipality())


def test_every_change_says_when_and_who():
    provision, by = make_provision(), make_coordinator()
    for hours, change in enumerate((change_provision, withdraw_agreement, close_provision, reopen_provision), start=1):
        fields = AGREED if change is change_provision else {}
        change(provision=provision, by=by, now=NOW + timedelta(hours=hours), **fields)
        stored = Provision.objects.get()
        assert (stored.changed_at, stored.changed_by) == (NOW + timedelta(hours=hours), by)


def test_kept_where_one_works_only():
    """R41: group workers where they work, team members where their team serves, coordinators everywhere."""
    here, far = make_municipality(), make_municipality("Castricum", "GM0383")
    provision = make_provision(municipality=here)
    changes = (
        lambda by: make_and_remove(here, by),
        lambda by: change_provision(provision=provision, note="x", by=by, now=NOW),
        lambda by: withdraw_agreement(provision=provision, by=by, now=NOW),
        lambda by: close_provision(provision=provision, by=by, now=NOW),
        lambda by: reopen_provision(provision=provision, by=by, now=NOW),
    )
    keepers = [
        make_coordinator(),
        make_group_worker("Wil", municipalities=[here]),
        _of_team(make_team_member("Tess"), here),
    ]
    strangers = [
        make_group_worker("Bo", municipalities=[far]),
        _of_team(make_team_member("Tom"), far),
        make_team_member("Zonder"),
        make_social_worker("Sanne", municipalities=[here]),
        make_desk(),
        make_referrer(),
        make_administrator(),
    ]
    for change in changes:
        for by in strangers:
            with pytest.raises(PermissionDenied):
                change(by)
        for by in keepers:
            Provision.objects.filter(pk=provision.pk).update(**AGREED)
            change(by)
    assert list(Provision.objects.manageable_by(strangers[0])) == []
    with pytest.raises(PermissionDenied):
        change_provision(provision=provision, municipality=far, by=keepers[1], now=NOW)


def make_and_remove(municipality, by):
    add_provision(name="Even", kind="club", municipality=municipality, by=by, now=NOW).delete()


def test_seen_by_who_guides_people_onward():
    provision = make_provision()
    people = [make_group_worker(), make_social_worker(), make_team_member(), make_coordinator()]
    assert [list(Provision.objects.visible_to(user)) for user in people] == [[provision]] * 4
    others = [make_desk(), make_referrer(), make_administrator()]
    assert [list(Provision.objects.visible_to(user)) for user in others] == [[]] * 3


def test_demo_provisions_load_once_with_and_without_agreement():
    load_region()
    now = local(2026, 11, 22, 9)
    assert load_demo_provisions(path=PROVISIONS, now=now) == 6
    assert load_demo_provisions(path=PROVISIONS, now=now) == 0
    assert (Provision.objects.agreed().count(), Provision.objects.count()) == (4, 6)


# --- pages ---------------------------------------------------------------------------------------------------------


def test_the_list_tells_what_they_want_to_receive_and_where_nobody_is_sent(client, worker):
    make_provision("Tuin", neighbourhood=make_neighbourhood(), **AGREED)
    make_provision("Koor", kind="club")
    closed = make_provision("Weg", **AGREED)
    close_provision(provision=closed, by=None, now=LATER)
    page = client.get(_url("list")).content.decode()
    assert page.count("Twee mensen per week") == 1
    assert page.count("no agreement: send nobody yet") == 1
    assert "whole municipality" in page
    assert "Weg" not in page


def test_the_list_of_a_neighbourhood_has_its_own_and_those_for_all(client, worker):
    here, other = make_neighbourhood("Hier"), make_neighbourhood("Daar")
    make_provision("Tuin", neighbourhood=here)
    make_provision("Koor")
    make_provision("Elders", neighbourhood=other)
    make_municipality("Castricum", "GM0383")
    page = client.get(_url("list"), {"wijk": here.pk}).content.decode()
    assert [name in page for name in ("Tuin", "Koor", "Elders", "Castricum")] == [True, True, False, False]
    assert f"{_url('add')}?wijk={here.pk}" in page
    assert client.get(_url("list"), {"wijk": "WK000000"}).status_code == 404


def test_the_list_costs_the_same_for_one_and_three(client, worker, django_assert_num_queries):
    area = make_neighbourhood()
    make_provision("Een", neighbourhood=area)
    with django_assert_num_queries(5):
        client.get(_url("list"))
    for name in ("Twee", "Drie"):
        make_provision(name, neighbourhood=make_neighbourhood(name, make_municipality("Castricum", "GM0383")))
    with django_assert_num_queries(5):
        client.get(_url("list"))


def test_the_neighbourhoods_page_shows_its_provisions_to_who_may_see_them(client, worker, django_assert_num_queries):
    area = make_neighbourhood()
    url = reverse("neighbourhoods:neighbourhood", args=[area.pk])
    assert "No provision known in this neighbourhood" in client.get(url).content.decode()
    make_provision("Een", neighbourhood=area, **AGREED)
    with django_assert_num_queries(9):
        page = client.get(url).content.decode()
    assert ("Een" in page, "agreed" in page) == (True, True)
    make_provision("Twee", neighbourhood=area)
    make_provision("Drie")
    make_provision("Vier", neighbourhood=make_neighbourhood("Verderop"))
    with django_assert_num_queries(9):
        page = client.get(url).content.decode()
    assert [name in page for name in ("Een", "Twee", "Drie", "Vier")] == [True, True, True, False]
    client.force_login(make_referrer())
    assert "Een" not in client.get(url).content.decode()


def test_the_page_of_one_says_how_to_reach_it_and_under_what_agreement(client, worker):
    provision = make_provision(
        phone="0612345601", email="tuin@voorbeeld.example", website="https://tuin.example", **AGREED
    )
    page = client.get(_url("detail", provision.pk)).content.decode()
    assert "Agreed on 4 January 2027 with de beheerder." in page
    for link in ("tel:0612345601", "mailto:tuin@voorbeeld.example", "https://tuin.example"):
        assert f'href="{link}"' in page
    withdraw_agreement(provision=provision, by=None, now=LATER)
    page = client.get(_url("detail", provision.pk)).content.decode()
    assert "They ended their agreement on 14 January 2027." in page
    assert "They have not agreed to receive people yet: send nobody." in page


def test_added_with_an_agreement_for_a_whole_municipality(client, worker):
    day = timezone.localdate()
    typed = _typed("GM0375", receives="Iedereen", agreed_on=day.isoformat(), agreed_with="de beheerder")
    answer = client.post(_url("add"), typed)
    provision = Provision.objects.get()
    assert answer.headers["Location"] == _url("detail", provision.pk)
    assert (provision.municipality_id, provision.neighbourhood, provision.agreed_on) == ("GM0375", None, day)
    assert provision.changed_by == worker


def test_changed_on_the_page_and_its_own_name_is_no_other(client, worker):
    area = make_neighbourhood()
    provision = make_provision("Tuin Ergens", neighbourhood=area)
    form = client.get(_url("edit", provision.pk)).context["form"]
    assert form["where"].value() == area.pk
    assert client.post(_url("edit", provision.pk), _typed(area.pk, opening="Altijd")).status_code == 302
    provision.refresh_from_db()
    assert (provision.opening, provision.neighbourhood) == ("Altijd", area)


def test_mistakes_stand_at_their_field_and_nothing_typed_is_lost(client, worker):
    make_provision("Tuin Ergens")
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    page = client.post(_url("add"), _typed("GM0375", receives="Iedereen", agreed_on=tomorrow, website="javascript:x"))
    errors = page.context["form"].errors
    assert set(errors) == {"name", "agreed_on", "agreed_with", "website"}
    assert errors["agreed_on"] == ["This day is still to come."]
    assert "Iedereen" in page.content.decode()
    far = make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    assert set(client.post(_url("add"), _typed(far.pk, name="Nieuw")).context["form"].errors) == {"where"}
    assert set(client.post(_url("add"), {"name": "Nieuw"}).context["form"].errors) == {"where", "kind"}
    assert Provision.objects.count() == 1


def test_ending_an_agreement_and_closing_are_confirmed_with_what_follows(client, worker):
    provision = make_provision(**AGREED)
    assert "From now on nobody is sent there." in client.get(_url("withdraw", provision.pk)).content.decode()
    provision.refresh_from_db()
    assert provision.agreed
    assert client.post(_url("withdraw", provision.pk)).status_code == 302
    assert client.get(_url("withdraw", provision.pk)).status_code == 404
    assert "It can be opened again." in client.get(_url("close", provision.pk)).content.decode()
    client.post(_url("close", provision.pk))
    provision.refresh_from_db()
    assert (provision.agreed_on, provision.closed_on) == (None, timezone.localdate())
    assert "with the agreement that it had" in client.get(_url("close", provision.pk)).content.decode()
    client.post(_url("close", provision.pk))
    provision.refresh_from_db()
    assert provision.closed_on is None


def test_pages_open_for_keepers_for_readers_and_not_for_strangers(client):
    provision = make_provision(**AGREED)
    changing = [_url(name, provision.pk) for name in ("edit", "withdraw", "close")]
    everyone = {
        make_coordinator(): (200, 200),
        make_group_worker("Wil", municipalities=[provision.municipality]): (200, 200),
        _of_team(make_team_member("Tess"), provision.municipality): (200, 200),
        make_group_worker("Bo"): (200, 404),
        make_team_member("Tom"): (200, 404),
        make_social_worker(): (200, 403),
        make_desk(): (403, 403),
        make_referrer(): (403, 403),
        make_administrator(): (403, 403),
    }
    for user, (reading, writing) in everyone.items():
        client.force_login(user)
        assert {client.get(url).status_code for url in (_url("list"), _url("detail", provision.pk))} == {reading}
        assert {client.get(url).status_code for url in changing} == {writing}
        page = client.get(_url("detail", provision.pk)).content.decode()
        assert [url in page for url in changing] == [writing == 200] * 3


def test_a_name_that_was_taken_meanwhile_is_refused_with_words(client, worker):
    """Closed, its name given to another, and opened again: both keep what they are."""
    municipality = make_municipality()
    first = make_provision(municipality=municipality)
    close_provision(provision=first, by=worker, now=LATER)
    make_provision(municipality=municipality)
    answer = client.post(reverse("provisions:close", args=[first.pk]), follow=True)
    assert "There is a provision of this name in this municipality already." in answer.content.decode()
    assert Provision.objects.open().get().pk != first.pk


# --- two who change one provision


def test_the_second_of_two_hears_what_the_first_changed_and_nothing_typed_is_lost(client, worker):
    area = make_neighbourhood()
    provision = make_provision("Tuin Ergens", neighbourhood=area, opening="Maandag", phone="0251-111111")
    seen = client.get(_url("edit", provision.pk)).context["form"]["seen"].value()
    other = make_coordinator()
    change_provision(provision=provision, by=other, now=LATER, opening="Dinsdag")
    typed = _typed(area.pk, opening="Altijd", phone="0251-222222", note="Mijn notitie", seen=seen)
    page = client.post(_url("edit", provision.pk), typed)
    provision.refresh_from_db()
    assert (provision.opening, provision.phone) == ("Dinsdag", "0251-111111")
    [said] = page.context["form"].non_field_errors()
    assert f"{other.short_name} changed this meanwhile, on 14 January 09:00" in said
    assert "When it is open: Dinsdag" in said
    assert "Phone: 0251-111111" in said
    form = page.context["form"]
    assert [form[name].value() for name in ("opening", "note")] == ["Altijd", "Mijn notitie"]
    assert client.post(_url("edit", provision.pk), typed | {"seen": form["seen"].value()}).status_code == 302
    provision.refresh_from_db()
    assert (provision.opening, provision.phone) == ("Altijd", "0251-222222")


def test_the_page_carries_what_it_saw_and_the_moment_is_exact(client, worker):
    provision = make_provision(now=NOW + timedelta(microseconds=7), neighbourhood=make_neighbourhood())
    seen = client.get(_url("edit", provision.pk)).context["form"]["seen"].value()
    assert f'value="{seen}"' in client.get(_url("edit", provision.pk)).content.decode()
    assert client.post(_url("edit", provision.pk), _typed(provision.neighbourhood_id, seen=seen)).status_code == 302


@pytest.mark.parametrize("page", ["withdraw", "close"])
def test_what_is_confirmed_on_an_old_page_is_not_done_to_something_else(client, worker, page):
    provision = make_provision(**AGREED)
    seen = client.get(_url(page, provision.pk)).context["provision"].changed_at.isoformat()
    change_provision(provision=provision, by=None, now=LATER, receives="Nog maar een", agreed_on=AGREED["agreed_on"])
    answer = client.post(_url(page, provision.pk), {"seen": seen}, follow=True)
    assert "A colleague changed this meanwhile, so nothing was done." in answer.content.decode()
    provision.refresh_from_db()
    assert (provision.receives, provision.closed_on) == ("Nog maar een", None)


def test_two_who_close_at_once_do_not_open_it_again(client, worker):
    provision = make_provision()
    seen = client.get(_url("close", provision.pk)).context["provision"].changed_at.isoformat()
    close_provision(provision=provision, by=None, now=LATER)
    client.post(_url("close", provision.pk), {"seen": seen})
    provision.refresh_from_db()
    assert provision.closed_on is not None


@pytest.mark.parametrize("seen", ["x", "2027-13-01T00:00", "2027-01-01T00:00"])
def test_nonsense_in_the_hidden_field_breaks_nothing(client, worker, seen):
    provision = make_provision()
    assert client.post(_url("close", provision.pk), {"seen": seen}).status_code == 302
    assert client.post(_url("edit", provision.pk), _typed("GM0375", seen=seen)).status_code < 500
