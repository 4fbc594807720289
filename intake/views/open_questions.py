"""Open questions (R8b), found again when an offer comes. Names for who judges, counts for others."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import allow
from clients.enums import AccessAction
from clients.services import find_or_refuse, open_file
from clients.small_numbers import fewer_than_shown, is_too_small
from groups.models import Waitlist
from intake.enums import OpenQuestionState
from intake.exceptions import NoPlace, QuestionClosed
from intake.fitting import FitRow
from intake.forms import OfferForm, ReviewForm, WithdrawForm
from intake.models import OpenQuestion
from intake.permissions import can_judge, can_see_open_questions
from intake.queries import fitting_now, open_counts, questions_of
from intake.services import answer_open_question, refuse_offer, review_open_question, withdraw_open_question
from intake.wording import refusal_text

ROWS_A_PAGE = 50


@allow(can_see_open_questions)
@require_safe
def open_questions(request):
    """Who has a question without an offer, with what fits by now; and how many there are in each neighbourhood."""
    today = timezone.localdate()
    page = Paginator(questions_of(request.user), ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    context = {
        "page": page,
        "rows": _rows(page, today),
        "may_judge": can_judge(request.user),
        "counts": open_counts(request.user),
        "fewer": fewer_than_shown(),
    }
    return render(request, "intake/open_questions.html", context)


def _rows(questions, today):
    fits = fitting_now(questions, today=today, with_cycles=False)
    return [
        {"question": question, "days": question.days_waiting(today), "fits": fits[question.pk]}
        for question in questions
    ]


@allow(can_see_open_questions)
@require_safe
def open_for_list(request, pk):
    """For the page of a waitlist: which open questions fit it now; names for who judges, else how many."""
    waitlist = get_object_or_404(Waitlist.objects.visible_to(request.user), pk=pk)
    rows = list(_countable(request.user))
    fits = fitting_now(rows, today=timezone.localdate())
    wanted = waitlist.offer_id, waitlist.catchment_id
    found = [row for row in rows if wanted in {(fit.offer.pk, fit.catchment.pk) for fit in fits[row.pk]}]
    context = {
        "waitlist": waitlist,
        "count": len(found),
        "tells_count": can_judge(request.user) or not is_too_small(len(found)),
        "fewer": fewer_than_shown(),
        "found": found if can_judge(request.user) else [],
        "may_judge": can_judge(request.user),
    }
    return render(request, "intake/_open_for_list.html", context)


def _countable(user):
    """Named for who judges; the others hear the number only."""
    return questions_of(user, rows=None if can_judge(user) else OpenQuestion.objects.countable_by(user).open())


@allow(can_judge)
@require_safe
def open_question(request, pk):
    """One open question: why there was no offer, what fits now, when to look again."""
    return _show(request, _found(request, pk))


def _show(request, question, *, review=None, withdraw=None, status=200):
    now = timezone.now()
    today = timezone.localdate(now)
    client = open_file(client=question.client, by=request.user, action=AccessAction.JUDGED, now=now)
    context = {
        "question": question,
        "client": client,
        "is_open": question.state == OpenQuestionState.OPEN,
        "days": question.days_waiting(today),
        "rows": [FitRow(fit, False) for fit in _fits(question)],
        "review": review or ReviewForm(today=today, initial={"review_on": question.review_on}),
        "withdraw": withdraw or WithdrawForm(),
    }
    return render(request, "intake/open_question.html", context, status=status)


@allow(can_judge)
@require_POST
def answer(request, pk):
    """One click: onto the list, with the waiting time of the referral (R17)."""
    question = _found(request, pk)
    fit = _chosen(request, question)
    if fit is None:
        messages.error(request, _("This group does not fit any more. Below is what fits now."))
        return redirect("intake:open_question", pk=pk)
    try:
        answer_open_question(question=question, fit=fit, by=request.user, now=timezone.now())
        said = _("On the waitlist of %(offer)s, with the waiting time of the referral.")
        messages.success(request, said % {"offer": fit.offer})
        return redirect("intake:judge", pk=question.referral_id)
    except NoPlace as refused:
        messages.error(request, refusal_text(refused.offer, refused.reason))
    except QuestionClosed:
        _say_closed(request)
    return redirect("intake:open_question", pk=pk)


@allow(can_judge)
@require_POST
def not_this(request, pk):
    """This offer does not suit after all: it is not proposed again."""
    question = _found(request, pk)
    fit = _chosen(request, question)
    try:
        if fit is not None:
            refuse_offer(question=question, fit=fit, by=request.user)
            messages.success(request, _("%(offer)s is not proposed for this question again.") % {"offer": fit.offer})
    except QuestionClosed:
        _say_closed(request)
    return redirect("intake:open_question", pk=pk)


@allow(can_judge)
@require_POST
def review(request, pk):
    """Looked at; the next time is on another day."""
    question, form = _found(request, pk), ReviewForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _show(request, question, review=form, status=422)
    try:
        day = form.cleaned_data["review_on"]
        review_open_question(question=question, review_on=day, by=request.user, now=timezone.now())
        messages.success(request, _("Noted."))
    except QuestionClosed:
        _say_closed(request)
    return redirect("intake:open_question", pk=pk)


@allow(can_judge)
@require_POST
def withdraw(request, pk):
    """The question is no longer there; with a reason (R10)."""
    question, form = _found(request, pk), WithdrawForm(request.POST)
    if not form.is_valid():
        return _show(request, question, withdraw=form, status=422)
    try:
        reason = form.cleaned_data["reason"]
        withdraw_open_question(question=question, reason=reason, by=request.user, now=timezone.now())
        messages.success(request, _("This question is no longer open."))
    except ValidationError as error:
        form.add_error(None, error)
        return _show(request, question, withdraw=form, status=422)
    except QuestionClosed:
        _say_closed(request)
    return redirect("intake:open_question", pk=pk)


def _found(request, pk):
    rows = questions_of(request.user, rows=OpenQuestion.objects.visible_to(request.user))
    rows = rows.select_related("closed_by", "referral__judgement", "review_by")
    return find_or_refuse(rows, by=request.user, now=timezone.now(), pk=pk)


def _fits(question):
    if question.state != OpenQuestionState.OPEN:
        return []
    return fitting_now([question], today=timezone.localdate())[question.pk]


def _chosen(request, question):
    """The OfferFit that was pressed; None when it does not fit any more. 404 for no offer at all."""
    form = OfferForm(request.POST)
    if not form.is_valid():
        raise Http404
    return next((fit for fit in _fits(question) if fit.offer.pk == form.cleaned_data["offer"]), None)


def _say_closed(request):
    messages.error(request, _("Somebody settled this question first. Nothing was changed."))
