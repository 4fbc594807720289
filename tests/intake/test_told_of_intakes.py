"""Nobody hears wrongly or nothing about an intake: mail, letters and calls about one (R2, R40)."""

import datetime as dt

import pytest
from django.urls import reverse

from clients.enums import LetterState
from clients.models import Client, Letter
from clients.services import update_client
from intake.enums import AppointmentState, CancelReason
from intake.exceptions import DeskRefused
from intake.services import be_away, book_appointment, cancel_appointment, move_appointment, note_outcome, note_told
from intake.services.reminding import remind_of_intakes
from intake.services.returned_mail import pass_on_returned_mail
from notifications.models import Notification
from notifications.services import send_notifications
from reporting.today import build_today
from tests.factories.accounts import make_desk
from tests.factories.groups import NOW
from tests.factories.intake import make_appointment, make_door, make_judge, make_referral, make_slot

pytestmark = pytest.mark.django_db
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def world():
    door, sofie = make_door(), make_judge("Sofie")
    desk = make_desk("Loes", municipalities=[door.municipality])
    return {"door": door, "sofie": sofie, "desk": desk, "slot": make_slot(sofie, municipality=door.municipality)}


def booked(world, *, person=None, weeks=2):
    referral = make_referral(neighbourhood=world["door"], person=person or {})
    Client.objects.filter(pk=referral.client_id).update(street="Straat 1", town="Beverwijk", postcode="1941 AB")
    day = world["slot"].first_day() + weeks * 7 * DAY
    return book_appointment(referral=referral, slot=world["slot"], date=day, by=world["sofie"], now=NOW)


def untold(appointment):
    appointment.refresh_from_db()
    return appointment.is_untold


def states():
    return list(Letter.objects.order_by("made_at", "pk").values_list("kind", "state"))


# --- mail that was withdrawn


@pytest.mark.parametrize("change", [{"contact": {"may_mail": False}}, {"email": "nieuw@voorbeeld.example"}])
def test_whose_mail_was_withdrawn_is_called_by_the_desk_once(world, change):
    appointment = booked(world)
    update_client(client=appointment.referral.client, by=world["sofie"], now=NOW, **change)
    assert Notification.objects.get(kind="intake_booked").state == "withdrawn"
    pass_on_returned_mail(now=NOW + MINUTE)
    assert untold(appointment)
    assert "telephone" in [task.icon for task in build_today(world["desk"], now=NOW + MINUTE).tasks]
    note_told(appointment=appointment, by=world["desk"], now=NOW + 2 * MINUTE)
    pass_on_returned_mail(now=NOW + 3 * MINUTE)
    assert not untold(appointment)


def test_of_mail_that_left_or_of_an_earlier_time_nobody_is_called(world, mailoutbox):
    appointment = booked(world)
    send_notifications(now=NOW)
    update_client(client=appointment.referral.client, by=world["sofie"], now=NOW, contact={"may_mail": False})
    pass_on_returned_mail(now=NOW + MINUTE)
    assert not untold(appointment)
    other = booked(world, weeks=3, person={"family_name": "Anders"})
    update_client(client=other.referral.client, by=world["sofie"], now=NOW, contact={"may_mail": False})
    pass_on_returned_mail(now=other.starts_at + MINUTE)
    assert not untold(other)


# --- letters that no longer hold


BY_POST = {"email": "", "contact": {"may_letter": True}}


def test_a_letter_takes_the_place_of_the_ones_before_it(world):
    appointment = booked(world, person=BY_POST)
    how = {"slot": world["slot"], "by": world["sofie"]}
    move_appointment(appointment=appointment, date=appointment.date + 7 * DAY, now=NOW + MINUTE, **how)
    assert states() == [("intake_booked", LetterState.WITHDRAWN), ("intake_moved", LetterState.TO_PRINT)]
    cancel_appointment(appointment=appointment, reason=CancelReason.MISTAKE, by=world["sofie"], now=NOW + 2 * MINUTE)
    assert [state for _kind, state in states()] == ["withdrawn", "withdrawn", "to_print"]


def test_letters_of_another_intake_and_printed_ones_stay(world):
    one, two = booked(world, person=BY_POST), booked(world, weeks=3, person=BY_POST | {"family_name": "Anders"})
    Letter.objects.filter(client=one.referral.client).update(
        state=LetterState.PRINTED, printed_at=NOW, printed_by=world["desk"]
    )
    cancel_appointment(appointment=one, reason=CancelReason.MISTAKE, by=world["sofie"], now=NOW + MINUTE)
    assert Letter.objects.get(client=two.referral.client).state == LetterState.TO_PRINT
    assert [state for _kind, state in states()].count("printed") == 1


def test_a_letter_for_a_day_that_passed_is_not_printed_any_more(world):
    appointment = booked(world, person=BY_POST)
    later = booked(world, weeks=4, person=BY_POST | {"family_name": "Anders"})
    pass_on_returned_mail(now=appointment.starts_at)
    assert {state for _kind, state in states()} == {"to_print"}
    pass_on_returned_mail(now=appointment.starts_at + DAY)
    assert Letter.objects.get(client=appointment.referral.client).state == LetterState.WITHDRAWN
    assert Letter.objects.get(client=later.referral.client).state == LetterState.TO_PRINT


# --- the day before


@pytest.mark.parametrize(("fields", "calls"), [({}, True), ({"may_phone": False}, False), ({"phone": ""}, False)])
def test_whom_no_mail_reminds_the_desk_calls_the_day_before_where_that_is_safe(world, fields, calls):
    phone = {"phone": fields["phone"]} if "phone" in fields else {}
    contact = {"may_phone": False} if "may_phone" in fields else {}
    appointment = booked(world, person={"email": "", "contact": contact} | phone)
    note_told(appointment=appointment, by=world["desk"], now=NOW)
    noon = (appointment.starts_at - DAY).replace(hour=12)
    assert remind_of_intakes(now=noon) == 1
    assert untold(appointment) == calls
    note_told(appointment=appointment, by=world["desk"], now=noon + MINUTE)
    remind_of_intakes(now=noon + 2 * MINUTE)
    assert not untold(appointment)


def test_who_is_reminded_by_mail_is_not_called(world):
    appointment = booked(world)
    assert remind_of_intakes(now=(appointment.starts_at - DAY).replace(hour=12)) == 1
    assert Notification.objects.filter(kind="intake_reminder").count() == 1
    assert not untold(appointment)


# --- an intake that has begun


def test_what_has_begun_is_not_moved_or_called_off_but_noted(client, world):
    appointment = make_appointment(make_referral(neighbourhood=world["door"]), slot=world["slot"])
    begun, how = appointment.starts_at, {"appointment": appointment, "by": world["sofie"]}
    for change in (
        lambda: cancel_appointment(reason=CancelReason.WORKER_AWAY, now=begun, **how),
        lambda: move_appointment(slot=world["slot"], date=appointment.date + 7 * DAY, now=begun, **how),
    ):
        with pytest.raises(DeskRefused) as refused:
            change()
        assert refused.value.code == "begun"
    assert list(Notification.objects.values_list("kind", flat=True)) == ["intake_booked"]
    note_outcome(state=AppointmentState.HELD, now=begun + DAY, **how)


def test_the_pages_of_an_intake_that_has_begun_say_so(client, world):
    appointment = make_appointment(make_referral(neighbourhood=world["door"]), slot=world["slot"])
    type(appointment).objects.update(starts_at=NOW - 900 * DAY, ends_at=NOW - 899 * DAY)
    client.force_login(world["desk"])
    page = reverse("intake:desk_appointment", args=[appointment.pk])
    for name in ("desk_move", "desk_cancel"):
        answer = client.get(reverse(f"intake:{name}", args=[appointment.pk]), follow=True)
        assert answer.redirect_chain == [(page, 302)]
        assert reverse(f"intake:{name}", args=[appointment.pk]) not in answer.content.decode()


def test_a_colleague_who_was_ill_this_morning_tells_nobody_afterwards(world):
    appointment = make_appointment(make_referral(neighbourhood=world["door"]), slot=world["slot"])
    span = {"starts_at": appointment.starts_at - DAY, "ends_at": appointment.starts_at + DAY}
    be_away(user=world["sofie"], by=world["sofie"], now=appointment.starts_at + MINUTE, **span)
    appointment.refresh_from_db()
    assert (appointment.state, appointment.is_untold) == (AppointmentState.CANCELLED, False)
    assert not Notification.objects.filter(kind="intake_cancelled").exists()
