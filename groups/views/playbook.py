"""The playbook of an offer: to read for who leads, to write for the coordinator (R31)."""

from django.contrib import messages
from django.http import HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import allow
from groups.exceptions import NotAllowed
from groups.forms.playbook import PartForm, StepForm
from groups.models import GroupOffer, PlaybookPart
from groups.permissions import can_see_schedule, can_write_playbooks
from groups.playbooks import playbook_of
from groups.services.playbook import add_part, change_part, restore_part, retire_part, shift_part
from groups.views.steps import number_of, posted
from groups.wording import reason_text, sentence

STEPS = {StepForm.UP: -1, StepForm.DOWN: 1}


@allow(can_see_schedule)
@require_safe
def playbook(request, slug):
    """Its parts in order, and those that are retired."""
    offer = get_object_or_404(GroupOffer, slug=slug)
    parts, retired = playbook_of(offer)
    context = {
        "offer": offer,
        "parts": parts,
        "retired": retired,
        "minutes": sum(part.minutes for part in parts),
        "may_write": can_write_playbooks(request.user),
        "moved": number_of(request.GET.get("deel")),
        "went": request.GET.get("stap"),
    }
    return render(request, "groups/playbook.html", context)


@allow(can_write_playbooks)
def part_add(request, slug):
    offer = get_object_or_404(GroupOffer, slug=slug)
    form = PartForm(posted(request), today=timezone.localdate())
    if form.is_valid():
        with form.explaining():
            add_part(offer=offer, values=form.values(), by=request.user)
            messages.success(request, _("The part is added, at the end."))
            return redirect("groups:playbook", slug)
    return _form_page(request, form, offer, _("New part"))


@allow(can_write_playbooks)
def part_edit(request, pk):
    """Two who change the same part: the second is told, and sees what stands there now."""
    part = get_object_or_404(PlaybookPart.objects.select_related("offer"), pk=pk)
    form, stands = PartForm(posted(request), part=part, today=timezone.localdate()), None
    if form.is_valid():
        seen = form.cleaned_data["seen"]
        with form.explaining():
            change_part(part=part, values=form.values(), seen=seen, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("groups:playbook", part.offer.slug)
        stands = PlaybookPart.objects.get(pk=part.pk)
        stands = stands if stands.version != seen else None
    if stands is not None:
        form.look_again(stands.version)
    return _form_page(request, form, part.offer, _("Change the part"), stands=stands)


def _form_page(request, form, offer, title, stands=None):
    back = reverse("groups:playbook", args=[offer.slug])
    context = {"form": form, "title": title, "eyebrow": offer.name, "back_url": back, "stands": stands}
    return render(request, "groups/playbook_part.html", context, status=422 if form.errors else 200)


@allow(can_write_playbooks)
@require_POST
def part_shift(request, pk):
    """One place up or down; the button keeps the focus, so that it can be pressed again."""
    part = get_object_or_404(PlaybookPart.objects.select_related("offer"), pk=pk)
    step = request.POST.get("step")
    if step not in STEPS:
        return HttpResponseBadRequest()
    shift_part(part=part, step=STEPS[step], by=request.user)
    return redirect(reverse("groups:playbook", args=[part.offer.slug]) + f"?deel={part.pk}&stap={step}")


@allow(can_write_playbooks)
@require_POST
def part_retire(request, pk):
    """Out of use; undone by the button that then stands beside it."""
    part = get_object_or_404(PlaybookPart.objects.select_related("offer"), pk=pk)
    retire_part(part=part, by=request.user)
    messages.success(request, _("The part is out of use. Where it was picked, it stays."))
    return redirect("groups:playbook", part.offer.slug)


@allow(can_write_playbooks)
@require_POST
def part_restore(request, pk):
    part = get_object_or_404(PlaybookPart.objects.select_related("offer"), pk=pk)
    try:
        restore_part(part=part, by=request.user)
        messages.success(request, _("The part is in use again, at the end."))
    except NotAllowed as refusal:
        messages.error(request, sentence(reason_text(refusal.reason)))
    return redirect("groups:playbook", part.offer.slug)
