"""Two files that may be about one person, side by side, for who may know both (R43)."""

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.periods import short_day
from accounts.permissions import allow
from clients.models import Likeness
from clients.permissions import can_merge_files, can_place, can_settle_likeness
from clients.services import open_likeness, settle_as_different

MOST_ROWS = 100


@dataclass(frozen=True)
class Line:
    """One thing of both people beside each other."""

    label: str
    values: tuple[str, str]

    @property
    def is_same(self):
        return self.values[0] == self.values[1]


@allow(can_settle_likeness)
@require_safe
def likenesses(request):
    """What is still to settle, the longest first."""
    pairs = Likeness.objects.visible_to(request.user).open().select_related("client", "other")
    return render(request, "clients/likeness_list.html", {"pairs": pairs.order_by("found_at", "pk")[:MOST_ROWS]})


@allow(can_settle_likeness)
def likeness(request, pk):
    """Both people beside each other; "different" is remembered and never asked again."""
    if request.method == "POST":
        settle_as_different(pk=pk, by=request.user, now=timezone.now())
        messages.success(request, _("Remembered: these are two people. This is not asked again."))
        return redirect("clients:likenesses")
    pair = open_likeness(pk=pk, by=request.user, now=timezone.now())
    may_open = can_place(request.user)
    context = {"pair": pair, "lines": _lines(pair, with_address=may_open), "may_open": may_open}
    context["may_merge"] = can_merge_files(request.user)
    return render(request, "clients/likeness.html", context)


def _lines(pair, *, with_address):
    """The desk compares who people are; an address is shown to who places only (R40)."""
    both = (pair.client, pair.other)
    lines = [
        Line(_("Given name"), tuple(person.given_name for person in both)),
        Line(_("Prefix"), tuple(person.name_prefix for person in both)),
        Line(_("Family name"), tuple(person.family_name for person in both)),
        Line(_("Date of birth"), tuple(_day(person.birth_date) for person in both)),
        Line(_("Sex"), tuple(person.get_sex_display() for person in both)),
    ]
    if with_address:
        lines.append(Line(_("Postcode"), tuple(person.postcode for person in both)))
    lines.append(Line(_("Known since"), tuple(short_day(timezone.localtime(person.created_at)) for person in both)))
    return lines


def _day(day):
    return "" if day is None else f"{day.day}-{day.month}-{day.year}"
