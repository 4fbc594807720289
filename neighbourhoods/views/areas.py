"""Pages about neighbourhoods, with map and figures."""

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.permissions import allow, is_logged_in
from neighbourhoods.cbs import attribution
from neighbourhoods.figures import key_figures
from neighbourhoods.maps import draw_areas
from neighbourhoods.models import Neighbourhood
from neighbourhoods.permissions import can_see_provisions
from neighbourhoods.postcodes import POSTCODE_ATTRIBUTION
from neighbourhoods.queries import municipalities_with_neighbourhoods


@require_GET
@allow(is_logged_in)
def neighbourhoods(request):
    """All neighbourhoods by municipality, with the map of the region."""
    municipalities = list(municipalities_with_neighbourhoods())
    areas = [area for municipality in municipalities for area in municipality.neighbourhoods.all()]
    drawing = draw_areas([*areas, *municipalities])
    context = {
        "municipalities": [
            {"area": municipality, "figures": key_figures(municipality)} for municipality in municipalities
        ],
        "drawing": drawing,
        "shapes": drawing.pairs(areas),
        "outlines": drawing.pairs(municipalities),
        "attribution": attribution(areas),
    }
    return render(request, "neighbourhoods/neighbourhood_list.html", context)


@require_GET
@allow(is_logged_in)
def neighbourhood(request, code):
    """One neighbourhood: where it lies, who serves it, who lives there, where one can meet."""
    area = get_object_or_404(Neighbourhood.objects.select_related("municipality", "catchment"), pk=code)
    around = list(area.municipality.neighbourhoods.order_by("name", "code"))
    drawing = draw_areas(around)
    context = {
        "neighbourhood": area,
        "figures": key_figures(area),
        "drawing": drawing,
        "shapes": drawing.pairs(around),
        "outlines": [],
        "together": [other for other in around if other.catchment_id == area.catchment_id and other != area],
        "teams": area.catchment.social_teams.order_by("name") if area.catchment else [],
        "postcode_shares": area.postcode_shares.select_related("area").order_by("-share", "area"),
        "venues": area.venues.visible_to(request.user).order_by("name", "pk"),
        "provisions": _provisions(request.user, area),
        "can_see_provisions": can_see_provisions(request.user),
        "attribution": f"{attribution([area])} {POSTCODE_ATTRIBUTION}",
    }
    return render(request, "neighbourhoods/neighbourhood_detail.html", context)


def _provisions(user, area):
    """Those of the neighbourhood first, then those for the whole municipality."""
    here = Q(neighbourhood=area) | Q(neighbourhood=None)
    found = area.municipality.provisions.open().visible_to(user).filter(here)
    return found.order_by("neighbourhood", "name", "pk")
