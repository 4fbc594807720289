"""The referrer hears how it goes, within what the client allows (R9, R40, R42, R43).

The queue is the database: what groups, clients and intake itself wrote since the cursor is looked at, and each event
is told once because its key is. Rows of the last hour are read again each time, so that one whose transaction ended
late is not missed; that costs nothing but reading.
"""

import datetime as dt
import logging

from django.db import transaction
from django.db.models import Max, Q

from accounts.permissions import has_role
from clients.models import ContactMoment
from groups.models import HistoryEntry, Participation
from intake.enums import Decision, NewsCode, ReferralState, StatusCode
from intake.models import WITH_REFERRALS, FeedbackCursor, Judgement, Referral, ReferralNews
from intake.notifications import tell_referrer
from intake.queries import entry_status, referral_status, with_status_facts
from intake.services.closing import close_ended_referrals

logger = logging.getLogger(__name__)

READ_AGAIN = dt.timedelta(hours=1)
# What is read: the field of the cursor, the model, and when one of its rows was written.
SOURCES = {
    "history": (HistoryEntry, "at"),
    "contacts": (ContactMoment, "recorded_at"),
    "judgements": (Judgement, "judged_at"),
    "referrals": (Referral, "received_at"),
}
NEWS_OF = {
    StatusCode.RECEIVED: NewsCode.RECEIVED,
    StatusCode.OTHER_HELP: NewsCode.DECIDED,
    StatusCode.REFERRED_OUT: NewsCode.DECIDED,
    StatusCode.NOTED: NewsCode.NOTED,
    StatusCode.WAITING: NewsCode.WAITING,
    StatusCode.WAITING_ENOUGH: NewsCode.WAITING,
    StatusCode.WAITING_NO_MINIMUM: NewsCode.WAITING,
    StatusCode.ON_HOLD: NewsCode.WAITING,
    StatusCode.PLACED: NewsCode.PLACED,
    StatusCode.FINISHED: NewsCode.FINISHED,
    StatusCode.WITHDREW: NewsCode.LEFT,
    StatusCode.STOPPED: NewsCode.LEFT,
}


@transaction.atomic
def tell_referrers(*, now):
    """Looks at every referral to which something happened since the last time; returns how many mails were written.

    Safe twice, and twice at once: who finds the cursor locked leaves it to who holds it.
    """
    cursor = _cursor(now)
    if cursor is None:
        return 0
    mailed = sum(_tell_safely(referral, now) for referral in _changed(cursor))
    for field, (model, at) in SOURCES.items():
        read = model.objects.filter(pk__gt=getattr(cursor, field), **{f"{at}__lte": now - READ_AGAIN})
        newest = read.order_by().aggregate(newest=Max("pk"))["newest"]
        setattr(cursor, field, newest or getattr(cursor, field))
    close_ended_referrals(now=now)
    cursor.read_at = now
    cursor.save()
    if mailed:
        logger.info("feedback: %d mails to referrers", mailed)
    return mailed


def _cursor(now):
    """The cursor, locked; None while another holds it. The first begins now: nobody is mailed about the past."""
    if not FeedbackCursor.objects.exists():
        begin = {field: _newest(model) for field, (model, _at) in SOURCES.items()}
        FeedbackCursor.objects.get_or_create(pk=1, defaults={"read_at": now, **begin})
    return FeedbackCursor.objects.select_for_update(skip_locked=True).first()


def _newest(model):
    return model.objects.order_by().aggregate(newest=Max("pk"))["newest"] or 0


def _changed(cursor):
    """Referrals that somebody sent, and to which something happened."""
    history = HistoryEntry.objects.filter(pk__gt=cursor.history).order_by()
    seats = Participation.objects.filter(cycle__in=history.filter(entry=None).values("cycle")).order_by()
    entries = Q(placements__entry__in=history.values("entry")) | Q(placements__entry__in=seats.values("entry"))
    contacts = ContactMoment.objects.filter(pk__gt=cursor.contacts, is_reached=True).order_by().values("client")
    entries |= Q(open_question__closed_at__gt=cursor.read_at - READ_AGAIN)
    changed = Referral.objects.filter(
        entries | Q(client__in=contacts) | Q(judgement__pk__gt=cursor.judgements) | Q(pk__gt=cursor.referrals)
    )
    ids = changed.filter(referred_by__isnull=False).order_by().values("pk")
    return with_status_facts(Referral.objects.filter(pk__in=ids)).select_related("client__contact").order_by("pk")


def _tell_safely(referral, now):
    """One referral that cannot be told never holds up the others."""
    try:
        with transaction.atomic():
            return _tell(referral, now)
    except Exception:
        logger.exception("feedback: referral %s could not be told", referral.pk)
        return False


def _tell(referral, now):
    """Keeps what is new, and writes one mail for all of it. Whether it did."""
    known = set(referral.news.order_by().values_list("key", flat=True))
    news = [(code, key) for code, key in news_of(referral) if key not in known]
    if not news:
        return False
    user = referral.referred_by
    is_mailed = user.is_active and user.hears_news_by_mail and has_role(user, *WITH_REFERRALS)
    ReferralNews.objects.bulk_create(
        ReferralNews(referral=referral, code=code, key=key, at=now, is_mailed=is_mailed) for code, key in news
    )
    if is_mailed:
        tell_referrer(referral=referral, status=referral_status(referral), key=news[-1][1], now=now)
    return is_mailed


def news_of(referral):
    """[(NewsCode, key)] of a referral from with_status_facts(); nothing when the client does not allow it (R42)."""
    if not (referral.feedback_allowed and referral.has_feedback_consent):
        return []
    news = [(NewsCode.RECEIVED, "received")]
    if referral.contacted_at is not None:
        news.append((NewsCode.CONTACTED, "contacted"))
    judgement = getattr(referral, "judgement", None)
    if judgement is not None:
        news += [_placement_news(placement.entry) for placement in referral.placements.all()]
    status = referral_status(referral)
    if NEWS_OF.get(status.code) == NewsCode.DECIDED:
        news.append((NewsCode.DECIDED, "decided"))
    if status.code == StatusCode.NOTED:
        news.append((NewsCode.NOTED, "noted"))
    if judgement is not None and judgement.decision == Decision.NO_OFFER and status.code == StatusCode.STOPPED:
        news.append((NewsCode.LEFT, "withdrawn"))
    if referral.state == ReferralState.CLOSED and judgement is None:
        news.append((NewsCode.LEFT, "closed"))
    return [item for item in news if item is not None]


def _placement_news(entry):
    """What became of one place on a list. Back on the list after a cancelled start is news again."""
    code = NEWS_OF.get(entry_status(entry).code)
    if code is None:
        return None
    seats = entry.participations.all()
    return code, f"{code}:{entry.pk}:{len(seats)}"
