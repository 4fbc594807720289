"""One offer for one person as a page shows it: groups' OfferFit with what may be ticked, and its reasons in words."""

from dataclasses import dataclass

from groups.fit import ABOUT_THE_PERSON, OfferFit
from groups.forecast import forecast_newcomer, forecast_text
from groups.models import Waitlist
from groups.permissions import sees_counts
from groups.wording import reason_text
from neighbourhoods.enums import CatchmentLevel

# How many fitting offers stand open; the rest is one press away.
SHOWN = 4


def needs_word(fit):
    """Age or sex speaks against this offer, so only the social worker's reason lets somebody in (R10b)."""
    return any(reason.code in ABOUT_THE_PERSON for reason in fit.cons)


def can_join(fit):
    """There is a list for this person, and the group is held where it would draw from."""
    return fit.catchment is not None and all(reason.code != "held_elsewhere" for reason in fit.cons)


@dataclass(frozen=True)
class FitRow:
    fit: OfferFit
    is_ticked: bool
    is_place_open: bool = False
    expected: str = ""  # when this person would begin, from the engine's forecast
    shows_counts: bool = True

    @property
    def key(self):
        return str(self.fit.offer.pk)

    @property
    def pros(self):
        return [reason_text(reason) for reason in self.fit.pros]

    @property
    def cons(self):
        return [reason_text(reason) for reason in self.fit.cons]

    @property
    def notes(self):
        return [reason_text(reason) for reason in self.fit.notes]

    @property
    def goal(self):
        """The minimum to fill up to; None while none is set (R11)."""
        return self.fit.waitlist.minimum if self.fit.waitlist else self.fit.offer.minimum

    @property
    def counted(self):
        """How many count towards it: the rest of those waiting is not placeable yet (R10b)."""
        return self.fit.waitlist.placeable_count if self.fit.waitlist else 0

    @property
    def asks_neighbourhood(self):
        """Its list is known once the neighbourhood is chosen."""
        return self.is_place_open and self.fit.offer.level == CatchmentLevel.NEIGHBOURHOOD

    @property
    def can_join(self):
        return can_join(self.fit)

    @property
    def needs_word(self):
        return needs_word(self.fit)


@dataclass(frozen=True)
class FitLists:
    """What fits first, then what fits but is further down, then what does not."""

    best: tuple
    more: tuple
    others: tuple

    @property
    def is_more_open(self):
        return any(row.is_ticked for row in self.more)

    @property
    def is_others_open(self):
        return any(row.is_ticked for row in self.others)


def fit_lists(fits, ticked, *, is_place_open=False, expected=None, shows_counts=True):
    """ticked: the offers' keys, as texts, that are chosen now. is_place_open: the neighbourhood is still to choose.

    expected: what expected_starts() said.
    """
    starts = expected or {}
    rows = [
        FitRow(fit, str(fit.offer.pk) in ticked, is_place_open, starts.get(fit.offer.pk, ""), shows_counts)
        for fit in fits
    ]
    fitting = [row for row in rows if row.fit.fits]
    others = [row for row in rows if not row.fit.fits]
    return FitLists(tuple(fitting[:SHOWN]), tuple(fitting[SHOWN:]), tuple(others))


def expected_starts(fits, user, *, now, age=None, sex="unknown", parts=None, on_hold=False):
    """{number of the offer: when this person would begin there} for what fits and has a list, in words."""
    lists = {fit.offer.pk: _list_of(fit) for fit in fits if fit.fits and fit.catchment is not None}
    found = forecast_newcomer(list(lists.values()), now=now, age=age, sex=sex, parts=parts, on_hold=on_hold)
    tells_why = sees_counts(user)
    return {
        offer: forecast_text(start, user, tells_why=tells_why)
        for offer, start in zip(lists, found, strict=True)
        if start is not None
    }


def _list_of(fit):
    """The list, or one on which nobody waits yet."""
    return fit.waitlist or Waitlist(offer=fit.offer, catchment=fit.catchment)
