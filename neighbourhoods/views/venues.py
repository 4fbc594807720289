"""Pages about venues: rooms, hours and closures."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import allow, is_logged_in
from neighbourhoods import services
from neighbourhoods.exceptions import RoomClash
from neighbourhoods.forms import ClosureForm, OpeningHoursForm, RoomForm, VenueForm
from neighbourhoods.models import Room, RoomBooking, Venue
from neighbourhoods.permissions import can_manage_venues
from neighbourhoods.queries import venue_page, venues_by_municipality


@require_GET
@allow(is_logged_in)
def venues(request):
    """All venues one may know of, by municipality."""
    context = {
        "municipalities": venues_by_municipality(request.user),
        "can_manage": can_manage_venues(request.user),
    }
    return render(request, "neighbourhoods/venue_list.html", context)


@require_GET
@allow(is_logged_in)
def venue(request, pk):
    """One venue with its rooms, opening hours and closures to come."""
    place = get_object_or_404(venue_page(request.user), pk=pk)
    bookings = RoomBooking.objects.filter(room__venue=place).upcoming(timezone.now()).select_related("room__venue")
    context = {
        "venue": place,
        "closures": bookings.closures().order_by("period", "room__name"),
        "can_manage": Venue.objects.manageable_by(request.user).filter(pk=pk).exists(),
    }
    return render(request, "neighbourhoods/venue_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_manage_venues)
def venue_add(request):
    """A new venue; its rooms and hours come next."""
    form = VenueForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        place = services.add_venue(**form.values(), by=request.user, now=timezone.now())
        messages.success(request, _("The venue is added. Now add its rooms and opening hours."))
        return redirect("neighbourhoods:venue", pk=place.pk)
    return _form_page(request, form, _("Add a venue"), reverse("neighbourhoods:venues"))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_manage_venues)
def venue_edit(request, pk):
    """Name, address, neighbourhood and whether it is hidden."""
    place = get_object_or_404(Venue.objects.manageable_by(request.user), pk=pk)
    form = VenueForm(request.POST or None, instance=place, by=request.user)
    if request.method == "POST" and form.is_valid():
        services.update_venue(venue=place, **form.values(), by=request.user, now=timezone.now())
        return _saved(request, place.pk)
    return _form_page(request, form, _("Change the venue"), _venue_url(pk))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_manage_venues)
def venue_hours(request, pk):
    """Opening hours, one line a day."""
    place = get_object_or_404(Venue.objects.manageable_by(request.user), pk=pk)
    form = OpeningHoursForm(request.POST if request.method == "POST" else None, venue=place)
    if request.method == "POST" and form.is_valid():
        services.set_opening_hours(venue=place, windows=form.windows, by=request.user, now=timezone.now())
        return _saved(request, pk)
    return _form_page(request, form, _("Opening hours"), _venue_url(pk), eyebrow=place.name)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_manage_venues)
def venue_close(request, pk):
    """Close a room or the whole venue for a while; a clash is explained and nothing is closed."""
    place = get_object_or_404(Venue.objects.manageable_by(request.user), pk=pk)
    form = ClosureForm(request.POST or None, venue=place, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            _close(form, place, request.user)
            return _saved(request, pk)
        except RoomClash as clash:
            form.add_error(None, clash.message)
    return _form_page(request, form, _("Close for a while"), _venue_url(pk), eyebrow=place.name)


def _close(form, place, user):
    room, period = form.cleaned_data["room"], {"starts_at": form.starts_at, "ends_at": form.ends_at}
    rest = {**period, "by": user, "now": timezone.now(), "note": form.cleaned_data["note"]}
    if room is None:
        services.close_venue(venue=place, **rest)
    else:
        services.close_room(room=room, **rest)


@require_POST
@allow(can_manage_venues)
def closure_remove(request, pk):
    """Open a closed room again."""
    places = Venue.objects.manageable_by(request.user)
    closures = RoomBooking.objects.closures().select_related("room").filter(room__venue__in=places)
    booking = get_object_or_404(closures, pk=pk)
    services.reopen_room(booking=booking, by=request.user, now=timezone.now())
    return _saved(request, booking.room.venue_id)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_manage_venues)
def room_add(request, pk):
    """A new room of a venue."""
    place = get_object_or_404(Venue.objects.manageable_by(request.user), pk=pk)
    form = RoomForm(request.POST or None, venue=place)
    if request.method == "POST" and form.is_valid():
        services.add_room(venue=place, **form.cleaned_data, by=request.user, now=timezone.now())
        return _saved(request, pk)
    return _form_page(request, form, _("Add a room"), _venue_url(pk), eyebrow=place.name)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_manage_venues)
def room(request, pk):
    """Name, places, and whether the room is in use."""
    places = Venue.objects.manageable_by(request.user)
    found = get_object_or_404(Room.objects.select_related("venue").filter(venue__in=places), pk=pk)
    form = RoomForm(request.POST or None, instance=found, venue=found.venue)
    if request.method == "POST" and form.is_valid():
        services.update_room(room=found, **form.cleaned_data, by=request.user, now=timezone.now())
        return _saved(request, found.venue_id)
    return _form_page(request, form, _("Change the room"), _venue_url(found.venue_id), eyebrow=found.venue.name)


def _venue_url(pk):
    return reverse("neighbourhoods:venue", kwargs={"pk": pk})


def _saved(request, venue_pk):
    messages.success(request, _("Saved."))
    return redirect(_venue_url(venue_pk))


def _form_page(request, form, title, back_url, eyebrow=""):
    context = {"form": form, "title": title, "back_url": back_url, "eyebrow": eyebrow}
    return render(request, "neighbourhoods/venue_form.html", context)
