"""The facts of several lists at once: as many statements for ten as for one, for forecasts beside each other."""

from collections import defaultdict

from django.conf import settings
from django.utils import timezone

from clients.enums import ConsentPurpose
from groups.services.facts.cycles import CYCLES_OF_EACH, cycles_of, rate_since
from groups.services.facts.people import PEOPLE_OF_EACH, waiting_of
from groups.services.facts.places import PLACES_OF_EACH, asked_of_rooms, places_of
from groups.services.facts.rows import midnight
from groups.services.facts.waitlist import facts_of, load_rules
from groups.services.facts.workers import ANYWHERE_OF_EACH, IN_MUNICIPALITY_OF_EACH, workers_of
from neighbourhoods.enums import CatchmentLevel


def load_facts_of_several(*, waitlists, now):
    """As load_facts() for each, in the same order; in five statements at most. A list that is not saved has nobody."""
    if not waitlists:
        return []
    today = timezone.localdate(now)
    people = _by_list(
        PEOPLE_OF_EACH,
        waitlists,
        [{"waitlist": w.pk, "offer": w.offer_id, "catchment": w.catchment_id} for w in waitlists],
        purpose=ConsentPurpose.REGISTRATION,
    )
    cycles = _by_list(CYCLES_OF_EACH, waitlists, [{"waitlist": w.pk} for w in waitlists], since=rate_since(now))
    local = {"since": midnight(today), "zone": settings.TIME_ZONE}
    rooms = _by_list(PLACES_OF_EACH, waitlists, [asked_of_rooms(w) for w in waitlists], **local)
    workers = _workers(waitlists, today, local)
    return [
        facts_of(
            waitlist,
            today,
            load_rules(waitlist),
            waiting_of(people[number], waitlist, today),
            cycles_of(cycles[number], waitlist, today),
            places_of(rooms[number], waitlist),
            workers_of(workers[number]),
        )
        for number, waitlist in enumerate(waitlists)
    ]


def _workers(waitlists, today, local):
    """{place in the order: rows}; for the region anybody may be asked, elsewhere who works in the municipality."""
    found = defaultdict(list)
    for statement, is_region in ((ANYWHERE_OF_EACH, True), (IN_MUNICIPALITY_OF_EACH, False)):
        numbers = [
            number
            for number, waitlist in enumerate(waitlists)
            if (waitlist.catchment.level == CatchmentLevel.REGION) == is_region
        ]
        asked = [_asked_of_workers(waitlists[number], is_region) for number in numbers]
        some = [waitlists[number] for number in numbers]
        rows = _by_list(statement, some, asked, only=None, room=None, today=today, **local) if some else {}
        found |= {numbers[number]: of_list for number, of_list in rows.items()}
    return found


def _asked_of_workers(waitlist, is_region):
    asked = {"catchment": waitlist.catchment_id, "offer": waitlist.offer_id}
    return asked if is_region else asked | {"municipality": waitlist.catchment.municipality_id}


def _by_list(statement, waitlists, asked, **shared):
    """{place of the list in the order: its rows}."""
    arrays = {name: [row[name] for row in asked] for name in asked[0]}
    found = defaultdict(list)
    for row in statement.rows(**arrays, **shared):
        found[row["number"] - 1].append(row)
    return found
