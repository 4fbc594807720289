#!/usr/bin/env python
"""Django's command line for Socius; see README.md for the two commands most people need."""

import os
import sys

from django.core.management import execute_from_command_line

from socius import embedded

if __name__ == "__main__":
    embedded.adopt_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socius.settings")
    execute_from_command_line(sys.argv)
