"""R11: which catchment serves a neighbourhood: two served together, or apart again. Who waits is the groups app's."""

from neighbourhoods.models import Catchment, Neighbourhood, SocialTeam


def lock_catchments(*pks):
    """These catchments, locked in the order of their numbers, so that no two wait for each other in a ring.

    Not against new lists: whoever makes one meanwhile would wait in a ring with whoever holds the lists.
    """
    rows = (
        Catchment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("municipality")
        .filter(pk__in=pks)
    )
    found = {row.pk: row for row in rows.order_by("pk")}
    return [found[pk] for pk in pks]


def serve_together(*, catchment, into):
    """The neighbourhoods of one locked catchment belong to another, and its teams serve there too.

    Returns what serve_apart() needs: {"neighbourhoods": codes, "teams": codes of teams that did not serve there yet}.
    """
    neighbourhoods = list(catchment.neighbourhoods.order_by("pk").values_list("pk", flat=True))
    teams = list(catchment.social_teams.exclude(catchments=into).order_by("code"))
    Neighbourhood.objects.filter(pk__in=neighbourhoods).update(catchment=into)
    into.social_teams.add(*teams)
    catchment.joined_into = into
    catchment.save(update_fields=["joined_into"])
    return {"neighbourhoods": neighbourhoods, "teams": [team.code for team in teams]}


def serve_apart(*, catchment, neighbourhoods, teams):
    """Undo serve_together(); a neighbourhood that went elsewhere since then stays there."""
    host = catchment.joined_into
    Neighbourhood.objects.filter(pk__in=neighbourhoods, catchment=host).update(catchment=catchment)
    host.social_teams.remove(*SocialTeam.objects.filter(code__in=teams))
    catchment.joined_into = None
    catchment.save(update_fields=["joined_into"])
