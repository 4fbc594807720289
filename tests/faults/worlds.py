"""What a fault test begins with, made by the real services: `python -m tests.faults.worlds WORLD [numbers]`.

Everything is as of now, because real workers read the real clock.
"""

import datetime as dt
import sys
import time

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from groups.models import Cycle, GroupOffer, Waitlist  # noqa: E402
from groups.services.invitations import answer_invitation  # noqa: E402
from groups.services.starting import start_due_waitlists  # noqa: E402
from groups.services.waitlists import waitlist_for  # noqa: E402
from tests.factories.groups import make_cycle, make_entry, make_offer, make_team_and_room  # noqa: E402
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood  # noqa: E402
from tests.factories.notifications import make_notification  # noqa: E402

PEOPLE = 3
COMPETING = 3  # of each so many lists one competes with its like for leaders and rooms; the others have their own


def ready(count, people=PEOPLE):
    """Lists that start as soon as somebody looks; with fewer people, that lack the last ones.

    One in three shares a municipality, so that leaders and rooms are taken from under each other.
    """
    offer, now = make_offer(), timezone.now()
    for number in range(count):
        competes = number % COMPETING == 0
        municipality = make_municipality("Samen", "GM9999") if competes else make_municipality(*_name(number))
        neighbourhood = make_neighbourhood(f"Wijk {number}", municipality, code=f"WL{number:06d}")
        waitlist = waitlist_for(offer=offer, catchment=neighbourhood.catchment)
        lead, second, _room = make_team_and_room(waitlist)
        type(lead).objects.filter(pk__in=[lead.pk, second.pk]).update(max_cycles=500, max_group_hours_week=500)
        for person in range(people):
            make_entry(waitlist, days=30 - person, now=now)


def complete():
    """The last person joins each list that lacks one; says each list's number once that is committed.

    Reads a line before each, so that its reader sets the pace. A try that fails is made again, as a user would.
    """
    offer = GroupOffer.objects.get()
    for pk in list(Waitlist.objects.filter(offer=offer).order_by("pk").values_list("pk", flat=True)):
        if not sys.stdin.readline():
            return
        _try_until_it_works(_complete_list, pk)
        print(pk, flush=True)  # noqa: T201 (its reader waits for it)


def _try_until_it_works(work, *arguments, seconds=60):
    until = time.monotonic() + seconds
    while True:
        try:
            return work(*arguments)
        except (DatabaseError, InterfaceError):
            if time.monotonic() > until:
                raise
            connection.close()
            time.sleep(0.05)


@transaction.atomic
def _complete_list(pk):
    """A commit whose answer was lost may have been one: who is there already does not join again."""
    waitlist = Waitlist.objects.select_related("offer", "catchment").get(pk=pk)
    if waitlist.entries.count() < PEOPLE:
        make_entry(waitlist, days=5, now=timezone.now(), email=f"laatste{pk}@voorbeeld.example")


def short(count):
    """Cycles that too few will come to, a day or so before they begin or after: the next look moves each once."""
    now = timezone.now() - dt.timedelta(days=10)  # with a week's lead time they begin about now
    for number in range(count):
        neighbourhood = make_neighbourhood(f"Kort {number}", make_municipality(f"Kort {number}", f"GK{number:04d}"))
        make_cycle(PEOPLE, neighbourhood=neighbourhood, now=now)
    for cycle in Cycle.objects.select_related("lead").order_by("pk"):
        for participation in cycle.participations.order_by("pk")[1:]:
            answer_invitation(participation=participation, coming=False, now=now, by=cycle.lead)


def due(starts, moves):
    """All that a clock brings about: cycles to move, then lists to start; their mails follow."""
    short(moves)
    ready(starts)


def mails(count):
    """An outbox, each mail to somebody else."""
    now = timezone.now()
    for number in range(count):
        make_notification(to=f"post{number}@voorbeeld.example", now=now)


def sweep():
    """Serially, until no list is to be looked at before tomorrow: what any number of workers should arrive at."""
    until = time.monotonic() + 600
    while Waitlist.objects.filter(due_at__lt=timezone.now() + dt.timedelta(hours=2)).exists():
        start_due_waitlists(now=timezone.now())
        assert time.monotonic() < until
        time.sleep(0.02)


def _name(number):
    return f"Gemeente {number}", f"GM{number:04d}"


WORLDS = {work.__name__: work for work in (ready, complete, due, mails, sweep)}

if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    WORLDS[name](*map(int, numbers))
