"""What groups there are, for whom, and how one gets in (R15, R37)."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import allow, is_coordinator, is_logged_in
from groups.discretion import shown_place
from groups.models import GroupOffer, Waitlist
from groups.permissions import can_bring_people, can_see_waitlists
from groups.queries import coming_cycles, lists_of, offers_page
from groups.wording import fixed_moment_text
from neighbourhoods.enums import CatchmentLevel


@allow(is_logged_in)
@require_safe
def offers(request):
    """All active offers, the nearest level first."""
    rows = list(offers_page(today=timezone.localdate()))
    levels = [(level, [offer for offer in rows if offer.level == level]) for level in CatchmentLevel]
    return render(request, "groups/offer_list.html", {"levels": [pair for pair in levels if pair[1]]})


@allow(is_logged_in)
@require_safe
def offer(request, slug):
    """What happens, for whom, how to motivate; where its lists are and how far, in counts."""
    row = get_object_or_404(GroupOffer.objects.prefetch_related("municipalities", "problem_kinds"), slug=slug)
    cycles = list(coming_cycles(row, today=timezone.localdate()))
    context = {
        "offer": row,
        "sets_numbers": is_coordinator(request.user),
        "may_refer": row.is_active and can_bring_people(request.user),
        "fixed_moment": fixed_moment_text(row),
        "is_theme": row.level == CatchmentLevel.REGION and not row.may_run_in_neighbourhood,
        "lists": [waitlist for waitlist in lists_of(row) if waitlist.waiting_count],
        "own_lists": _openable_lists(request.user, row),
        "cycles": [(cycle, shown_place(row, cycle.room), cycle.soft_maximum - cycle.taken) for cycle in cycles],
    }
    return render(request, "groups/offer_detail.html", context)


def _openable_lists(user, offer):
    if not can_see_waitlists(user):
        return set()
    lists = Waitlist.objects.visible_to(user).filter(offer=offer)
    return set(lists.order_by().values_list("pk", flat=True))
