"""Invented people and their story, to try Socius with. Never loaded outside the demo: the password is known to all."""

from pathlib import Path

# Invented places to go on to (R36).
PROVISIONS = Path(__file__).parent / "provisions.toml"
DEMO_PASSWORD = "socius-demo-2026"

# What bin/run shows: who to log in as.
DEMO_LOGINS = [
    ("Sociaal teamlid", "teamlid@socius.example"),
    ("Maatschappelijk werker", "maatschappelijk@socius.example"),
    ("Groepswerker", "groepswerker@socius.example"),
    ("Coördinator", "coordinator@socius.example"),
    ("Loket", "loket@socius.example"),
    ("Beheerder", "beheer@socius.example"),
    ("Externe verwijzer", "huisarts@socius.example"),
]
