"""The table of the shared cache, whatever cache is configured today: `CACHE_URL` may change, sign-in needs one."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    call_command("createcachetable", "cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_limiting_factor")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
