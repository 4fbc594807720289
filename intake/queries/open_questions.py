"""Open questions (R8b): which of them an offer fits by now, and how many there are where."""

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from accounts.enums import RoleName
from accounts.permissions import has_role
from clients.small_numbers import is_too_small
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
    """How many questions are open in one neighbourhood, and about what.

    total: None where it is too small to be told. kinds: (kind or None, count), most first; where a small number would
    follow from it the count is None, and small kinds are not named (R34).
    """

    neighbourhood: Neighbourhood
    total: int | None
    kinds: tuple


def open_counts(user):
    """For who may see counts (R34, R41): the neighbourhood with most first, what is too small to be told last."""
    by_area = defaultdict(lambda: defaultdict(set))
    rows = OpenQuestion.objects.countable_by(user).open().order_by()
    for area, pk, kind in rows.values_list("neighbourhood", "pk", "problem_kinds"):
        by_area[area][kind].add(pk)
    areas = Neighbourhood.objects.select_related("municipality").defer("polygon", "municipality__polygon")
    found, names = areas.in_bulk(list(by_area)), ProblemKind.objects.in_bulk()
    known = _judges_in(user)
    counts = [
        _area_count(found[area], kinds, names, tells_all=found[area].municipality_id in known)
        for area, kinds in by_area.items()
    ]
    return sorted(counts, key=lambda count: (-(count.total or 0), str(count.neighbourhood)))


def _judges_in(user):
    """Where this user may know each question by name, and so also how many there are."""
    if not has_role(user, RoleName.SOCIAL_WORKER):
        return set()
    return set(user.work_areas.order_by().values_list("municipality", flat=True))


def _area_count(neighbourhood, kinds, names, *, tells_all):
    total = len(set().union(*kinds.values()))
    rows = sorted(((names.get(kind), len(pks)) for kind, pks in kinds.items()), key=lambda row: (-row[1], str(row[0])))
    if tells_all:
        return AreaCount(neighbourhood, total, tuple(rows))
    if is_too_small(total):
        return AreaCount(neighbourhood, None, ())
    if not any(is_too_small(number) for _kind, count in rows for number in (count, total - count)):
        return AreaCount(neighbourhood, total, tuple(rows))
    return AreaCount(neighbourhood, total, tuple((kind, None) for kind, count in rows if not is_too_small(count)))
