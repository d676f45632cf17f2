"""Jobs and parts of the installation in words."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.schedule import TITLES

register = template.Library()
ARGUMENTS_SHOWN = 12

PARTS = {
    "web": gettext_lazy("Web server"),
    "database": gettext_lazy("Database"),
    "broker": gettext_lazy("Broker"),
    "worker": gettext_lazy("Worker"),
    "beat": gettext_lazy("Schedule (beat)"),
}
SAYS = {
    "answers": gettext_lazy("answers"),
    "does not answer": gettext_lazy("does not answer"),
    "was never seen": gettext_lazy("was never seen"),
    "is silent": gettext_lazy("is silent"),
    "asks for jobs": gettext_lazy("asks for jobs"),
    "does its jobs": gettext_lazy("does its jobs"),
    "lives but does none of its jobs": gettext_lazy("lives, but does none of its jobs"),
}


@register.filter
def job_title(task: str) -> str:
    name = task.rpartition(".")[2]
    return str(TITLES.get(name, name))


@register.filter
def part_title(name: str) -> str:
    return str(PARTS.get(name, name))


@register.filter
def part_says(says: str) -> str:
    return str(SAYS.get(says, says))


@register.filter
def job_arguments(arguments: list) -> str:
    """The ids a job was given: all of a few, the number of many."""
    ids = [one for value in arguments for one in (value if isinstance(value, list) else [value])]
    if len(ids) > ARGUMENTS_SHOWN:
        return _("%(count)d ids") % {"count": len(ids)}
    return ", ".join(str(one) for one in ids)
