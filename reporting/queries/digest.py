"""What social teams read once a week: counts and dates, nobody's name (R37)."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from accounts.enums import RoleName
from accounts.models import User
from groups.discretion import shown_name
from groups.models import GroupOffer
from reporting.queries.today import groups_with_places, lists_nearly_full
from reporting.wording import area_name

WEEK = dt.timedelta(weeks=1)
MOST_LINES = 12


@dataclass(frozen=True)
class Line:
    offer: str
    area: str
    url: str
    number: int = 0  # places left, or people still needed
    day: dt.date | None = None


@dataclass(frozen=True)
class Digest:
    """Groups with places, lists that nearly start, and offers that are new. Sensitive offers stand in none (R40)."""

    starts: tuple[Line, ...]
    nearly: tuple[Line, ...]
    new: tuple[Line, ...]

    @property
    def is_empty(self):
        return not (self.starts or self.nearly or self.new)


def digest_for(user, *, today):
    """The digest of the social teams of this user."""
    starts = groups_with_places(user, today=today)[:MOST_LINES]
    nearly = lists_nearly_full(user)[:MOST_LINES]
    return Digest(
        starts=tuple(
            _line(cycle.waitlist, number=cycle.soft_maximum - cycle.taken, day=cycle.starts_on) for cycle in starts
        ),
        nearly=tuple(_line(waitlist, number=waitlist.still_needed) for waitlist in nearly),
        new=tuple(
            Line(offer=offer.name, area=str(offer.get_level_display()), url=_url(offer))
            for offer in new_offers(user, today=today)[:MOST_LINES]
        ),
    )


def _line(waitlist, **facts):
    return Line(
        offer=shown_name(waitlist.offer), area=area_name(waitlist.catchment), url=_url(waitlist.offer), **facts
    )


def _url(offer):
    return reverse("groups:offer", args=[offer.slug])


def new_offers(user, *, today):
    """Offers that came in the last week and are held where this user's teams are, or anywhere."""
    here = Q(municipalities=None) | Q(municipalities__social_teams__memberships__user=user)
    rows = GroupOffer.objects.active().filter(here, added_on__gt=today - WEEK, added_on__lte=today, is_sensitive=False)
    return rows.distinct().order_by("name")


def readers():
    """Active members of social teams who did not switch the digest off."""
    members = User.objects.with_role(RoleName.TEAM_MEMBER).filter(gets_digest=True, team_memberships__isnull=False)
    return members.distinct().order_by("pk")
