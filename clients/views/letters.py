"""Letters: what is to print, one or together, and that it was."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import allow
from clients.letters_pdf import MOST_LETTERS
from clients.models import Letter
from clients.permissions import can_print_letters
from clients.queries import letters_of, printed_letters
from clients.services import mark_printed, open_letters


@require_safe
@allow(can_print_letters)
def letters(request):
    rows = letters_of(request.user)[:MOST_LETTERS]
    return render(request, "clients/letter_list.html", {"letters": rows, "printed": printed_letters(request.user)})


def _numbers(request, name):
    return [int(value) for value in request.POST.getlist(name) if value.isdecimal() and len(value) < 18]


def _chosen(request):
    """Those ticked, or all that the page showed: what was written since, nobody saw."""
    ids = _numbers(request, "letter") or _numbers(request, "shown")
    return list(Letter.objects.visible_to(request.user).to_print().filter(pk__in=ids)[:MOST_LETTERS])


@require_POST
@allow(can_print_letters)
def letters_print(request):
    """One PDF of the chosen letters; with `done`, that they were printed."""
    chosen = _chosen(request)
    if not chosen:
        messages.info(request, _("None of these letters is still to print. Look again at what stands here now."))
        return redirect("clients:letters")
    if "done" in request.POST:
        return _mark(request, chosen)
    return _pdf(request, chosen)


def _mark(request, chosen):
    count = mark_printed(letters=chosen, by=request.user, now=timezone.now())
    words = ngettext("%(count)s letter is noted as printed.", "%(count)s letters are noted as printed.", count)
    messages.success(request, words % {"count": count})
    return redirect("clients:letters")


@require_safe
@allow(can_print_letters)
def letter(request, pk):
    """One letter, also again after it was printed; a stranger's gives 404."""
    found = Letter.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return _pdf(request, [found])


def _pdf(request, chosen):
    opened = open_letters(letters=chosen, by=request.user, now=timezone.now())
    if opened.refused:
        messages.warning(
            request, _("Post is not safe any more for who this was for, so no letter goes. Reach them another way.")
        )
    if opened.failed:
        messages.warning(request, _failed(opened.failed))
    if opened.pdf is None:
        return redirect("clients:letters")
    response = HttpResponse(opened.pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="brieven.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _failed(letters):
    words = ngettext(
        "The letter for %(names)s cannot be printed: it holds signs that our letter type does not have.",
        "The letters for %(names)s cannot be printed: they hold signs that our letter type does not have.",
        len(letters),
    )
    names = ", ".join(dict.fromkeys(letter.client.short_name for letter in letters))
    return " ".join([words % {"names": names}, _("Write the name in Latin letters in the file, or call.")])
