"""What is typed at an intake is kept, sealed and never silently overwritten."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client as Browser

from intake.exceptions import AlreadyJudged, DraftChanged, DraftTooLong
from intake.models import IntakeDraft, Judgement, Referral
from intake.services import discard_draft, forget_old_drafts, read_draft, save_draft
from tests.factories.groups import NOW, make_offer
from tests.factories.intake import judge_data, make_judge, make_judgement, make_referral
from tests.factories.neighbourhoods import make_municipality

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def referral():
    return make_referral()


@pytest.fixture
def sofie(client, referral):
    user = make_judge()
    client.force_login(user)
    return user


def save(referral, user, *, version=0, now=NOW, **values):
    return save_draft(
        referral=referral, values={name: [text] for name, text in values.items()}, version=version, by=user, now=now
    )


def send(client, referral, **data):
    return client.post(f"/intake/{referral.pk}/bewaren/", judge_data(**data), headers=HTMX)


def test_a_draft_is_sealed_in_the_database(referral, sofie):
    save(referral, sofie, notes="Zij wil haar dochter terugzien")
    with connection.cursor() as cursor:
        cursor.execute("SELECT values FROM intake_intakedraft")
        box = bytes(cursor.fetchone()[0])
        cursor.execute("SELECT d::text FROM intake_intakedraft d")
        assert "dochter" not in cursor.fetchone()[0]
    assert b"dochter" not in box
    assert read_draft(IntakeDraft.objects.get()) == {"notes": ["Zij wil haar dochter terugzien"]}


def test_two_tabs_never_overwrite_each_other(referral, sofie):
    first = save(referral, sofie, notes="eerste tab")
    assert first.version == 1
    save(referral, sofie, version=1, notes="eerste tab, verder")
    with pytest.raises(DraftChanged) as refused:
        save(referral, sofie, version=1, notes="tweede tab")
    assert refused.value.draft.version == 2
    assert read_draft(IntakeDraft.objects.get()) == {"notes": ["eerste tab, verder"]}


def test_two_workers_have_a_draft_each(referral, sofie):
    save(referral, sofie, notes="van Sofie")
    save(referral, make_judge("Youssef"), notes="van Youssef")
    assert IntakeDraft.objects.count() == 2


def test_who_works_elsewhere_keeps_nothing(referral):
    with pytest.raises(PermissionDenied):
        save(referral, make_judge("Sam", make_municipality("Heemskerk", "GM0396")), notes="x")
    assert IntakeDraft.objects.count() == 0


def test_more_than_a_form_holds_is_not_kept(referral, sofie):
    with pytest.raises(DraftTooLong):
        save(referral, sofie, notes="x" * 200_000)


def test_nothing_is_kept_of_a_referral_that_is_judged(referral, sofie):
    make_judgement(referral, by=sofie, offer=make_offer())
    with pytest.raises(AlreadyJudged):
        save(referral, sofie, notes="te laat")


def test_beginning_anew_keeps_an_older_tab_from_writing(referral, sofie):
    save(referral, sofie, notes="eerst")
    discard_draft(referral=referral, by=sofie, now=NOW)
    assert not IntakeDraft.objects.filled().exists()
    with pytest.raises(DraftChanged):
        save(referral, sofie, version=1, notes="oude tab")


def test_drafts_that_nobody_touches_are_forgotten_after_thirty_days(referral, sofie):
    """R42."""
    save(referral, sofie, notes="oud")
    save(make_referral(), sofie, now=NOW + dt.timedelta(days=1), notes="net niet")
    assert forget_old_drafts(now=NOW + dt.timedelta(days=30)) == 0
    assert forget_old_drafts(now=NOW + dt.timedelta(days=30, seconds=1)) == 1
    assert [read_draft(draft) for draft in IntakeDraft.objects.all()] == [{"notes": ["net niet"]}]


def test_an_intake_is_gone_on_with_where_it_was_left(client, referral, sofie):
    response = send(client, referral, notes="Half", urgent_needs=["no_food"], consent="on", decision="refer_out")
    assert response.status_code == 200
    page = client.get(f"/intake/{referral.pk}/")
    form, draft = page.context["form"], page.context["draft"]
    assert (form["notes"].value(), form["urgent_needs"].value()) == ("Half", ["no_food"])
    assert (form["decision"].value(), form["consent"].value()) == ("refer_out", True)
    assert (draft.version, draft.is_resumed) == (1, True)
    assert 'name="draft_version" value="1"' in page.content.decode()


def test_a_box_that_was_unticked_stays_unticked(client, referral, sofie):
    """What the file says comes first only when nothing was typed."""
    seen = client.get(f"/intake/{referral.pk}/").context["form"]["seen"].value()
    send(client, referral, may_mail=None, seen=seen)
    form = client.get(f"/intake/{referral.pk}/").context["form"]
    assert (form["may_mail"].value(), form["may_phone"].value()) == (False, True)


def test_a_later_tab_hears_so_and_has_both_choices(client, referral, sofie):
    assert 'value="1"' in send(client, referral, notes="een", draft_version="0").content.decode()
    response = send(client, referral, notes="twee", draft_version="0")
    assert response.status_code == 422
    page = response.content.decode()
    assert f'href="/intake/{referral.pk}/"' in page
    assert 'name="keep_mine" value="1"' in page
    assert read_draft(IntakeDraft.objects.get())["notes"] == ["een"]
    again = client.post(f"/intake/{referral.pk}/bewaren/", judge_data(notes="twee", draft_version="0", keep_mine="1"))
    assert again["Location"] == f"/intake/{referral.pk}/"
    assert read_draft(IntakeDraft.objects.get())["notes"] == ["twee"]


def test_without_a_script_a_button_keeps_it_and_the_later_one_is_asked(client, referral, sofie):
    url = f"/intake/{referral.pk}/bewaren/"
    assert client.post(url, judge_data(notes="een", draft_version="0"))["Location"] == "/intake/"
    response = client.post(url, judge_data(notes="twee", draft_version="0"))
    assert response.status_code == 422
    page = response.content.decode()
    assert '<input type="hidden" name="notes" value="twee">' in page
    assert 'name="keep_mine" value="1"' in page


def test_what_is_refused_is_kept_too(client, referral, sofie):
    response = client.post(f"/intake/{referral.pk}/", judge_data(notes="Niet vergeten", draft_version="0"))
    assert response.context["form"].errors
    assert read_draft(IntakeDraft.objects.get())["notes"] == ["Niet vergeten"]
    assert response.context["draft"].version == 1


def test_who_comes_too_late_reads_back_what_they_typed(client, referral, sofie):
    send(client, referral, notes="Sofies aantekening")
    make_judgement(referral, by=make_judge("Youssef"), offer=make_offer())
    assert "Sofies aantekening" in client.get(f"/intake/{referral.pk}/").content.decode()
    page = client.post(f"/intake/{referral.pk}/", judge_data(notes="nog later", decision="individual_help"))
    assert "nog later" in page.content.decode()
    assert Judgement.objects.get().by.first_name == "Youssef"
    assert Referral.objects.get().judgement.notes == ""


def test_a_session_that_ended_hands_back_what_was_typed(client, referral, sofie):
    client.logout()
    response = client.post(f"/intake/{referral.pk}/bewaren/", judge_data(notes="Niet weg"))
    assert response.status_code == 401
    assert "Niet weg" in response.content.decode()
    assert send(client, referral, notes="Niet weg").status_code == 401


def test_the_queue_says_who_is_at_it_and_the_page_of_a_colleague_too(client, referral, sofie):
    youssef = make_judge("Youssef")
    other = Browser()
    other.force_login(youssef)
    send(other, referral, notes="van Youssef, niet voor Sofie")
    queue = client.get("/intake/")
    assert [draft.worker for row in queue.context["rows"] for draft in row.drafts] == [youssef]
    page = client.get(f"/intake/{referral.pk}/")
    assert [draft.worker for draft in page.context["others"]] == [youssef]
    assert "niet voor Sofie" not in page.content.decode() + queue.content.decode()


def test_saving_costs_the_same_however_much_is_typed(client, referral, sofie, django_assert_max_num_queries):
    send(client, referral, notes="warm", draft_version="0")
    for version, notes in ((1, "kort"), (2, "lang " * 200)):
        with django_assert_max_num_queries(14):
            assert send(client, referral, notes=notes, draft_version=str(version)).status_code == 200
