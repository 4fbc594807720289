"""What groups there are, for whom, and how one gets in (R15, R37)."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import allow, is_coordinator, is_logged_in
from groups.discretion import shown_place
from groups.forecast import forecast_newcomer, forecast_text
from groups.forms.offers import OfferTextsForm
from groups.models import GroupOffer, Waitlist
from groups.permissions import can_bring_people, can_see_schedule, can_see_waitlists, can_write_offers, sees_counts
from groups.queries import coming_cycles, lists_of, offers_page
from groups.services.offers import set_offer_texts, texts_number
from groups.time_words import fixed_moment_text
from neighbourhoods.enums import CatchmentLevel

VERSIONS = 10


@allow(is_logged_in)
@require_safe
def offers(request):
    """All active offers, the nearest level first."""
    rows = list(offers_page(today=timezone.localdate()))
    levels = [(level, [offer for offer in rows if offer.level == level]) for level in CatchmentLevel]
    context = {"levels": [pair for pair in levels if pair[1]], "shows_counts": sees_counts(request.user)}
    return render(request, "groups/offer_list.html", context)


@allow(is_logged_in)
@require_safe
def offer(request, slug):
    """What happens, for whom, how to motivate; where its lists are and how far, in counts."""
    row = get_object_or_404(GroupOffer.objects.prefetch_related("municipalities", "problem_kinds"), slug=slug)
    cycles = list(coming_cycles(row, request.user, today=timezone.localdate()))
    context = {
        "offer": row,
        "sets_numbers": is_coordinator(request.user),
        "reads_playbook": can_see_schedule(request.user),
        "may_refer": row.is_active and can_bring_people(request.user),
        "fixed_moment": fixed_moment_text(row),
        "is_theme": row.level == CatchmentLevel.REGION and not row.may_run_in_neighbourhood,
        "lists": _with_forecast([waitlist for waitlist in lists_of(row) if waitlist.waiting_count], request.user),
        "shows_counts": sees_counts(request.user),
        "own_lists": _openable_lists(request.user, row),
        "cycles": [(cycle, shown_place(row, cycle.room), cycle.soft_maximum - cycle.taken) for cycle in cycles],
    }
    return render(request, "groups/offer_detail.html", context)


@allow(can_write_offers)
def offer_texts(request, slug):
    """R37: the coordinator words the page of an offer; each version stays, with who and when."""
    row = get_object_or_404(GroupOffer, slug=slug)
    posted = request.POST if request.method == "POST" else None
    form = OfferTextsForm(posted, offer=row, number=texts_number(row), today=timezone.localdate())
    if form.is_valid():
        with form.explaining():
            set_offer_texts(offer=row, by=request.user, now=timezone.now(), **form.changes())
            messages.success(request, _("Saved."))
            return redirect("groups:offer", slug)
    context = {"offer": row, "form": form, "versions": row.texts.select_related("changed_by")[:VERSIONS]}
    return render(request, "groups/offer_texts.html", context, status=422 if form.errors else 200)


def _with_forecast(lists, user):
    """[(list, when somebody who joined it now would begin)]; "" beyond what is asked in one go."""
    found = forecast_newcomer(lists, now=timezone.now())
    tells_why = sees_counts(user)
    words = [forecast_text(row, user, tells_why=tells_why) if row else "" for row in found]
    return list(zip(lists, words, strict=True))


def _openable_lists(user, offer):
    if not can_see_waitlists(user):
        return set()
    lists = Waitlist.objects.visible_to(user).filter(offer=offer)
    return set(lists.order_by().values_list("pk", flat=True))
