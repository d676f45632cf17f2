from django.apps import AppConfig
from django.core.checks import Tags, register

from projects.checks import check_demo_accounts


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "Programs, teams, goals and factors"

    def ready(self):
        register(check_demo_accounts, Tags.database)
