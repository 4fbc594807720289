"""Loads what the engine must know about one waitlist: the database's side of decide(facts)."""

from groups.services.facts.people import load_people
from groups.services.facts.places import load_places
from groups.services.facts.waitlist import load_facts, load_rules
from groups.services.facts.workers import load_loads, load_workers

__all__ = ["load_facts", "load_loads", "load_people", "load_places", "load_rules", "load_workers"]
