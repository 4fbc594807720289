"""A session is noted and closed (R25): by whom leads it, from any number of screens, each sending counted once."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from groups.attendance import attendees_of, report_of
from groups.engine import Reason
from groups.enums import AttendanceState, HistoryCode, SessionState
from groups.exceptions import NotAllowed
from groups.models import Attendance, Session, SessionSubmission
from groups.noting import Conflict, Noted, Typed, Typings
from groups.permissions import can_note_session
from groups.services.history import record
from groups.services.locking import lock_cycle
from groups.services.missed import follow_missed
from groups.services.progress import note_goal, note_score
from groups.services.reports import write_report


@transaction.atomic
def note_session(*, session, by, now, typed=None, key=None, close=False):
    """Writes what was changed and collides with nobody; the rest is told in the Noted.

    `key` is the sending's own, given by the device: the same again changes nothing. PermissionDenied for who does not
    lead here. NotAllowed: session_cancelled, session_not_yet, scale_whole_number.
    """
    session = _lock(session)
    if not can_note_session(by, session):
        raise PermissionDenied
    if _is_repeated(key, session, by):
        return Noted(is_closed=_is_closed(session), is_repeated=True)
    _refuse_too_early(session, now, close)
    desk = _Desk(session, by, now)
    desk.write(typed or Typings())
    if close:
        desk.close()
    if desk.noted.is_settled and key is not None:
        SessionSubmission.objects.create(key=_own_key(key), session=session, by=by, at=now)
    return desk.noted


def _lock(session):
    """The session under its waitlist's and its cycle's lock: people join, leave and are merged under the same."""
    cycle = lock_cycle(session.cycle_id)
    rows = Session.objects.select_for_update(of=("self",), no_key=True).select_related("report__notes__key")
    session = rows.select_related("report__closed_by").prefetch_related("staff").get(pk=session.pk)
    session.cycle = cycle
    return session


def _is_repeated(key, session, by):
    return key is not None and SessionSubmission.objects.filter(key=key, session=session, by=by).exists()


def _own_key(key):
    """A key that came with another session, or from somebody else, says nothing here."""
    return uuid.uuid4() if SessionSubmission.objects.filter(key=key).exists() else key


def _is_closed(session):
    report = report_of(session)
    return report is not None and report.closed_at is not None


def _refuse_too_early(session, now, close):
    if session.state == SessionState.CANCELLED:
        raise NotAllowed("session_cancelled")
    if session.date > timezone.localdate(now) or (close and session.starts_at > now):
        raise NotAllowed("session_not_yet")


class _Desk:
    """One sending at work: who, when, on which session, and what comes of it."""

    def __init__(self, session, by, now):
        self.session, self.by, self.now = session, by, now
        self.cycle = session.cycle
        self.was_closed = _is_closed(session)
        self.found = attendees_of(session, self.cycle.participations.all())
        self.noted = Noted()

    def write(self, typed):
        tapped = {pk: value for pk, value in typed.attendance.items() if value.value}
        changed = [self._attendance(person, value) for person, value in self._known(tapped)]
        if typed.everybody:
            changed += [self._attendance(person, Typed(AttendanceState.PRESENT, "")) for person in self._untouched()]
        for person, value in self._known(typed.scores):
            self._score(person, value)
        for person, value in self._known(typed.goals):
            self._goal(person, value)
        self.noted.conflicts += write_report(session=self.session, typed=typed, by=self.by, now=self.now)
        corrected = [person for person in changed if person is not None]
        if self.was_closed and corrected:
            self._follow_missed(corrected)

    def _known(self, typed):
        """(Person, value) of what was changed about who is expected here; the others are refused, each with why."""
        for pk, value in typed.items():
            person = self.found.find(pk)
            if not value.is_changed():
                continue
            refusal = Reason("not_in_cycle", {}) if person is None else person.refusal
            if refusal is not None:
                self.noted.refused.append((person, refusal))
            else:
                yield person, value

    def _untouched(self):
        return [person for person in self.found.people if not person.state]

    def _attendance(self, person, typed):
        """The Person if it was written; None when it stood so already, or somebody else noted otherwise."""
        if typed.value not in AttendanceState.values or typed.value == person.state:
            return None
        if typed.seen is not None and typed.seen != person.state:
            self._conflict("state", person, person.noted, person.state, typed.value)
            return None
        before, values = person.state, {"state": typed.value, "noted_at": self.now, "noted_by": self.by}
        which = {"session": self.session, "participation": person.participation}
        person.noted, _made = Attendance.objects.update_or_create(**which, defaults=values)
        if self.was_closed:
            args = {"before": before, "after": str(typed.value), "entry": person.participation.entry}
            self._record(HistoryCode.ATTENDANCE_CORRECTED, **args)
        return person

    def _score(self, person, typed):
        stands = "" if person.score is None else person.score.score
        if typed.value == stands:
            return
        if typed.seen is not None and typed.seen != stands:
            self._conflict("score", person, person.score, stands, typed.value)
            return
        place = {"participation": person.participation, "session": self.session}
        person.score = note_score(**place, score=typed.value, by=self.by, now=self.now)

    def _goal(self, person, typed):
        stands = person.goal.text if person.goal else ""
        if typed.value == stands:
            return
        if not typed.fits(stands):
            self._conflict("goal", person, person.goal, stands, typed.value)
            return
        words = {"participation": person.participation, "text": typed.value, "cycle": self.cycle}
        person.goal = note_goal(**words, by=self.by, now=self.now)

    def _conflict(self, name, person, row, theirs, yours):
        who, at = (row.noted_by, row.noted_at) if row else (None, None)
        self.noted.conflicts.append(Conflict(name, theirs, yours, who=who, at=at, pk=person.pk))

    def close(self):
        """Complete, once; who comes second hears who was first (R25)."""
        if self.was_closed:
            self.noted.was_closed, self.noted.is_closed = report_of(self.session), True
            return
        self.noted.missing = self._untouched()
        if not self.noted.is_settled:
            return
        report = report_of(self.session)
        report.closed_at, report.closed_by, report.version = self.now, self.by, report.version + 1
        report.save(update_fields=["closed_at", "closed_by", "version"])
        self.noted.is_closed = True
        came = sum(person.state in AttendanceState.came() for person in self.found.people)
        self._record(HistoryCode.SESSION_CLOSED, came=came, people=len(self.found.people))
        self._follow_missed(self.found.people)

    def _follow_missed(self, people):
        follow_missed(cycle=self.cycle, people=people, sessions=self.found.sessions, now=self.now, by=self.by)

    def _record(self, code, **args):
        subjects = {"cycle": self.cycle, "waitlist": self.cycle.waitlist, "session": self.session}
        record(code, at=self.now, by=self.by, **subjects, **args)
