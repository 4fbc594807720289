"""Where the state machine of F8 plays: so small that everything gets in each other's way."""

from dataclasses import dataclass

from accounts.models import User
from groups.enums import EntryPolicy
from groups.models import GroupOffer, ProblemKind
from groups.services.waitlists import waitlist_for
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Neighbourhood
from tests.factories.accounts import make_coordinator, make_social_worker, make_team_member
from tests.factories.groups import join_team, make_offer, make_worker
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_region, make_venue


@dataclass(frozen=True)
class World:
    neighbourhoods: list[Neighbourhood]
    offers: list[GroupOffer]
    kinds: list
    workers: list[User]
    referrer: User
    judge: User
    coordinator: User

    @staticmethod
    def catchment_of(offer, neighbourhood):
        if offer.level == CatchmentLevel.NEIGHBOURHOOD:
            return neighbourhood.catchment
        return Catchment.objects.get(level=offer.level, municipality=neighbourhood.municipality)


def make_small_world():
    """Two neighbourhoods and an offer in each, one offer for both; three leads, two seconds, three rooms."""
    municipality = make_municipality()
    make_region()
    neighbourhoods = [make_neighbourhood(name, municipality) for name in ("Noord", "Zuid")]
    small = {"sessions_count": 3, "minimum": 3, "soft_maximum": 4, "hard_maximum": 6}
    small |= {"entry_policy": EntryPolicy.UNTIL_SESSION, "entry_until_session": 2}
    pair = {"sessions_count": 2, "minimum": 2, "soft_maximum": 3, "hard_maximum": 3, "second_seat_required": False}
    offers = [make_offer(**small), make_offer(level=CatchmentLevel.MUNICIPALITY, **pair)]
    leads = [make_worker(lead=True, municipality=municipality) for _ in range(3)]
    seconds = [make_worker(catchment=neighbourhood.catchment) for neighbourhood in neighbourhoods]
    User.objects.filter(pk__in=[user.pk for user in (*leads, *seconds)]).update(max_cycles=9, max_group_hours_week=9)
    for neighbourhood in neighbourhoods:
        venue = make_venue(f"Huis {neighbourhood.name}", neighbourhood, rooms=("Zaal", "Kamer"))
        venue.rooms.filter(name="Kamer").update(capacity=5)
        waitlist_for(offer=offers[0], catchment=neighbourhood.catchment)
        for second in seconds:
            join_team(second, neighbourhood.catchment)
    kinds = [
        ProblemKind.objects.create(code=code, name_nl=code, name_en=code, is_psychosocial=social)
        for code, social in (("rouw", True), ("schulden", False))
    ]
    return World(
        neighbourhoods=neighbourhoods,
        offers=offers,
        kinds=[None, *kinds],
        workers=[*leads, *seconds],
        referrer=make_team_member("Rein"),
        judge=make_social_worker("Sofie", municipalities=[municipality]),
        coordinator=make_coordinator(),
    )
