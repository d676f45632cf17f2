"""Filters of tables, declared as data."""

import django_filters as filters
from django.forms import Select
from django.utils.translation import gettext_lazy as _

from projects.board import search
from projects.models import Limit, Program, Verdict

CHOICE = Select(attrs={"class": "form-select"})


class ProgramFilter(filters.FilterSet):
    search = filters.CharFilter(label=_("Search programs and factors"), method="by_words")
    verdict = filters.ChoiceFilter(
        label=_("Has a team that is"),
        choices=Verdict.choices,
        method="by_verdict",
        empty_label=_("Any verdict"),
        widget=CHOICE,
    )
    limited = filters.ChoiceFilter(
        label=_("Limiting factor"),
        choices=Limit.State.choices,
        method="by_state",
        empty_label=_("Any limit"),
        widget=CHOICE,
    )

    class Meta:
        model = Program
        fields = ()

    def by_words(self, queryset, _name, words):
        return search(queryset, words)

    def by_verdict(self, queryset, _name, verdict):
        return queryset.filter(ranking__verdicts__has_key=verdict)

    def by_state(self, queryset, _name, state):
        return queryset.filter(limits__until__isnull=True, limits__state=state)
