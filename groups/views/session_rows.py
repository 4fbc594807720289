"""The rows of the page of a session: each value, what the screen shows of it, and who noted otherwise meanwhile."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.periods import short_moment
from groups.enums import AttendanceState
from groups.noting import print_of

ICONS = {
    AttendanceState.PRESENT: "check-lg",
    AttendanceState.LATE: "clock",
    AttendanceState.EXCUSED: "telephone",
    AttendanceState.ABSENT: "x-lg",
}
# On a thumb's width; AttendanceState.label is the long word.
SHORT = {
    AttendanceState.PRESENT: gettext_lazy("Here"),
    AttendanceState.LATE: gettext_lazy("Late"),
    AttendanceState.EXCUSED: gettext_lazy("Sent word"),
    AttendanceState.ABSENT: gettext_lazy("Absent"),
}


@dataclass
class Value:
    """One field: its name, the value it has on this page, and what travels back as seen."""

    name: str
    value: object = ""
    seen: object = ""
    error: str = ""
    conflict: str = ""


@dataclass
class PersonRow:
    person: object
    state: Value
    goal: Value
    score: Value
    is_missing: bool = False
    choices: list = field(default_factory=list)

    @property
    def asks_goal(self):
        """At the first and at the last session (R27), and where it was answered."""
        return self.person.is_first or self.person.is_last or self.score.value != "" or self.has_trouble

    @property
    def has_trouble(self):
        return any(value.error or value.conflict for value in (self.goal, self.score))


def person_rows(people, *, missing, **page):
    return [_person_row(person, missing, page) for person in people]


def _person_row(person, missing, page):
    score = "" if person.score is None else person.score.score
    goal = person.goal.text if person.goal else ""
    row = PersonRow(
        person=person,
        state=_value(f"state-{person.pk}", person.state, person.state, **page),
        goal=_value(f"goal-{person.pk}", goal, print_of(goal), **page),
        score=_value(f"score-{person.pk}", str(score), str(score), **page),
        is_missing=person.pk in missing,
    )
    row.choices = [
        {"value": state, "label": SHORT[state], "icon": ICONS[state], "is_on": state == row.state.value}
        for state in AttendanceState
    ]
    return row


def text_row(name, text, **page):
    return _value(name, text, print_of(text), **page)


def tick_rows(kind, things, *, typed, keeps_seen, **_page):
    """(thing, Value with value and seen as bool) of each checkbox."""
    rows = []
    for thing, is_on in things:
        name = f"{kind}-{thing.pk}"
        is_typed = f"was-{name}" in typed
        seen = typed[f"was-{name}"] == "on" if is_typed and keeps_seen else is_on
        rows.append((thing, Value(name, name in typed if is_typed else is_on, seen)))
    return rows


def _value(name, stands, seen, *, form, typed, conflicts, keeps_seen):
    value = typed.get(name, stands)
    errors = form.errors.get(name, [""]) if form.is_bound else [""]
    found = next((one for one in conflicts if _name_of(one) == name), None)
    if keeps_seen:
        seen = typed.get(f"was-{name}", seen)
    return Value(name, value, seen, error=errors[0], conflict=_conflict_text(found, value) if found else "")


def _name_of(conflict):
    return conflict.name if conflict.pk is None else f"{conflict.name}-{conflict.pk}"


def _conflict_text(conflict, yours):
    """Who noted what, and what you have; leaving it so and saving again is choosing it."""
    words = {"theirs": _shown(conflict, conflict.theirs), "yours": _shown(conflict, yours)}
    if conflict.who is None:
        return _("Meanwhile this was written: “%(theirs)s”. Choose, or put both together, and save again.") % words
    words |= {"who": conflict.who.short_name, "when": short_moment(conflict.at)}
    return _("%(who)s noted %(theirs)s (%(when)s); you: %(yours)s. Choose, and save again.") % words


def _shown(conflict, value):
    if conflict.name == "state":
        return AttendanceState(value).label if value in AttendanceState.values else _("nothing")
    return str(value) if value != "" else _("nothing")
