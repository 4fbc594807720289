"""Open questions (R8b): which of them an offer fits by now, and how many there are where."""

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from groups.fit import Asking, fit_many
from groups.models import ProblemKind
from intake.fitting import can_join
from intake.models import OpenQuestion
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Neighbourhood


def questions_of(user, *, rows=None):
    """The open questions that this user may see by name, or `rows`, the longest waiting first."""
    rows = OpenQuestion.objects.visible_to(user).open() if rows is None else rows
    return (
        rows.longest_first()
        .select_related(
            "client__key",
            "client__neighbourhood__municipality",
            "client__neighbourhood__catchment__municipality",
            "neighbourhood__municipality",
        )
        .defer(
            "client__neighbourhood__polygon",
            "client__neighbourhood__municipality__polygon",
            "client__neighbourhood__catchment__municipality__polygon",
            "neighbourhood__polygon",
            "neighbourhood__municipality__polygon",
        )
        .prefetch_related("problem_kinds")
    )


def questions_to_offer(user):
    """The same rows with `kind_codes` instead of the kinds themselves: what Today asks, in one statement."""
    codes = ArrayAgg("problem_kinds", filter=Q(problem_kinds__isnull=False), default=[])
    return questions_of(user).prefetch_related(None).annotate(kind_codes=codes)


def fitting_now(questions, *, today, with_cycles=True):
    """{question pk: [OfferFit]}: offers that fit now and were not found unsuitable before, nor their list there."""
    questions = list(questions)
    asking = {question.pk: _asking(question) for question in questions}
    fits = fit_many(asking, today=today, with_cycles=with_cycles)
    return {question.pk: [fit for fit in fits[question.pk] if _is_news(question, fit)] for question in questions}


def _asking(question):
    client = question.client
    codes = getattr(question, "kind_codes", None)
    kinds = [kind.pk for kind in question.problem_kinds.all()] if codes is None else codes
    return Asking(client.birth_date, client.sex, client.neighbourhood, frozenset(kinds))


def _is_news(question, fit):
    if not fit.fits or not can_join(fit):
        return False
    if question.client.refuses_own_neighbourhood and fit.catchment.level == CatchmentLevel.NEIGHBOURHOOD:
        return False
    if fit.offer.pk not in question.seen_offers:
        return True
    return fit.waitlist is not None and fit.waitlist.pk not in question.seen_lists


def proposals(questions, *, today):
    """[(offer, [question])]: what is proposed, the offer that answers most questions first."""
    questions, offers, found = list(questions), {}, defaultdict(list)
    if not questions:
        return []
    fits = fitting_now(questions, today=today, with_cycles=False)
    for question, fitting in zip(questions, fits.values(), strict=True):
        for fit in fitting:
            offers[fit.offer.pk] = fit.offer
            found[fit.offer.pk].append(question)
    return sorted(((offers[pk], rows) for pk, rows in found.items()), key=lambda row: (-len(row[1]), row[0].name))


@dataclass(frozen=True)
class AreaCount:
    """How many questions are open in one neighbourhood, and about what: (kind or None, count), most first."""

    neighbourhood: Neighbourhood
    total: int
    kinds: tuple


def open_counts(user):
    """For who may see counts (R34, R41): the neighbourhood with most open questions first."""
    rows = OpenQuestion.objects.countable_by(user).open()
    totals = defaultdict(set)
    for area, pk in rows.order_by().values_list("neighbourhood", "pk"):
        totals[area].add(pk)
    names, by_area = ProblemKind.objects.in_bulk(), defaultdict(list)
    for row in rows.counted():
        by_area[row["neighbourhood"]].append((names.get(row["problem_kinds"]), row["count"]))
    areas = Neighbourhood.objects.select_related("municipality").defer("polygon", "municipality__polygon")
    found = areas.in_bulk(list(totals))
    counts = [
        AreaCount(found[area], len(pks), tuple(sorted(by_area[area], key=lambda kind: (-kind[1], str(kind[0])))))
        for area, pks in totals.items()
    ]
    return sorted(counts, key=lambda count: (-count.total, str(count.neighbourhood)))
