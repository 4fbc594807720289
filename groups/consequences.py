"""What a change of the plan brings about: as data, so that what was shown and what is done can be compared; and words.

services/foresee.py finds them by doing the change. They hold no name of a client.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.periods import short_day
from groups.time_words import moment_text


@dataclass(frozen=True, order=True)
class Moment:
    """A session as it is planned; place is a room's primary key."""

    number: int
    date: dt.date
    start: dt.time
    end: dt.time
    place: int

    def __str__(self):
        return moment_text(self.date, self.start, self.end)


@dataclass(frozen=True)
class Consequences:
    """before and after are the planned sessions. outside: ((a leader's short name, days), …) beyond their own times.

    unsuited: participants who said that one of the changed moments does not suit them. talks: individual talks that
    are no longer between the sessions where they belong (R29). next_round: when the next round begins, which stays.
    """

    before: tuple[Moment, ...]
    after: tuple[Moment, ...]
    told_by_mail: int
    to_call: int
    deadline: dt.date | None = None
    outside: tuple = ()
    unsuited: int = 0
    talks: int = 0
    next_round: dt.date | None = None
    going_on: int = 0

    @property
    def fingerprint(self):
        return hashlib.sha256(repr(self).encode()).hexdigest()

    @property
    def changed(self):
        """The moments that are new, in order."""
        return tuple(moment for moment in self.after if moment not in self.before)

    @property
    def dropped(self):
        kept = {moment.number for moment in self.after}
        return tuple(moment for moment in self.before if moment.number not in kept)

    def was(self, moment):
        return next((old for old in self.before if old.number == moment.number), None)


def consequence_lines(found):
    """What else happens, a sentence a line; the sessions themselves stand in a table."""
    return [*_who_hears(found), *_what_shifts(found)]


def warning_lines(found):
    """What somebody may want to settle first; nothing of it forbids the change."""
    return [*_leaders_outside(found), *_people_and_talks(found)]


def _who_hears(found):
    if found.told_by_mail:
        yield ngettext(
            "%(count)s participant gets a message now.",
            "%(count)s participants get a message now.",
            found.told_by_mail,
        ) % {"count": found.told_by_mail}
    if found.to_call:
        yield ngettext(
            "Call %(count)s participant yourself: there is no safe way to mail everything.",
            "Call %(count)s participants yourself: there is no safe way to mail them everything.",
            found.to_call,
        ) % {"count": found.to_call}
    if not (found.told_by_mail or found.to_call):
        yield _("Nobody takes part yet, so nobody is told.")


def _what_shifts(found):
    if found.deadline is not None:
        yield _("Participants can answer the invitation until %(day)s.") % {"day": short_day(found.deadline)}
    if found.next_round is not None:
        yield _("The next round begins on %(day)s; that does not change.") % {"day": short_day(found.next_round)}
    elif found.going_on and found.after:
        yield ngettext(
            "%(count)s participant goes on: the next round follows after %(day)s.",
            "%(count)s participants go on: the next round follows after %(day)s.",
            found.going_on,
        ) % {"count": found.going_on, "day": short_day(found.after[-1].date)}


def _leaders_outside(found):
    for name, days in found.outside:
        listed = ", ".join(short_day(day) for day in days)
        yield _("%(name)s is usually not there at that time: %(days)s.") % {"name": name, "days": listed}


def _people_and_talks(found):
    if found.unsuited:
        yield ngettext(
            "%(count)s participant said that this time does not suit.",
            "%(count)s participants said that this time does not suit.",
            found.unsuited,
        ) % {"count": found.unsuited}
    if found.talks:
        yield ngettext(
            "%(count)s individual talk no longer lies between the right sessions: move it too.",
            "%(count)s individual talks no longer lie between the right sessions: move them too.",
            found.talks,
        ) % {"count": found.talks}
