"""Mail that came back: noted on the mail it was, so that a person reaches the client another way."""

import logging
from collections import Counter
from datetime import timedelta
from pathlib import Path

from django.db import transaction

from notifications.bounces import MOST_BYTES, read_bounce
from notifications.enums import NotificationState
from notifications.models import LEFT, Notification

logger = logging.getLogger(__name__)

# A report that comes later than this is about something that was settled long ago.
OLDEST = timedelta(days=30)
MOST_AT_ONCE = 200
# What became of one mail that was read.
BOUNCED, AGAIN, DELAYED, IGNORED = "bounced", "again", "delayed", "ignored"


def take_bounce(*, raw, now):
    """Reads one mail (bytes) and returns what became of it: BOUNCED, AGAIN, DELAYED or IGNORED.

    IGNORED: no report, or one about a mail that is not ours, went elsewhere or is too old. The same twice is once.
    """
    try:
        bounce = read_bounce(raw)
    except Exception as error:  # what is sent here can be anything, and must not stop the next one
        logger.warning("bounces: a mail could not be read (%s)", type(error).__name__)
        return IGNORED
    return IGNORED if bounce is None else _note(bounce, now)


@transaction.atomic
def _note(bounce, now):
    rows = Notification.objects.filter(message_id=bounce.message_id, state__in=LEFT, sent_at__gte=now - OLDEST)
    row = rows.select_for_update(of=("self",)).first()
    if row is None or row.to_address.lower() not in bounce.addresses:
        return IGNORED
    if not bounce.is_permanent:
        return DELAYED
    if row.state == NotificationState.BOUNCED:
        return AGAIN
    row.state, row.bounced_at, row.bounce_reason = NotificationState.BOUNCED, now, bounce.reason
    row.save(update_fields=["state", "bounced_at", "bounce_reason"])
    logger.info("notification %s came back: %s", row.pk, row.bounce_reason)
    return BOUNCED


def read_maildir(*, path, now):
    """Takes what lies in a Maildir; returns {what became of it: how many}.

    What was one of ours is removed, because it repeats what it said; the rest is marked as seen, for a person to look
    at. Noted before it is removed: killed in between, it is read again and that is once.
    """
    counts = Counter()
    for file in _unseen(Path(path))[:MOST_AT_ONCE]:
        try:
            with file.open("rb") as mail:
                outcome = take_bounce(raw=mail.read(MOST_BYTES), now=now)
            if outcome == IGNORED:
                _mark_seen(file)
            else:
                file.unlink()
        except FileNotFoundError:  # another worker was first
            continue
        except OSError as error:
            logger.warning("bounces: a file could not be read or moved (%s)", type(error).__name__)
            continue
        counts[outcome] += 1
    if counts:
        logger.info("bounces: %s", ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    return dict(counts)


def _unseen(folder):
    """Judged by its name alone: `seen` stands there as a flag, and no mail is parsed to list the others."""
    found = [file for place in ("new", "cur") for file in (folder / place).iterdir()]
    files = (file for file in sorted(found) if file.is_file() and not file.name.startswith("."))
    return [file for file in files if "S" not in file.name.partition(":2,")[2]]


def _mark_seen(file):
    name, _mark, flags = file.name.partition(":2,")
    file.rename(file.parent.parent / "cur" / f"{name}:2,{''.join(sorted({*flags, 'S'}))}")
