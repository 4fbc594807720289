"""Today for everybody who is logged in; figures and minimums for the coordinator."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import allow, is_logged_in
from groups.exceptions import NotAllowed
from groups.models import GroupOffer, Waitlist
from groups.services.offers import numbers_of, set_offer_numbers
from groups.services.waitlists import set_sizes, sizes_seen, waitlist_for
from groups.wording import reason_text, sentence
from neighbourhoods.cbs import ATTRIBUTION
from reporting.consequences import minimum_page, offer_changes
from reporting.forms import ListForm, MinimumForm, OfferForm, OverviewFilter
from reporting.permissions import can_change_minimum, can_see_overview, can_set_offer
from reporting.queries import overview as figures
from reporting.today import build_today


@require_safe
@allow(is_logged_in)
def today(request):
    """What needs this person now, for each role they hold."""
    now = timezone.now()
    return render(request, "reporting/today.html", {"today": build_today(request.user, now=now), "now": now})


@require_safe
@allow(can_see_overview)
def overview(request):
    """Waiting, starts and losses per area and offer, and why nothing starts."""
    day = timezone.localdate()
    form = OverviewFilter(request.GET)
    lists = figures.chosen_lists(request.user, **form.chosen())
    context = figures.page(lists, today=day) | {"form": form, "attribution": ATTRIBUTION, "day": day}
    return render(request, "reporting/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_change_minimum)
def minimum_choose(request):
    """Find the list of an offer in an area, making it if nobody ever waited there."""
    form = ListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            waitlist = waitlist_for(offer=form.cleaned_data["offer"], catchment=form.cleaned_data["area"])
            return redirect("reporting:minimum", waitlist.pk)
        except NotAllowed as error:
            form.add_error("area", sentence(reason_text(error.reason)))
    return render(request, "reporting/minimum_choose.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_change_minimum)
def minimum(request, pk):
    """R11: one list's own minimum, with what it would do and who changed it before."""
    lists = Waitlist.objects.visible_to(request.user).with_counts().select_related("offer", "catchment__municipality")
    waitlist = get_object_or_404(lists, pk=pk)
    now = timezone.now()
    data = request.POST if request.method == "POST" else None
    form = MinimumForm(data, waitlist=waitlist, proposed=request.GET.get("minimum", ""))
    if request.method == "POST" and form.is_valid():
        if _done(form, set_sizes, waitlist=waitlist, by=request.user, now=now):
            messages.success(request, _("Saved. Within 15 seconds Socius looks whether a group can start."))
            return redirect("reporting:minimum", waitlist.pk)
        waitlist = lists.get(pk=pk)
        form.look_at(sizes_seen(waitlist))
    return render(request, "reporting/minimum.html", minimum_page(waitlist, now=now) | {"form": form})


def _done(form, service, **args):
    """Whether the change was made; a refusal stands at its field."""
    try:
        service(**args, **form.change())
    except NotAllowed as error:
        form.add_refusal(error.reason, sentence(reason_text(error.reason)))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_set_offer)
def offer(request, slug):
    """What an offer needs before a group can be planned: how many sessions, how long, for how many (R11)."""
    row = get_object_or_404(GroupOffer, slug=slug)
    form = OfferForm(request.POST if request.method == "POST" else None, offer=row)
    if request.method == "POST" and form.is_valid():
        if _done(form, set_offer_numbers, offer=row, by=request.user, now=timezone.now()):
            messages.success(request, _("Saved. Within 15 seconds Socius looks whether a group can start."))
            return redirect("reporting:offer", row.slug)
        row = GroupOffer.objects.get(pk=row.pk)
        form.look_at(numbers_of(row).values())
    return render(request, "reporting/offer.html", {"offer": row, "form": form, "changes": offer_changes(row)})
