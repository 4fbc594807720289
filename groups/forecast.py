"""When somebody would begin: the engine's own word on lists they are on, or would be on if they joined now (R12, R19).

Nobody is looked up for it and nothing is written. It tells dates and the list's own reasons, never who waits (R43).
"""

import datetime as dt
from dataclasses import replace

from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.periods import short_day
from groups.calendar import blocked_dates
from groups.discretion import known_reason
from groups.engine import Person
from groups.engine.forecast import MOST_WEEKS, forecast
from groups.services.facts import load_facts_of_several
from groups.wording import reason_text

# Lists in one answer: the facts of each are loaded and the engine is asked, some milliseconds apiece.
MOST_LISTS = 12
# Until this day of the month it is early, until the other it is half-way.
EARLY_UNTIL, HALF_UNTIL = 10, 20


def forecast_newcomer(waitlists, *, now, age=None, sex="unknown", parts=None, on_hold=False):
    """[Forecast or None] for somebody new on each of these lists, were they judged and talked with today.

    None for what comes after the first MOST_LISTS. parts: {(weekday, part of the day)} they can come, None is any
    time; on_hold: basic needs come first (R5). Whether age and sex fit is groups.fit's to say, and is not asked again.
    """
    asked = waitlists[:MOST_LISTS]
    today = timezone.localdate(now)
    found = []
    for facts in load_facts_of_several(waitlists=asked, now=now):
        number = max((person.id for person in facts.people), default=0) + 1
        somebody = Person(
            id=number,
            waiting_since=today,
            age=age,
            sex=sex,
            has_fit_exception=True,
            parts=parts or None,
            is_on_hold=on_hold,
        )
        facts = replace(facts, people=(*facts.people, somebody))
        found.append(forecast(_far_enough(facts, waitlists[len(found)]), number))
    return found + [None] * (len(waitlists) - len(asked))


def forecast_entries(entries, *, now):
    """{number of the entry: Forecast} for who waits, as if what is still to do for them were done today.

    entries with waitlist, offer and catchment; the first MOST_LISTS lists only.
    """
    lists = {entry.waitlist_id: entry.waitlist for entry in entries}
    waitlists = list(lists.values())[:MOST_LISTS]
    loaded = load_facts_of_several(waitlists=waitlists, now=now)
    facts_by_list = {row.pk: _far_enough(facts, row) for row, facts in zip(waitlists, loaded, strict=True)}
    found = {}
    for entry in entries:
        facts = facts_by_list.get(entry.waitlist_id)
        if facts and any(person.id == entry.pk for person in facts.people):
            found[entry.pk] = forecast(_settled(facts, entry.pk), entry.pk)
    return found


def _settled(facts, number):
    done = {"is_judged": True, "has_consent": True, "talk_held": True, "has_fit_exception": True}
    return replace(facts, people=tuple(replace(p, **done) if p.id == number else p for p in facts.people))


def _far_enough(facts, waitlist):
    """Holidays as far ahead as a forecast may look."""
    weeks = MOST_WEEKS + facts.horizon_weeks + 2 * (facts.rules.sessions or 0) + 10
    skips = waitlist.offer.skips_school_holidays
    return replace(facts, blocked_dates=blocked_dates(today=facts.today, weeks=weeks, skips_school_holidays=skips))


def forecast_text(found, user, *, tells_why=True):
    """A Forecast as one sentence without a full stop; `user` reads it and may know so much of the reasons (R18)."""
    if found.code == "unknown":
        if not tells_why:
            return _("when it starts cannot be said yet")
        why = reason_text(known_reason(found.why.as_data(), user))
        return _("when it starts cannot be said yet: %(why)s") % {"why": why}
    if found.code == "expected":
        return _expected_text(found)
    return str(_ON_A_DAY[found.code]()) % {"day": short_day(found.on)}


_ON_A_DAY = {
    "joins": lambda: _("can join the group that starts %(day)s"),
    "starts": lambda: _("with this person the group can start on %(day)s"),
    "by_click": lambda: _("can start on %(day)s, as soon as a group worker presses start"),
}


def _expected_text(found):
    first, last = part_of_month(found.on), part_of_month(found.until)
    if first == last:
        return _("start expected %(when)s") % {"when": first}
    return _("start expected between %(first)s and %(last)s") % {"first": first, "last": last}


def part_of_month(day: dt.date):
    """Like "mid December": nobody is told a day that nobody knows."""
    month = str(MONTHS[day.month])
    words = {"month": month if get_language() == "nl" else month.title()}
    if day.day <= EARLY_UNTIL:
        return pgettext("part of a month", "early %(month)s") % words
    if day.day <= HALF_UNTIL:
        return pgettext("part of a month", "mid %(month)s") % words
    return pgettext("part of a month", "late %(month)s") % words
