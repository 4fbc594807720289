"""What clients are told about their intake. Always Dutch; never more than is safe (R40, R43).

The subject names nobody, the text neither group nor problem. Who has a sensitive situation, or no safe mail, gets
none at all: the desk calls; a letter goes beside that where one may. Each function says whether a mail went out.
"""

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import pgettext

from clients.letters import withdraw_letters_of, write_letters
from clients.queries import feedback_key, safe_address
from groups.permissions import sees_counts
from intake import messages
from intake.enums import AppointmentState, CancelReason, IntakeWay
from intake.wording import status_text
from notifications.calendar import Appointment as CalendarEntry
from notifications.calendar import calendar_file
from notifications.services import notify_all, prepare

CLIENT_LANGUAGE = "nl"
# The kinds that tell a client about one intake; "kind:appointment:version" keeps each single.
ABOUT_INTAKES = {
    text.code
    for text in (
        *(messages.INTAKE_BOOKED, messages.INTAKE_MOVED, messages.INTAKE_CANCELLED),
        *(messages.INTAKE_ENDED, messages.INTAKE_REMINDER),
    )
}
POST_TAKES = dt.timedelta(days=3)


def is_told_by_mail(client):
    """Whether a mail may tell this client about their intake now (R40)."""
    return safe_address(client) is not None and not client.contact.is_sensitive


def tell_booked(*, appointment, now):
    return _send([appointment], messages.INTAKE_BOOKED, now)


def tell_moved(*, appointment, now):
    return _send([appointment], messages.INTAKE_MOVED, now)


def tell_cancelled(*, appointment, now):
    """Judged without this intake: the client need not come; otherwise we will find another time."""
    is_over = appointment.cancel_reason == CancelReason.JUDGED
    return _send([appointment], messages.INTAKE_ENDED if is_over else messages.INTAKE_CANCELLED, now)


def tell_referrer(*, referral, status, key, now):
    """R9: that something happened, by the referral's day and never by a name; once for each event.

    Where contact can be dangerous, or a group is a closed one, no more than that there is news (R40).
    """
    user = referral.referred_by
    offers = [placement.entry.waitlist.offer for placement in referral.placements.all()]
    says_little = referral.client.contact.is_sensitive or any(
        offer.is_sensitive or offer.place_is_hidden for offer in offers
    )
    text = messages.REFERRAL_NEWS_ONLY if says_little else messages.REFERRAL_NEWS
    with translation.override(CLIENT_LANGUAGE):
        values = {
            "verwezen_op": date_format(referral.received_on, "j F"),
            "stand": capfirst(status_text(status, shows_counts=sees_counts(user))) + ".",
            "link": settings.SITE_URL + reverse("intake:referral", args=[referral.pk]),
        }
        mail = prepare(
            text=text,
            values={placeholder.name: values[placeholder.name] for placeholder in text.placeholders},
            to=user.email,
            now=now,
            recipient=user,
            recipient_key=feedback_key(referral.client),
            dedupe_key=f"referral-news:{referral.pk}:{key}",
        )
    notify_all([mail])


def remind_all(*, appointments, now):
    """Once for each time an appointment has, whatever runs twice: the key holds it."""
    return _send(appointments, messages.INTAKE_REMINDER, now)


def _send(appointments, text, now):
    """A mail where that is safe, with the moment for a calendar; else a letter, if one may go and comes in time.

    What goes by post takes the place of letters about the same intake that were not printed yet.
    """
    told = [appointment for appointment in appointments if is_told_by_mail(appointment.referral.client)]
    others = [appointment for appointment in appointments if appointment not in told]
    with translation.override(CLIENT_LANGUAGE):
        notify_all([_mail(appointment, text, now) for appointment in told])
        if text.goes_by_post:
            withdraw_letters_of(keys=[key for appointment in appointments for key in _keys_until_now(appointment)])
        late = now + POST_TAKES
        letters = [_letter(appointment, text) for appointment in others if appointment.starts_at > late]
        write_letters(text=text, recipients=letters, now=now)
    return not others


def _letter(appointment, text):
    return appointment.referral.client, _values(appointment, text), _key(appointment, text)


def _mail(appointment, text, now):
    client = appointment.referral.client
    return prepare(
        text=text,
        values=_values(appointment, text),
        to=safe_address(client),
        now=now,
        recipient_key=client.public_id,
        dedupe_key=_key(appointment, text),
        attachment=_calendar(appointment, now),
    )


def _key(appointment, text):
    return f"{text.code}:{appointment.pk}:{appointment.version}"


def _keys_until_now(appointment):
    """Of all that was told of this appointment, at whatever time it was planned."""
    return [f"{code}:{appointment.pk}:{number}" for code in ABOUT_INTAKES for number in range(appointment.version + 1)]


def _values(appointment, text):
    values = {
        "wanneer": _moment(appointment.starts_at),
        "plek": _place_line(appointment),
        "medewerker": appointment.worker.short_name,
    }
    return {placeholder.name: values[placeholder.name] for placeholder in text.placeholders}


def _calendar(appointment, now):
    """One entry that follows the appointment when it moves or is called off; a hidden place stands in none (R40)."""
    entry = CalendarEntry(
        key=f"intake:{appointment.pk}",
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        place="" if appointment.room is None or appointment.room.venue.is_hidden else _place(appointment.room),
        is_cancelled=appointment.state == AppointmentState.CANCELLED,
    )
    return calendar_file([entry], now=now)


def _place(room):
    return ", ".join(part for part in (room.name, room.venue.name, room.venue.address) if part)


def _place_line(appointment):
    """R40: a hidden place stands in no mail."""
    if appointment.way == IntakeWay.PHONE:
        return "Wij bellen u op dat moment."
    if appointment.way == IntakeWay.HOME:
        return "Wij komen bij u thuis."
    venue = appointment.room.venue
    if venue.is_hidden:
        return "Wij laten u nog weten waar het gesprek is."
    return f"Plaats: {_place(appointment.room)}"


def _moment(moment):
    local = timezone.localtime(moment)
    return pgettext("date at time", "%(day)s at %(time)s") % {
        "day": date_format(local, "l j F"),
        "time": f"{local:%H:%M}",
    }
