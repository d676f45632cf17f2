"""The web server's door."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from projects.checks import refuse_demo_in_production  # noqa: E402  (models exist only from here on)

refuse_demo_in_production()
