"""What is done about one person on a waitlist, each with its consequences spelled out (R5, R8, R10, R17)."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import allow
from clients.services import find_or_refuse
from groups.enums import EntryState
from groups.forms.entries import HoldForm, LeaveForm, PriorityForm, ReleaseForm, TalkForm
from groups.models import WaitlistEntry
from groups.permissions import can_handle_entries
from groups.services.waitlists import give_priority, hold_entry, leave_waitlist, record_talk, release_entry
from groups.views.steps import posted, step_page, take_step


def _step(request, pk, form_class, service, *, done, page):
    """One step about one entry; `page(name)` gives the words of its page."""
    entries = WaitlistEntry.objects.visible_to(request.user).select_related("client__contact", "waitlist__offer")
    entry = find_or_refuse(entries, by=request.user, now=timezone.now(), pk=pk)
    to = ("groups:waitlist", entry.waitlist_id)
    if entry.state != EntryState.WAITING:
        messages.info(request, _("This person is not waiting on this list any more."))
        return redirect(*to)
    form = form_class(posted(request), today=timezone.localdate())

    def act():
        service(entry=entry, by=request.user, now=timezone.now(), **form.cleaned_data)

    name, eyebrow = entry.client.short_name, str(entry.waitlist.offer)
    return take_step(request, form, act, done=done, to=to) or step_page(
        request, form, back=reverse(to[0], args=to[1:]), eyebrow=eyebrow, contact=entry.client.contact, **page(name)
    )


@allow(can_handle_entries)
def talk(request, pk):
    """R8."""

    def page(name):
        return {
            "title": _("Acquaintance talk held"),
            "lead": name,
            "action": _("Note the talk"),
            "consequences": [_("From now on this person can be placed, if nothing else is missing.")],
            "tone": "info",
        }

    return _step(request, pk, TalkForm, record_talk, done=_("The talk is noted."), page=page)


@allow(can_handle_entries)
def hold(request, pk):
    """R5."""

    def page(name):
        return {
            "title": _("Basic needs first"),
            "lead": name,
            "action": _("Put on hold"),
            "consequences": [
                _("This person stays on the list and keeps the waiting time."),
                _("They do not count towards the minimum and are not placed until you let them count again."),
            ],
        }

    done = _("Noted: basic needs first. This person does not count for now.")
    return _step(request, pk, HoldForm, hold_entry, done=done, page=page)


@allow(can_handle_entries)
def release(request, pk):
    """R5, R17."""

    def page(name):
        return {
            "title": _("Count again"),
            "lead": name,
            "action": _("Yes, let them count again"),
            "consequences": [
                _("This person counts towards the minimum again, with the waiting time kept."),
                _("If that makes enough people, a group can start at once."),
            ],
            "tone": "info",
        }

    return _step(request, pk, ReleaseForm, release_entry, done=_("This person counts again."), page=page)


@allow(can_handle_entries)
def priority(request, pk):
    """R17."""

    def page(name):
        return {
            "title": _("Give priority"),
            "lead": name,
            "action": _("Give priority"),
            "consequences": [
                _("This person goes before everyone else on this list."),
                _("Your name and reason are kept; who places can read them."),
            ],
        }

    return _step(request, pk, PriorityForm, give_priority, done=_("This person goes first."), page=page)


@allow(can_handle_entries)
def leave(request, pk):
    """R10."""

    def page(name):
        return {
            "title": _("Off the waitlist"),
            "lead": name,
            "action": _("Take off the list"),
            "consequences": [
                _("This person no longer waits for this group and gets no invitation."),
                _("The waiting time is not kept: who comes back starts again."),
                _("The day on which you will ask how it goes stays noted."),
            ],
            "tone": "stop",
        }

    return _step(request, pk, LeaveForm, leave_waitlist, done=_("This person is off the list."), page=page)
