"""What the desk's pages are narrowed to: `gemeente` and `wie` of the address, kept from page to page."""

from urllib.parse import urlencode

from django.urls import reverse

from intake.services import areas_for, workers_for

LONGEST = 18  # digits of a key that a database can hold


def chosen_filters(request):
    """What can be chosen and what is, `by` for queries; nonsense chooses nothing. Two statements."""
    areas, workers = list(areas_for(request.user)), list(workers_for(request.user))
    area = next((row for row in areas if row.pk == request.GET.get("gemeente")), None)
    worker = next((row for row in workers if str(row.pk) == request.GET.get("wie")), None)
    return {
        "areas": areas,
        "workers": workers,
        "by": {"municipality": area, "worker": worker},
        "area_key": area.pk if area else "",
        "worker_key": worker.pk if worker else "",
        **kept_filters(request),
    }


def chosen_worker(request):
    """The colleague of `wie`, if this user keeps their slots; one statement, and none without `wie`."""
    asked = request.GET.get("wie", "")
    return workers_for(request.user).filter(pk=asked).first() if asked.isdecimal() and len(asked) < LONGEST else None


def kept_filters(request):
    """For the links of a page: `kept` after ?dag=…, `kept_alone` after a bare address. Both may be empty."""
    asked = {name: request.GET[name] for name in ("gemeente", "wie") if request.GET.get(name)}
    kept = urlencode(asked)
    return {"kept": f"&{kept}" if kept else "", "kept_alone": f"?{kept}" if kept else ""}


def url_with_filters(request, name, *args):
    return reverse(name, args=args) + kept_filters(request)["kept_alone"]
