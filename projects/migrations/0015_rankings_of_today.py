from django.db import migrations


def leave_out_what_cannot_be_read(apps, schema_editor):
    """A ranking is computed, not entered. The first version's lines did not say which factors gate a goal; such a
    ranking goes, and the job that finds what is behind makes it anew within minutes."""
    rankings = apps.get_model("projects", "Ranking").objects
    old = [
        ranking.pk
        for ranking in rankings.only("pk", "lines", "proposal", "following").iterator(chunk_size=100)
        if any("gated_by" not in line for line in [*ranking.lines, ranking.proposal, ranking.following] if line)
    ]
    rankings.filter(pk__in=old).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0014_public_predictions'),
    ]

    operations = [
        migrations.RunPython(leave_out_what_cannot_be_read, migrations.RunPython.noop),
    ]
