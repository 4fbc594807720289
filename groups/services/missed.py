"""R26: two own sessions in a row missed without word become a task of the lead, once; coming again settles it."""

from django.utils import timezone

from clients.enums import FollowUpAbout, SettledHow
from clients.models import FollowUp
from clients.services import plan_follow_up, settle_by_rule
from groups.attendance import noted_states
from groups.enums import AttendanceState, HistoryCode
from groups.own_round import own_sessions
from groups.services.history import record

IN_A_ROW = 2


def follow_missed(*, cycle, people, sessions, now, by):
    """After a session was closed, or corrected: for each of these Persons, what their own sessions say by now."""
    states, asked = noted_states([person.pk for person in people]), _asked(people)
    for person in people:
        place = person.participation
        numbers = [session.number for session in own_sessions(place, sessions)]
        since = missed_since(numbers, states.get(person.pk, {}))
        _settle_others(place, since, asked, now=now, by=by)
        if since is not None and (place.client_id, _key(place, since)) not in asked:
            _ask_after(cycle, place, since, now=now, by=by)


def missed_since(numbers, states):
    """The first number of the last two or more own sessions in a row missed without word, unless they came since."""
    run, found = [], None
    for number in numbers:
        state = states.get(number)
        if state in AttendanceState.came():
            run, found = [], None
        elif state == AttendanceState.ABSENT:
            run.append(number)
            found = run[0] if len(run) >= IN_A_ROW else found
        else:
            run = []
    return found


def _asked(people):
    """{(client, key): whether it is open} of what was asked; what a rule settled can be asked anew."""
    rows = FollowUp.objects.filter(
        client__in=[person.participation.client_id for person in people], about=FollowUpAbout.MISSED_SESSIONS
    )
    rows = rows.exclude(settled_how=SettledHow.RULE).order_by("pk")
    return {(row.client_id, row.key): row.settled_at is None for row in rows}


def _key(participation, since):
    return f"participation:{participation.pk}:{since}"


def _ask_after(cycle, participation, since, *, now, by):
    """Once for each time: what somebody settled is not asked again for the same sessions."""
    about, today = FollowUpAbout.MISSED_SESSIONS, timezone.localdate(now)
    what = {"about": about, "due_on": today, "key": _key(participation, since), "for_user": cycle.lead}
    plan_follow_up(client=participation.client, by=by, now=now, **what)
    subjects = {"cycle": cycle, "waitlist": cycle.waitlist, "entry": participation.entry}
    record(HistoryCode.SESSIONS_MISSED, at=now, rule="R26", since=since, **subjects)


def _settle_others(participation, since, asked, *, now, by):
    """They came again, or what was noted proved wrong."""
    mine, stays = _key(participation, ""), _key(participation, since)
    for (client, key), is_open in asked.items():
        if is_open and client == participation.client_id and key.startswith(mine) and key != stays:
            about = FollowUpAbout.MISSED_SESSIONS
            settle_by_rule(client=participation.client, about=about, key=key, now=now, by=by)
