"""What happens in group work: every write with a rule. Keyword-only, the actor as by=, the clock as now=."""
