"""People who join while something breaks: a process of its own, one person each time it is told to."""

import subprocess
import sys

from socius import embedded


class Load:
    """`join_next()` waits until the next list's last person is in, committed; `acknowledged` are those lists."""

    def __init__(self, database):
        command = [sys.executable, "-W", "ignore", "-m", "tests.faults.worlds", "complete"]
        self.process = embedded.spawn(
            command,
            cwd=embedded.BASE_DIR,
            env=database.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.acknowledged = []

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.process.kill()
        self.process.communicate()

    def join_next(self):
        """The list that somebody joined."""
        self.begin_next()
        return self.finish_next()

    def begin_next(self):
        """Somebody is joining from now on."""
        self.process.stdin.write("next\n")
        self.process.stdin.flush()

    def finish_next(self):
        said = self.process.stdout.readline()
        assert said, "whoever joins the lists ended by itself"
        self.acknowledged.append(int(said))
        return self.acknowledged[-1]


def lost(cursor, acknowledged):
    """People of whom somebody was told that they had joined, and who are not on their list."""
    cursor.execute(
        "SELECT count(DISTINCT entry.waitlist_id) FROM groups_waitlistentry entry"
        " JOIN clients_client client ON client.id = entry.client_id"
        " WHERE client.email = 'laatste' || entry.waitlist_id || '@voorbeeld.example'"
        " AND entry.waitlist_id = ANY(%s)",
        [acknowledged],
    )
    return {"joined and forgotten": len(acknowledged) - cursor.fetchone()[0]}
