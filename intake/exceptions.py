"""What intake refuses, said so that a screen can explain it."""


class AlreadyReferred(Exception):
    """This referrer sent this person before and that referral is still open; `referral` is the earlier one.

    Told only about the referrer's own referrals: a match with anybody else's client stays unsaid (R43).
    """

    def __init__(self, referral):
        self.referral = referral
        super().__init__(f"referral #{referral.pk} is still open")


class AlreadyJudged(Exception):
    """Somebody, or another tab, judged this referral first; `referral` holds what was decided."""

    def __init__(self, referral):
        self.referral = referral
        super().__init__(f"referral #{referral.pk} is {referral.state}")


class NoPlace(Exception):
    """A waitlist refused the place: `offer` and the groups.engine.Reason why."""

    def __init__(self, offer, reason):
        self.offer, self.reason = offer, reason
        super().__init__(f"{offer.pk}: {reason.code}")
