"""What the demo does not have, for the pages that need it: two files of one person, a letter, a referral begun."""

import uuid

from django.utils import timezone

from clients.models import Letter
from groups.messages import INVITATION_LETTER
from intake.models import Referral
from intake.services import refer_client
from intake.services.referral_drafts import keep_draft


def add_more(demo):
    """Where the demo's first social worker works."""
    now = timezone.now()
    here = Referral.objects.in_work_areas_of(demo["maatschappelijk"]).select_related("client__neighbourhood")
    doubled = here.filter(state="received").order_by("pk").first().client
    _refer_again(doubled, demo["huisarts"], now)
    values = {"given_name": ["Bep"], "family_name": ["Begonnen"], "question": ["Nog niet af."]}
    keep_draft(submission_key=uuid.uuid4(), version=0, values=values, by=demo["teamlid"], now=now)
    text = "Beste bewoner,\n\nEr is plaats voor u in een groep. Wij bellen u om te vragen of u komt.\n\nSocius"
    Letter.objects.create(client=doubled, kind=INVITATION_LETTER.code, text=text, made_at=now, dedupe_key="voorbeeld")


def _refer_again(client, by, now):
    """Nearly this client, by somebody else."""
    names = ("given_name", "name_prefix", "birth_date", "sex", "postcode", "neighbourhood")
    person = {name: getattr(client, name) for name in names} | {"family_name": f"{client.family_name}s"}
    person |= {"phone": "0600000099", "email": "", "contact": {"may_letter": True}}
    question = "Ik wil graag mensen ontmoeten."
    refer_client(person=person, question=question, consented=True, feedback_allowed=True, by=by, now=now)
