"""Which offers fit somebody, and why (R3, R15): live while a referral is typed, and again when it is judged."""

from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

from groups.engine import Person, Reason
from groups.engine.placeable import why_not_placeable
from groups.enums import Audience, CycleState, TalkMoment
from groups.models import Cycle, GroupOffer, ProblemKind, Waitlist
from groups.services.facts import load_rules
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment
from neighbourhoods.queries import catchment_of

# What a person's own data decide; judgement, consent and talk come later and are no reason against an offer.
ABOUT_THE_PERSON = {"too_young", "too_old", "age_unknown", "audience"}


@dataclass(frozen=True)
class OfferFit:
    """One offer for one person: reasons for and against, and how far its list is."""

    offer: GroupOffer
    catchment: object | None
    fits: bool
    pros: tuple[Reason, ...]
    cons: tuple[Reason, ...]
    waitlist: Waitlist | None
    waiting: int
    missing: int | None
    next_cycle: Cycle | None
    notes: tuple[Reason, ...] = ()  # what comes first here, neither for nor against

    @property
    def needs_exception(self):
        """Only age or sex speaks against it: the social worker may place all the same, with a reason."""
        return bool(self.cons) and all(reason.code in ABOUT_THE_PERSON for reason in self.cons)


def fit_offers(*, birth_date, sex, neighbourhood, problem_kinds, today, basic_needs=False):
    """All active offers, the best fitting first. What is None or empty is unknown and speaks neither way.

    problem_kinds: set of ProblemKind codes. basic_needs: urgent material problems come first (R5).
    """
    offers = _offers()
    catchments = _catchments(neighbourhood)
    lists = _lists(catchments.values())
    cycles = _next_cycles(lists.values(), today)
    person = Person(id=0, waiting_since=today, age=_age(birth_date, today), sex=sex or "unknown")
    fits = [
        _fit(offer, person, neighbourhood, set(problem_kinds), catchments, lists, cycles, basic_needs)
        for offer in offers
    ]
    return sorted(fits, key=lambda fit: (not fit.fits, -len(fit.pros), len(fit.cons), fit.offer.name))


@dataclass(frozen=True)
class Asking:
    """Somebody for whom an offer is looked for; what is None or empty is unknown. Reads neighbourhood.catchment."""

    birth_date: object
    sex: str
    neighbourhood: object
    problem_kinds: frozenset


def fit_many(asking, *, today, with_cycles=True):
    """{key: [OfferFit]} of {key: Asking}, in a number of statements that does not grow with them."""
    offers = _offers()
    wide = Catchment.objects.exclude(level=CatchmentLevel.NEIGHBOURHOOD).filter(
        Q(level=CatchmentLevel.REGION)
        | Q(municipality__in={row.neighbourhood.municipality_id for row in asking.values()})
    )
    by_place = {(row.level, row.municipality_id): row for row in wide}
    region = next((row for row in by_place.values() if row.level == CatchmentLevel.REGION), None)
    catchments = {
        key: {
            CatchmentLevel.NEIGHBOURHOOD: row.neighbourhood.catchment,
            CatchmentLevel.MUNICIPALITY: by_place.get(
                (CatchmentLevel.MUNICIPALITY, row.neighbourhood.municipality_id)
            ),
            CatchmentLevel.REGION: region,
        }
        for key, row in asking.items()
    }
    lists = _lists({found.pk: found for near in catchments.values() for found in near.values() if found}.values())
    cycles = _next_cycles(lists.values(), today) if with_cycles else {}
    return {
        key: [
            _fit(
                offer, _person(row, today), row.neighbourhood, row.problem_kinds, catchments[key], lists, cycles, False
            )
            for offer in offers
        ]
        for key, row in asking.items()
    }


def _offers():
    """All active offers with `kinds`, and `held_in` and `held_in_names`: where, empty for everywhere.

    In one statement: Today and each keystroke of a referral ask for it.
    """
    kinds = ProblemKind.objects.filter(offers=OuterRef("pk"))
    columns = {field.attname: field.attname for field in ProblemKind._meta.concrete_fields}
    offers = list(
        GroupOffer.objects.active().annotate(
            held_in=_all_of("municipalities"),
            held_in_names=_all_of("municipalities__name"),
            kind_rows=ArraySubquery(kinds.values_list(JSONObject(**columns))),
        )
    )
    for offer in offers:
        offer.kinds = [ProblemKind(**row) for row in offer.kind_rows]
    return offers


def _all_of(field):
    present = Q(municipalities__isnull=False)
    return ArrayAgg(field, filter=present, default=[], order_by="municipalities__name")


def _person(asking, today):
    age = _age(asking.birth_date, today)
    return Person(id=0, waiting_since=today, age=age, sex=asking.sex or "unknown")


def _fit(offer, person, neighbourhood, kinds, catchments, lists, cycles, basic_needs):
    catchment = catchments.get(offer.level)
    waitlist = lists.get((offer.pk, catchment.pk)) if catchment else None
    cons = tuple(_cons(offer, person, neighbourhood))
    pros = (*_pros(offer, kinds, neighbourhood), *(() if cons else _suits(offer, person)))
    wanted = {kind.pk for kind in offer.kinds}
    off_topic = bool(kinds) and bool(wanted) and not kinds & wanted
    if basic_needs:
        pros += (Reason("basics_first"),)
    return OfferFit(
        offer=offer,
        catchment=catchment,
        fits=not cons and not off_topic,
        pros=pros,
        cons=cons + ((Reason("other_problem"),) if off_topic else ()),
        waitlist=waitlist,
        waiting=waitlist.waiting_count if waitlist else 0,
        missing=_missing(offer, waitlist),
        next_cycle=cycles.get(waitlist.pk) if waitlist else None,
        notes=(Reason("talk_before_place"),) if offer.talk_moment == TalkMoment.BEFORE_PLACEMENT else (),
    )


def _cons(offer, person, neighbourhood):
    rules = load_rules(Waitlist(offer=offer, catchment=Catchment(level=offer.level)))
    unknown_is_fine = {"age_unknown"} | ({"audience"} if person.sex == "unknown" else set())
    for reason in why_not_placeable(person, rules):
        if reason.code in ABOUT_THE_PERSON - unknown_is_fine:
            yield reason
    is_far = neighbourhood is not None and offer.held_in and neighbourhood.municipality_id not in offer.held_in
    if is_far and offer.level != CatchmentLevel.REGION:
        yield Reason("held_elsewhere", {"municipalities": ", ".join(offer.held_in_names)})


def _pros(offer, kinds, neighbourhood):
    matching = [str(kind) for kind in offer.kinds if kind.pk in kinds]
    if matching:
        yield Reason("problem_fits", {"kinds": matching})
    if not offer.kinds:
        yield Reason("for_any_problem")
    if offer.level == CatchmentLevel.NEIGHBOURHOOD and neighbourhood is not None:
        yield Reason("near_home")
    if not offer.may_run_in_neighbourhood and offer.level == CatchmentLevel.REGION:
        yield Reason("runs_for_region")


def _suits(offer, person):
    """For it, where the offer asks for an age or a sex and this person's are known."""
    if person.age is not None and (offer.age_from is not None or offer.age_to is not None):
        yield Reason("age_fits", {"age": person.age})
    if offer.audience != Audience.ALL and person.sex != "unknown":
        yield Reason("sex_fits", {"audience": offer.audience})


def _age(birth_date, today):
    if birth_date is None:
        return None
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def _catchments(neighbourhood):
    if neighbourhood is None:
        return {}
    return {level: catchment_of(neighbourhood, level) for level in CatchmentLevel}


def _lists(catchments):
    found = Waitlist.objects.filter(catchment__in=[c for c in catchments if c]).select_related("offer", "catchment")
    return {(row.offer_id, row.catchment_id): row for row in found.with_counts()}


def _next_cycles(lists, today):
    """The earliest formed cycle of each list that still has places."""
    cycles = {}
    rows = Cycle.objects.filter(waitlist__in=list(lists), state=CycleState.FORMED, starts_on__gt=today)
    for cycle in rows.with_taken().select_related("room").order_by("-starts_on", "-pk"):
        if cycle.taken < cycle.places:
            cycles[cycle.waitlist_id] = cycle
    return cycles


def _missing(offer, waitlist):
    if waitlist is not None:
        return waitlist.missing_count
    return offer.minimum
