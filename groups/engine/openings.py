"""The moments there are, and what each still lacks: walked once, for all questions about one list (R14, R20)."""

from groups.engine.slots import Kept, lawful_slots

LEADER, SECOND, ROOM = "leader", "second", "room"
NOBODY = 0  # what a slot holds instead of a leader or a room that is still lacking


class Openings:
    """Slots of these facts, some of which still lack a leader, a second leader or a room; earliest first."""

    def __init__(self, facts):
        self._beside_a_leader = Kept(lawful_slots(facts, need_co_lead=False, need_place=False))
        self._beside_a_second = Kept(lawful_slots(facts, need_lead=False, need_place=False))
        self._without_team = Kept(lawful_slots(facts, need_lead=False, need_co_lead=False, need_place=False))

    def lacking(self, *things):
        """Slots that would be lawful if they had these things too; without arguments, those that are lawful now."""
        wanted = set(things)
        for slot in self._walk(wanted):
            if (slot.lead != NOBODY or LEADER in wanted) and (slot.place != NOBODY or ROOM in wanted):
                yield slot

    def _walk(self, wanted):
        if {LEADER, SECOND} <= wanted:
            return self._without_team
        return self._beside_a_leader if SECOND in wanted else self._beside_a_second
