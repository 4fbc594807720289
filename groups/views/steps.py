"""A step that changes something: its page with the consequences spelled out, and its one service call."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date


def posted(request):
    """What a form is bound to: nothing while the page is only looked at."""
    return request.POST if request.method == "POST" else None


def take_step(request, form, act, *, done, to):
    """Run `act` once the form is right: a redirect to `to` with the message `done`, else None.

    What the service refuses stands in the form afterwards.
    """
    if not form.is_valid():
        return None
    with form.explaining():
        act()
        messages.success(request, done)
        return redirect(*to)
    return None


def step_page(request, form, *, title, action, back, lead, eyebrow="", consequences=(), tone="warn", contact=None):
    """The page of a step about `lead` (a short name, a session, a cycle): 422 when something is not right yet.

    With the `contact` of a client it warns when reaching them takes care (R40).
    """
    words = {"title": title, "action": action, "eyebrow": eyebrow, "lead": lead, "tone": tone}
    context = words | {"form": form, "back_url": back, "consequences": list(consequences)}
    context["takes_care"] = contact is not None and contact.is_careful
    return render(request, "groups/step.html", context, status=422 if form.errors else 200)


def day_of(text):
    """A day as an address carries it; None for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def number_of(text):
    """A number as an address carries it; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
