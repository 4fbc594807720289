"""F7: workers die while an outbox empties. Exactly-once mail does not exist: all leave, and a second copy says so."""

import random
from collections import Counter, defaultdict
from email import message_from_bytes, policy

from tests.faults.crew import Crew
from tests.faults.outcome import Outcome

SEED = 7
UNSENT = "SELECT count(*) FROM notifications_notification WHERE state <> 'sent'"


def run(servers, *, mails, kills, seed=SEED):
    """Kill the sending worker as often as told, each time at the moment in which a mail was seen to leave.

    One mail at a time is under way (concurrency 1), so each kill can cost one duplicate and no more.
    """
    after = sorted(random.Random(seed).sample(range(1, mails), kills))
    with servers.database("mails") as database:
        database.build("mails", mails)
        with Crew(database) as crew:
            worker = crew.add_worker(concurrency=1)
            crew.add_beat()
            for count in after:
                crew.wait_until(lambda n=count: _left(database) >= n, seconds=120, what=f"mail {count}")
                worker = crew.replace_worker(worker, concurrency=1)
            crew.wait_until(lambda: database.value(UNSENT) == 0, seconds=300, what="the last mail")
        found = examine_mailbox(database, mails)
    size = {"mails": mails, "kills": kills, "seed": seed}
    return Outcome("F7", size, found, is_as_required(found, kills))


def is_as_required(found, kills):
    """Duplicates there may be, as many as kills; nothing else."""
    return found["duplicates"] <= kills and not any(count for what, count in found.items() if what != "duplicates")


def examine_mailbox(database, mails):
    """Each mail of the world went to an address of its own."""
    arrived = read_mailbox(database)
    ids = defaultdict(set)
    for mail in arrived:
        ids[mail["To"]].add(mail["Message-ID"])
    return {
        "never sent": mails - len(ids),
        "duplicates": len(arrived) - len(ids),
        "duplicates with another Message-ID": sum(len(different) > 1 for different in ids.values()),
        "unreadable": sum(is_unreadable(mail) for mail in arrived),
    }


def read_mailbox(database):
    """All mails that left, as Python reads them."""
    paths = sorted(database.mailbox.glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]


def is_unreadable(mail):
    return bool(mail.defects) or not mail["Message-ID"] or "Er is een bericht voor u." not in mail.get_content()


def copies(mails):
    """How often each Message-ID left."""
    return Counter(mail["Message-ID"] for mail in mails)


def _left(database):
    try:
        return sum(entry.name.endswith(".eml") for entry in database.mailbox.iterdir())
    except FileNotFoundError:
        return 0
