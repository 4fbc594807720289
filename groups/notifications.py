"""What clients are told about their group. Always Dutch; never more than is safe (R40, R43).

The subject names neither group nor person. Who has a sensitive situation gets no link and no detail: only that
their contact person has news, and that person calls.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clients.queries import safe_address
from groups.enums import Seat, SessionState
from notifications.services import notify_all, prepare

ANSWER_SALT = "groups.answer"
CLIENT_LANGUAGE = "nl"
INVITATION = "invitation"


def answer_token(participation):
    """Signed, opaque: the participation's random number and nothing about the person."""
    return signing.dumps(participation.public_id.hex, salt=ANSWER_SALT)


def read_answer_token(token):
    """The participation's public id; signing.BadSignature when the link was altered."""
    return signing.loads(token, salt=ANSWER_SALT)


def is_told_by_mail(client):
    """Whether a mail, or the link in one, may tell this client about their group now (R40)."""
    return safe_address(client) is not None and not client.contact.is_sensitive


def invite_all(*, participations, first_on, now):
    """Put the invitations of new participations of one cycle in the outbox, in one statement, and set is_mailed (R21).

    False: there is no safe mail for this client, so somebody must call. first_on is the first session they come to.
    """
    if not participations:
        return
    cycle = participations[0].cycle
    with translation.override(CLIENT_LANGUAGE):
        when = {"when": _moment(first_on, cycle.start_time)}
        if participations[0].enters_at > 1:
            begin = _("Hello,\n\nThere is a place for you in a group that has begun. You first come on %(when)s.")
        else:
            begin = _("Hello,\n\nThere is a place for you in a group. The first meeting is on %(when)s.")
        text = begin % when + "\n" + _place_line(cycle.room, cycle.offer) + "\n\n"
        until = date_format(participations[0].answer_until(first_on), "l j F")
        _put_in_outbox(participations, lambda p: text + _question(p, until), INVITATION, now)


def _question(participation, until):
    link = settings.SITE_URL + reverse("groups:answer", args=[answer_token(participation)])
    asked = _("Will you come? Say yes or no here, before %(day)s has passed:\n%(link)s") % {"day": until, "link": link}
    return asked + "\n\n" + _("No answer? Then we will call you.\n\nKind regards,\nSocius")


def tell_going_on(*, participations, first_on, now):
    """R28: who said that they go on hears when; nobody is asked again. Sets is_mailed."""
    if not participations:
        return
    cycle = participations[0].cycle
    with translation.override(CLIENT_LANGUAGE):
        when = _moment(first_on, cycle.start_time)
        goes_on = _("Your group goes on. The next meeting is on %(when)s.") % {"when": when}
        lines = [goes_on, _place_line(cycle.room, cycle.offer)]
        _put_in_outbox(participations, lambda _participation: _letter(lines), "going_on", now)


def _put_in_outbox(participations, body_for, kind, now):
    """One mail for everybody whom a mail reaches safely: the whole text, or that somebody will call (R40)."""
    mails = []
    for participation in participations:
        participation.is_mailed = is_told_by_mail(participation.client)
        address = safe_address(participation.client)
        if address is not None:
            body = body_for(participation) if participation.is_mailed else _neutral_body()
            mails.append(_mail(participation, address, body, now, kind=kind))
    notify_all(mails)


def tell_session_changed(*, session, now, key):
    """A session got another date, time, room or leader: everyone who counts hears what is true now."""
    with translation.override(CLIENT_LANGUAGE):
        lines = [
            _("Your group meets on %(when)s.") % {"when": _moment(session.date, session.start_time)},
            _place_line(session.room, session.cycle.offer),
        ]
    _tell_all(session.cycle, lines, now=now, kind="session_changed", key=f"{key}:{session.pk}")


def tell_session_cancelled(*, session, extra, now):
    """One session does not take place; `extra` is the session added for it, or None."""
    with translation.override(CLIENT_LANGUAGE):
        lines = [
            _("The meeting of your group on %(when)s does not take place.")
            % {"when": _moment(session.date, session.start_time)}
        ]
        if extra is not None:
            lines.append(_("In its place there is one on %(when)s.") % {"when": _moment(extra.date, extra.start_time)})
    _tell_all(session.cycle, lines, now=now, kind="session_cancelled", key=f"cancelled:{session.pk}")


def tell_cycle_moved(*, cycle, now):
    """All sessions moved; the new dates are listed."""
    with translation.override(CLIENT_LANGUAGE):
        planned = cycle.sessions.filter(state=SessionState.PLANNED)
        lines = [_("Your group meets on other days. These are the dates now:")]
        lines += ["- " + _moment(session.date, session.start_time) for session in planned]
    _tell_all(cycle, lines, now=now, kind="cycle_moved", key=f"moved:{cycle.pk}:{cycle.starts_on}")


def tell_cycle_cancelled(*, cycle, participations, now):
    """The group does not start or stops; everyone is back on the waitlist with their own waiting time (R21)."""
    with translation.override(CLIENT_LANGUAGE):
        lines = [
            _("Your group does not go on as planned."),
            _("You are back on the waitlist and keep the time that you waited. You do not have to do anything."),
        ]
    _tell(participations, lines, now=now, kind="cycle_cancelled", key=f"cycle-cancelled:{cycle.pk}")


def tell_leader_changed(*, cycle, sessions, leader, now, for_good):
    """Somebody else leads these sessions: everyone who counts hears who and when, by the leader's short name.

    Of a sensitive group or a hidden place a mail says no more than that there is news (R40).
    """
    with translation.override(CLIENT_LANGUAGE):
        moments = [_moment(session.date, session.start_time) for session in sessions]
        if for_good:
            lines = [
                _("From %(when)s on %(leader)s leads your group.") % {"when": moments[0], "leader": leader.short_name}
            ]
        else:
            lines = [_("%(leader)s leads your group for a while.") % {"leader": leader.short_name}]
            lines += [_("This is the case on:"), *(f"- {moment}" for moment in moments)]
        lines.append(_("Day, time and place stay the same."))
    participations = cycle.participations.counting().select_related("client__contact")
    key = f"leader:{leader.pk}:{sessions[0].pk}:{int(now.timestamp())}"
    is_neutral = _says_little(cycle.offer)
    _tell(participations, lines, now=now, kind="leader_changed", key=key, is_neutral=is_neutral)


def must_be_told(offer, client):
    """Whether somebody has to tell this client who leads: no mail, or one that only says that there is news (R40)."""
    return _says_little(offer) or not is_told_by_mail(client)


def _says_little(offer):
    return offer.is_sensitive or offer.place_is_hidden


def tell_substitute(*, user, seat, cycle, sessions, now):
    """A colleague takes over: when, where unless it is hidden, and the way to the cycle; nobody's name (R40)."""
    with translation.override(CLIENT_LANGUAGE):
        role = _("as leader") if seat == Seat.LEAD else _("as second leader")
        lines = [_("Somebody counts on you %(role)s of a group:") % {"role": role}]
        for session in sessions:
            lines.append(f"- {_moment(session.date, session.start_time)}")
            lines.append(f"  {_place_line(session.room, cycle.offer)}")
        link = settings.SITE_URL + reverse("groups:cycle", args=[cycle.pk])
        lines += ["", _("All about this group:"), link]
        body = "\n\n".join([_("Hello,"), "\n".join(lines), _("Kind regards,\nSocius")])
        mail = prepare(
            kind="substitute",
            to=user.email,
            subject=_("A message from Socius"),
            body=body,
            now=now,
            recipient=user,
            dedupe_key=f"substitute:{cycle.pk}:{seat}:{user.pk}:{sessions[0].pk}:{int(now.timestamp())}",
        )
    notify_all([mail])


def _tell_all(cycle, lines, *, now, kind, key):
    participations = cycle.participations.counting().select_related("client__contact")
    _tell(participations, lines, now=now, kind=kind, key=key)


def _tell(participations, lines, *, now, kind, key, is_neutral=False):
    mails = []
    for participation in participations:
        address = safe_address(participation.client)
        if address is None:
            continue
        with translation.override(CLIENT_LANGUAGE):
            is_neutral_for_them = is_neutral or participation.client.contact.is_sensitive
            body = _neutral_body() if is_neutral_for_them else _letter(lines)
            mails.append(_mail(participation, address, body, now, kind=kind, key=key))
    notify_all(mails)


def _letter(lines):
    return "\n\n".join([_("Hello,"), "\n".join(lines), _("Kind regards,\nSocius")])


def _mail(participation, address, body, now, *, kind, key=""):
    return prepare(
        kind=kind,
        to=address,
        subject=_("A message from Socius"),
        body=body,
        now=now,
        recipient_key=participation.client.public_id,
        dedupe_key=f"{kind}:{participation.public_id.hex}:{key}",
    )


def _neutral_body():
    return _("Hello,\n\nYour contact person has news for you and will get in touch.\n\nKind regards,\nSocius")


def _place_line(room, offer):
    """R40: a hidden place stands in no mail; the leader tells it."""
    if offer.place_is_hidden or room.venue.is_hidden:
        return _("The group worker will tell you the place.")
    return _("Place: %(place)s") % {"place": f"{room.name}, {room.venue.name}, {room.venue.address}"}


def _moment(day, time):
    return pgettext("date at time", "%(day)s at %(time)s") % {
        "day": date_format(day, "l j F"),
        "time": time_format(time, "H:i"),
    }
