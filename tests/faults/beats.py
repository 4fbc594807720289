"""F6: the clock runs twice. Each tick comes twice, often at the same moment; each thing happens once."""

import time

from tests.faults.crew import Crew
from tests.faults.kills import DUE
from tests.faults.mails import UNSENT, copies, read_mailbox
from tests.faults.outcome import Outcome, nothing
from tests.faults.storm import examine

BEATS = WORKERS = 2
SETTLED = 3  # seconds in which the clocks tick on after all is done, so that a second effect would show
MOVED = "SELECT count(DISTINCT cycle_id) FROM groups_historyentry WHERE code = 'cycle_moved'"
DOUBLE = {
    "double moves": "SELECT count(*) - count(DISTINCT cycle_id) FROM groups_historyentry WHERE code = 'cycle_moved'",
    "double invitations": "SELECT count(*) - count(DISTINCT to_address) FROM notifications_notification"
    " WHERE kind = 'invitation'",
    "double mails about a move": "SELECT count(*) - count(DISTINCT to_address) FROM notifications_notification"
    " WHERE kind = 'cycle_moved'",
    "double steps in the history": "SELECT coalesce(sum(times - 1), 0) FROM (SELECT count(*) AS times"
    " FROM groups_historyentry WHERE rule <> ''"
    " GROUP BY code, waitlist_id, entry_id, cycle_id, session_id, args) AS steps",
}


def run(servers, *, starts, moves):
    """Two beats and two workers with two processes each: lists to start, cycles to move (R21), mails to send."""
    with servers.database("beats") as database:
        database.build("due", starts, moves)
        with Crew(database) as crew:
            for _ in range(BEATS):
                crew.add_worker()
                crew.add_beat()
            crew.wait_until(lambda: is_done(database, moves), seconds=300, what="all that was due")
            time.sleep(SETTLED)
            crew.check()
        found = examine_effects(database, moves)
    size = {"beats": BEATS, "workers": WORKERS, "starts": starts, "moves": moves}
    return Outcome("F6", size, found, nothing(found))


def is_done(database, moves):
    return database.value(MOVED) >= moves and database.value(DUE) == 0 and database.value(UNSENT) == 0


def examine_effects(database, moves):
    """What happened twice or never, in counts."""
    with database.cursor() as cursor:
        found = examine(cursor)
    # Those count every mail as an invitation; here there are others too.
    del found["double invitations"], found["missing invitations"]
    found |= {what: int(database.value(query)) for what, query in DOUBLE.items()}
    found["cycles not moved"] = moves - database.value(MOVED)
    times = copies(read_mailbox(database))
    found["mails sent twice"] = sum(times.values()) - len(times)
    found["mails never sent"] = database.value("SELECT count(*) FROM notifications_notification") - len(times)
    return found
