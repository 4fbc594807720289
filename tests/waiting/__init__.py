"""How long people wait under a policy: the real services and a fast model on the same arrivals, leaders and rooms."""
