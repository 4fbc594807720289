"""Loads what the engine must know about one waitlist: the database's side of decide(facts)."""

from groups.services.facts.people import Waiting, load_waiting
from groups.services.facts.places import load_places
from groups.services.facts.several import load_facts_of_several
from groups.services.facts.waitlist import Known, load_facts, load_known, load_rules
from groups.services.facts.workers import load_workers

__all__ = [
    "Known",
    "Waiting",
    "load_facts",
    "load_facts_of_several",
    "load_known",
    "load_places",
    "load_rules",
    "load_waiting",
    "load_workers",
]
