"""The desk's pages (R2, R40, R41): booking, who just missed a place, what is told, whose file is opened."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import AccessLog, ContactPreference
from intake.enums import AppointmentState
from intake.models import Appointment, IntakeSlot
from intake.queries.planning import to_plan
from intake.services import cancel_appointment, move_appointment, note_outcome, remind_of_intakes
from notifications.models import Notification
from tests.factories.accounts import make_desk
from tests.factories.intake import make_appointment, make_door, make_judge, make_referral, make_slot

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)
MAY_PHONE_ONLY = {"may_mail": False}


@pytest.fixture
def here():
    return make_door()


@pytest.fixture
def loes(client, here):
    user = make_desk("Loes", municipalities=[here.municipality])
    client.force_login(user)
    return user


@pytest.fixture
def slot(here):
    now = timezone.now()
    weekday = (timezone.localdate(now) + dt.timedelta(days=2)).weekday()
    return make_slot(municipality=here.municipality, weekday=weekday, now=now)


def referral_here(here, **person):
    return make_referral(neighbourhood=here, now=timezone.now(), person=person, question="Kanariegeel geheim")


def book(client, referral, slot, day):
    return client.post(reverse("intake:desk_book", args=[referral.pk]), {"place": f"{slot.pk}:{day}"})


def body_of(code):
    return Notification.objects.get(kind=code).body


def test_the_desk_books_and_the_contact_data_it_read_are_noted(client, here, loes, slot):
    referral = referral_here(here)
    page = client.get(reverse("intake:desk_book", args=[referral.pk])).content.decode()
    assert referral.client.full_name in page
    assert "Kanariegeel" not in page
    assert list(AccessLog.objects.values_list("user", "action")) == [(loes.pk, "called")]
    answer = book(client, referral, slot, slot.first_day())
    made = Appointment.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("intake:desk_appointment", args=[made.pk]))
    assert (made.referral, made.is_untold) == (referral, False)
    shown = client.get(answer.url).content.decode()
    assert referral.client.full_name in shown
    assert "Kanariegeel" not in shown


def test_who_was_a_moment_too_late_keeps_the_client_and_sees_the_nearest(client, here, loes, slot):
    make_appointment(make_referral(neighbourhood=here), slot=slot, date=slot.first_day(), now=timezone.now())
    referral = referral_here(here)
    answer = book(client, referral, slot, slot.first_day())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Deze plek is net vergeven" in page or "just taken" in page
    assert f'value="{slot.pk}:{slot.first_day() + WEEK}" id="near-' in page
    url = reverse("intake:desk_place", args=[slot.pk, slot.first_day().isoformat()])
    answer = client.post(url, {"referral": referral.pk}, follow=True)
    assert answer.redirect_chain[0][0].startswith(reverse("intake:desk_book", args=[referral.pk]))
    assert 'id="near-' in answer.content.decode()
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("place", ["", "x", "1:", "999999:2026-01-01", "1:2026-13-01"])
def test_nonsense_for_a_place_is_refused_in_words(client, here, loes, slot, place):
    answer = client.post(reverse("intake:desk_book", args=[referral_here(here).pk]), {"place": place})
    assert answer.status_code == 422


def test_a_place_takes_a_client_from_the_queue(client, here, loes, slot):
    referral = referral_here(here)
    url = reverse("intake:desk_place", args=[slot.pk, slot.first_day().isoformat()])
    assert referral.client.short_name in client.get(url).content.decode()
    assert client.post(url, {"referral": referral.pk}).status_code == 302
    assert list(to_plan(loes)) == []
    assert client.get(reverse("intake:desk_place", args=[slot.pk, "gisteren"])).status_code == 404


def test_the_longest_waiting_stands_on_top_and_elsewhere_is_not_shown(client, here, loes):
    late = make_referral(neighbourhood=here, now=timezone.now(), person={"given_name": "Bep"})
    early = make_referral(neighbourhood=here, now=timezone.now() - 3 * WEEK, person={"given_name": "Dirk"})
    assert list(to_plan(loes)) == [early, late]
    assert list(to_plan(make_desk("Lara"))) == []
    page = client.get(reverse("intake:desk_week")).content.decode()
    assert page.index(early.client.short_name) < page.index(late.client.short_name)


def test_without_a_slot_the_week_says_what_to_do(client, here, loes):
    assert reverse("intake:slot_add") in client.get(reverse("intake:desk_week")).content.decode()


def test_who_did_not_come_is_offered_a_new_time_at_once(client, here, loes, slot):
    made = make_appointment(referral_here(here), slot=slot, now=timezone.now())
    moment = timezone.now() - dt.timedelta(hours=2)
    Appointment.objects.update(starts_at=moment, ends_at=moment + dt.timedelta(hours=1))
    answer = client.post(reverse("intake:desk_outcome", args=[made.pk]), {"state": "no_show"})
    assert answer.url == reverse("intake:desk_book", args=[made.referral_id])
    [row] = to_plan(loes)
    assert (row, row.no_shows) == (made.referral, 1)


def test_an_intake_judged_meanwhile_leaves_the_desk_without_the_file(client, here, loes, slot):
    made = make_appointment(referral_here(here), slot=slot, now=timezone.now())
    made.referral.state = "judged"
    made.referral.save()
    page = client.get(reverse("intake:desk_appointment", args=[made.pk])).content.decode()
    assert made.referral.client.phone not in page
    assert client.get(reverse("intake:desk_book", args=[made.referral_id])).url == reverse("intake:desk_week")


def test_a_change_under_somebody_asks_first(client, here, loes, slot):
    made = make_appointment(referral_here(here), slot=slot, now=timezone.now())
    url, day = reverse("intake:slot_stop", args=[slot.pk]), timezone.localdate().isoformat()
    answer = client.post(url, {"from_day": day})
    assert answer.status_code == 422
    assert made.referral.client.short_name in answer.content.decode()
    assert IntakeSlot.objects.get().valid_until is None
    answer = client.post(url, {"from_day": day, f"hit_{made.pk}": "call_off"})
    made.refresh_from_db()
    assert (answer.status_code, made.state, made.cancel_reason) == (302, "cancelled", "slot_changed")


def test_the_desk_adds_a_slot_and_an_overlap_is_said_at_the_time(client, here, loes):
    sofie = make_judge("Sofie", here.municipality)
    data = {"who": sofie.pk, "municipality": here.municipality_id, "weekday": "1", "starts_at": "10:00"}
    data |= {"minutes": "60", "way": "phone", "valid_from": timezone.localdate().isoformat()}
    url = reverse("intake:slot_add")
    assert client.post(url, data).status_code == 302
    answer = client.post(url, data | {"starts_at": "10:30"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["starts_at"])
    assert IntakeSlot.objects.get().worker == sofie


def test_leave_over_an_intake_is_told_with_the_way_to_call_it_off(client, here, slot):
    made = make_appointment(referral_here(here), slot=slot, now=timezone.now())
    client.force_login(slot.worker)
    days = {"first_day": made.date.isoformat(), "last_day": made.date.isoformat()}
    refused = client.post(reverse("groups:leave_add"), days)
    assert (refused.status_code, refused.context["has_intakes"]) == (422, True)
    shown = client.post(reverse("intake:desk_absence"), days)
    assert made.referral.client.short_name in shown.content.decode()
    made.refresh_from_db()
    assert made.state == AppointmentState.BOOKED
    client.post(reverse("intake:desk_absence"), days | {"confirm": "1"})
    made.refresh_from_db()
    assert (made.state, slot.worker.bookings.leave().count()) == ("cancelled", 1)


# --- what the client hears -------------------------------------------------------------------------------------------


def test_mail_says_when_and_where_and_not_what_about(here, slot):
    made = make_appointment(referral_here(here), slot=slot, now=timezone.now())
    mail = Notification.objects.get()
    assert (mail.kind, mail.to_address, mail.subject) == (
        *("intake_booked", made.referral.client.email),
        "Een bericht van Socius",
    )
    assert "om 10:00 uur" in mail.body
    assert "Wij bellen u op dat moment." in mail.body
    assert "Kanariegeel" not in mail.body
    assert made.referral.client.given_name not in mail.body


@pytest.mark.parametrize("contact", [{"may_mail": False}, {"is_sensitive": True}])
def test_without_safe_mail_nothing_goes_out_and_somebody_calls(client, here, loes, slot, contact):
    made = make_appointment(referral_here(here, contact=contact), slot=slot, by=loes, now=timezone.now())
    assert (made.is_untold, Notification.objects.count()) == (True, 0)
    assert (
        reverse("intake:desk_told", args=[made.pk])
        in client.get(reverse("intake:desk_appointment", args=[made.pk])).content.decode()
    )
    client.post(reverse("intake:desk_told", args=[made.pk]))
    made.refresh_from_db()
    assert (made.is_untold, made.events.filter(code="told").count()) == (False, 1)


def test_moved_and_called_off_is_told_but_not_what_the_client_did_themselves(here, slot):
    made = make_appointment(referral_here(here), slot=slot, now=timezone.now())
    day = made.date + WEEK
    moved = move_appointment(appointment=made, slot=slot, date=day, by=slot.worker, now=timezone.now())
    cancel_appointment(appointment=moved, reason="worker_away", by=slot.worker, now=timezone.now())
    again = make_appointment(made.referral, slot=slot, now=timezone.now())
    cancel_appointment(appointment=again, reason="client", by=slot.worker, now=timezone.now())
    kinds = Notification.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["intake_booked", "intake_moved", "intake_cancelled", "intake_booked"]


def test_the_day_before_each_is_reminded_once_where_that_is_safe(here, slot):
    now = timezone.now()
    made = make_appointment(referral_here(here), slot=slot, date=slot.first_day(), now=now)
    other = make_slot(municipality=here.municipality, weekday=slot.weekday, starts_at=dt.time(13), now=now)
    unsafe = make_appointment(referral_here(here), slot=other, date=made.date, now=now)
    ContactPreference.objects.filter(client=unsafe.referral.client_id).update(**MAY_PHONE_ONLY)
    morning = made.starts_at - dt.timedelta(days=1)
    reminders = Notification.objects.filter(kind="intake_reminder")
    assert remind_of_intakes(now=morning - dt.timedelta(hours=2)) == 0
    for _ in range(2):
        assert remind_of_intakes(now=morning) == 2
    assert [mail.to_address for mail in reminders] == [made.referral.client.email]
    assert remind_of_intakes(now=made.starts_at) == 0


def test_a_no_show_that_was_none_says_that_another_intake_is_still_planned(client, here, loes, slot):
    first = make_appointment(make_referral(neighbourhood=here), slot=slot)
    after = first.starts_at + dt.timedelta(hours=2)
    note_outcome(appointment=first, state=AppointmentState.NO_SHOW, by=slot.worker, now=after)
    page = reverse("intake:desk_appointment", args=[first.pk])
    again = make_appointment(first.referral, slot=slot, date=first.date + WEEK, now=after)
    assert client.get(page).context["also_booked"] is None
    note_outcome(appointment=first, state=AppointmentState.HELD, by=slot.worker, now=after)
    shown = client.get(page)
    assert shown.context["also_booked"] == again
    assert reverse("intake:desk_appointment", args=[again.pk]) in shown.content.decode()
