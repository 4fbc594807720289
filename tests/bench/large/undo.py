"""Taking back what starts wrote, so that the same lists can be started again and measured against each other."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import WorkerBooking
from clients.models import Involvement
from groups.models import Cycle, HistoryEntry, Participation, Session, SessionStaff, Waitlist, WaitlistEntry
from neighbourhoods.models import RoomBooking
from notifications.models import Notification
from tests.bench.large.sql import run, vacuum, value
from tests.bench.large.world import TOMORROW

# In the order in which they can be deleted.
WRITTEN = (
    Notification,
    Involvement,
    HistoryEntry,
    Participation,
    SessionStaff,
    WorkerBooking,
    Session,
    RoomBooking,
    Cycle,
)


@dataclass
class Mark:
    """How far the tables were written at one moment."""

    last: dict

    @classmethod
    def set(cls):
        return cls({m: value(f"SELECT coalesce(max(id), 0) FROM {m._meta.db_table}") for m in WRITTEN})

    def count(self):
        """Rows written since, by table."""
        return {
            m._meta.db_table: value(f"SELECT count(*) FROM {m._meta.db_table} WHERE id > {last}")
            for m, last in self.last.items()
        }

    @transaction.atomic
    def undo(self):
        """Everybody waits again, as before; the lists are not due until tomorrow."""
        cycles, people = self.last[Cycle], self.last[Participation]
        run(
            "UPDATE groups_waitlist w SET generation = generation - c.formed, placeable_count = c.people, "
            f"reasons = '[]', due_at = {TOMORROW} FROM (SELECT waitlist_id, count(DISTINCT c.id) AS formed, "
            "count(p.id) AS people FROM groups_cycle c JOIN groups_participation p ON p.cycle_id = c.id "
            f"WHERE c.id > {cycles} GROUP BY 1) AS c WHERE c.waitlist_id = w.id"
        )
        run(
            "UPDATE groups_waitlistentry e SET state = 'waiting', reasons = '[]' "
            f"FROM groups_participation p WHERE p.entry_id = e.id AND p.id > {people}"
        )
        for model in WRITTEN:
            run(f"DELETE FROM {model._meta.db_table} WHERE id > {self.last[model]}")


def tidy():
    """As autovacuum leaves the tables some time after a busy hour."""
    vacuum(*WRITTEN, Waitlist, WaitlistEntry)
