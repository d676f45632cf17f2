import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_programs(apps, schema_editor):
    goals = apps.get_model("projects", "Goal").objects.filter(pk=OuterRef("goal"))
    apps.get_model("reviews", "StatedDate").objects.update(program=Subquery(goals.values("team__program")))


def forget_own(apps, schema_editor):
    apps.get_model("reviews", "StatedDate").objects.filter(goal=None).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0016_bounds_and_refusals'),
        ('reviews', '0012_audit'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='stateddate',
            name='program',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.program'),
        ),
        migrations.RunPython(name_programs, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='stateddate',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.program'),
        ),
        migrations.AlterField(
            model_name='stateddate',
            name='goal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.goal'),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_own),
        migrations.AddConstraint(
            model_name='stateddate',
            constraint=models.UniqueConstraint(condition=models.Q(('goal__isnull', True)), fields=('program', 'day'), name='stated_date_of_program_once'),
        ),
    ]
