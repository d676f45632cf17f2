"""The web server's door."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

from config.slim import give_memory_back
from projects.checks import refuse_demo_in_production

give_memory_back()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
refuse_demo_in_production()
connections.close_all()  # requests run in other threads, with connections of their own
