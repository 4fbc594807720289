"""Letters that nobody prints, for who sees to it that somebody does (R41)."""

import datetime as dt

from django.db.models import Count, F

from clients.models import Letter

# The desk has a day to print what was written.
PRINTED_WITHIN = dt.timedelta(days=1)


def letters_waiting(*, now):
    """[(municipality, how many)] of letters that should have been printed by now; never for whom."""
    late = Letter.objects.to_print().filter(made_at__lt=now - PRINTED_WITHIN)
    rows = late.order_by().values(place=F("client__neighbourhood__municipality__name")).annotate(count=Count("pk"))
    return [(row["place"], row["count"]) for row in rows.order_by("-count", "place")]
