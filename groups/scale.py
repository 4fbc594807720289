"""The scale question as a picture (R27): a slope for each person, and all of a cycle beside each other.

A page shows what `scale_of_cycle(cycle, user)` gives by `{% include "groups/_scale_cycle.html" with slopes=… %}`: []
for who may not see participants. One of them is drawn by `{% include "groups/_scale_slope.html" with slope=… %}`.
A page with either loads css/session.css.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.models import ScalePoint
from groups.permissions import can_note_session, can_see_participants
from groups.queries import held_number

# The drawing in its own units: 0 to 10 from LOW up to HIGH, the sessions from LEFT to RIGHT.
LOW, HIGH, LEFT, RIGHT = 84, 14, 26, 134


@dataclass(frozen=True)
class Dot:
    """One answer: `session` is its number for who comes, `x` and `y` whole numbers, whatever the language."""

    session: int
    score: int
    x: int
    y: int
    is_last: bool

    @property
    def text_y(self):
        """The number stands above its dot; low ones too, high ones below."""
        return self.y - 8 if self.score < 9 else self.y + 17


@dataclass(frozen=True)
class Slope:
    """One person's answers, the first to the last."""

    name: str
    dots: tuple

    @property
    def line(self):
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)

    @property
    def first(self):
        return self.dots[0]

    @property
    def last(self):
        return self.dots[-1] if len(self.dots) > 1 else None

    @property
    def change(self):
        return self.last.score - self.first.score if self.last else None

    @property
    def change_text(self):
        """The change in words, so that neither colour nor direction says it alone."""
        if self.change is None:
            return _("answered once")
        if self.change == 0:
            return _("the same")
        if self.change > 0:
            return ngettext("%(count)s point up", "%(count)s points up", self.change) % {"count": self.change}
        return ngettext("%(count)s point down", "%(count)s points down", -self.change) % {"count": -self.change}

    @property
    def words(self):
        """For who cannot see the picture."""
        told = [_("session %(number)s: %(score)s") % {"number": dot.session, "score": dot.score} for dot in self.dots]
        return _("%(name)s, scale question. %(answers)s. %(change)s.") % {
            "name": self.name,
            "answers": ", ".join(told),
            "change": self.change_text,
        }


def scale_of_cycle(cycle, user, *, session=None):
    """A Slope for each participant with an answer whom this user may see; one statement (R41).

    With a session that this user notes: of all who take part.
    """
    if not can_see_participants(user):
        return []
    notes = session is not None and can_note_session(user, session)
    places = cycle.participations.all() if notes else cycle.participations.visible_to(user)
    points = ScalePoint.objects.filter(participation__in=places.order_by().values("pk"))
    points = points.annotate(number=held_number("session__")).select_related("participation__client")
    by_person = {}
    for point in points.order_by("participation__client__sort_key", "participation", "session__number"):
        by_person.setdefault(point.participation, []).append((point.number or 0, point.score))
    latest = max((number for answers in by_person.values() for number, _score in answers), default=1)
    return [slope_of(place.client.short_name, answers, latest=latest) for place, answers in by_person.items()]


def slope_of(name, answers, *, latest):
    """The Slope of (session number, score) pairs in order; `latest` is the last session number on the drawing."""
    dots = tuple(
        Dot(
            session=number,
            score=score,
            x=LEFT + (RIGHT - LEFT) * (number - 1) // max(1, latest - 1),
            y=LOW - (LOW - HIGH) * score // 10,
            is_last=place == len(answers) - 1 and place > 0,
        )
        for place, (number, score) in enumerate(answers)
    )
    return Slope(name, dots)
