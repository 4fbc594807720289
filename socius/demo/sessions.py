"""What was noted of the sessions of the demo's running group; the latest one waits to be closed."""

import datetime as dt

from groups.enums import AttendanceState, CycleState, SessionState, ThemeWish
from groups.models import Cycle, SessionReport
from groups.noting import Typed, TypedText, Typings
from groups.services.noting import note_session

AFTERWARDS = dt.timedelta(minutes=10)
# By given name, where somebody was not simply there.
OTHERWISE = {
    1: {},
    2: {"Piet": AttendanceState.LATE, "Omar": AttendanceState.EXCUSED},
    3: {"Mina": AttendanceState.ABSENT},
    4: {"Anja": AttendanceState.LATE},
}
GOALS = {
    "Anja": ("Ik zeg op mijn werk wat ik nodig heb.", 3),
    "Piet": ("Ik ga twee keer per week de deur uit.", 2),
    "Mina": ("Ik slaap weer door.", 4),
    "Omar": ("Ik bel zelf mijn broer.", 5),
}
LATER = {"Anja": 5, "Piet": 4, "Mina": 4, "Omar": 7}
THEMES = [("Grenzen aangeven", ThemeWish.PRACTISE, 3), ("Alleen zijn", ThemeWish.DISCUSS, 2)]
HOMEWORK = {1: "Schrijf drie dingen op die deze week goed gingen.", 2: "Zeg een keer nee, en merk wat er gebeurt."}
NOTES = {1: "Rustige start. In tweetallen werkte het best.", 3: "Volgende keer meer tijd voor de pauze."}


def note_sessions():
    """All held sessions of running groups but the last; not when something was noted already."""
    if SessionReport.objects.exists():
        return
    for cycle in Cycle.objects.filter(state=CycleState.RUNNING).select_related("lead"):
        held = list(cycle.sessions.filter(state=SessionState.HELD).order_by("number"))
        for session in held[:-1]:
            typed = _typed(cycle, session.number)
            now = session.ends_at + AFTERWARDS
            note_session(session=session, by=cycle.lead, now=now, typed=typed, close=True)


def _typed(cycle, number):
    people = {place.client.given_name: place.pk for place in cycle.participations.select_related("client")}
    otherwise = OTHERWISE.get(number, {})
    typed = Typings(everybody=True)
    typed.attendance = {people[name]: Typed(state) for name, state in otherwise.items() if name in people}
    typed.homework = TypedText(HOMEWORK.get(number, ""))
    typed.note = TypedText(NOTES.get(number, ""))
    if number <= len(THEMES):
        typed.new_theme = dict(zip(("title", "wish", "votes"), THEMES[number - 1], strict=True))
    if number == 1:
        typed.goals = {people[name]: TypedText(goal) for name, (goal, _score) in GOALS.items() if name in people}
        typed.scores = {people[name]: Typed(score) for name, (_goal, score) in GOALS.items() if name in people}
    if number == 3:
        typed.scores = {people[name]: Typed(score) for name, score in LATER.items() if name in people}
    return typed
