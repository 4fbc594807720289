"""bin/bench start --large: starts in a country with a million waiting entries. See tests/bench/start.py."""
