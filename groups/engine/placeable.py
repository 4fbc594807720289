"""R10b: placeable is one predicate with one reason per failure."""

from groups.engine.decision import Reason

ADULT = 18


def why_not_placeable(person, rules):
    """All reasons this person does not count towards the minimum; empty means placeable (R10b).

    Availability is not asked here: it depends on the time at issue and is asked per slot.
    """
    return tuple(reason for reason in _failures(person, rules) if reason)


def _failures(person, rules):
    yield not person.is_judged and rules.needs_judgement and Reason("awaiting_judgement")
    yield person.is_on_hold and Reason("on_hold")
    yield not person.has_consent and Reason("no_consent")
    yield rules.talk_first and not person.talk_held and Reason("talk_first")
    yield not person.has_fit_exception and _age_failure(person, rules)
    yield not person.has_fit_exception and _audience_failure(person, rules)
    yield person.is_placed_elsewhere and Reason("already_placed")
    yield person.refuses_here and Reason("not_here")


def _age_failure(person, rules):
    if rules.age_from is None and rules.age_to is None:
        return None
    if person.age is None:
        return Reason("age_unknown")
    if rules.age_from is not None and person.age < rules.age_from:
        return Reason("too_young", {"age_from": rules.age_from})
    if rules.age_to is not None and person.age > rules.age_to:
        return Reason("too_old", {"age_to": rules.age_to})
    return None


def _audience_failure(person, rules):
    wanted = {"women": "female", "men": "male"}.get(rules.audience)
    if wanted is None or person.sex == wanted:
        return None
    return Reason("audience", {"audience": rules.audience})


def in_order(people):
    """R17."""
    return sorted(people, key=lambda person: person.order)


def suits(person, facts, weekday, start):
    """Whether this person said to be available then (R10b, R20)."""
    return person.parts is None or (weekday, facts.part_of(start)) in person.parts
