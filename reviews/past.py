"""Reviews that were held, searched: by what was said in them, by whom, about what, and when."""

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.forms import Select
from django.utils.translation import gettext_lazy as _

from projects.access import programs_of
from projects.board import LONGEST_SEARCH
from projects.form_fields import DayField, DayInput
from projects.models import Engineer
from reviews.models import Datapoint, Review, Statement, Turn

CHOICE = Select(attrs={"class": "form-select"})
DAY = DayInput(attrs={"class": "form-control"})
SNIPPETS = 3  # shown of each review that was found by its words


def for_history(user) -> QuerySet[Review]:
    """Reviews that were held in programs that `user` may see, newest first, with how much was said."""
    held = Review.objects.filter(program__in=programs_of(user), state=Review.State.CLOSED)
    said = Q(datapoints__superseded_by__isnull=True, datapoints__withdrawn=False)
    return held.select_related("program", "team", "led_by").annotate(entries=Count("datapoints", filter=said))


def said_with(word: str) -> Q:
    """Datapoints of which one word is found: in memo, blocker, goal or the name of who said it."""
    return (
        Q(memo__icontains=word)
        | Q(blocker__icontains=word)
        | Q(factor__name__icontains=word)
        | Q(goal__name__icontains=word)
        | Q(engineer__name__icontains=word)
    )


class DayFilter(filters.DateFilter):
    field_class = DayField


class ReviewFilter(filters.FilterSet):
    search = filters.CharFilter(label=_("Search memos, blockers, goals and names"), method="by_words")
    program = filters.ChoiceFilter(label=_("Program"), empty_label=_("Any program"), widget=CHOICE)
    person = filters.ChoiceFilter(
        label=_("Who said it"), method="by_person", empty_label=_("Said by anyone"), widget=CHOICE
    )
    since = DayFilter(label=_("From"), field_name="closed_at", lookup_expr="date__gte", widget=DAY)
    until = DayFilter(label=_("Until"), field_name="closed_at", lookup_expr="date__lte", widget=DAY)

    class Meta:
        model = Review
        fields = ()

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        mine = programs_of(user)
        heard = Turn.objects.filter(review__program__in=mine).values("engineer")
        self.filters["program"].extra["choices"] = list(mine.order_by("name").values_list("pk", "name"))
        self.filters["person"].extra["choices"] = list(Engineer.objects.filter(pk__in=heard).values_list("pk", "name"))

    def by_words(self, queryset, _name, words):
        """Every word is found somewhere in a review: in one datapoint, in a statement, its notes or its program."""
        for word in words[:LONGEST_SEARCH].split():
            points = Datapoint.objects.filter(said_with(word), review=OuterRef("pk"))
            said = Statement.objects.filter(turn__review=OuterRef("pk"), text__icontains=word)
            queryset = queryset.filter(
                Q(program__name__icontains=word) | Q(notes__icontains=word) | Exists(points) | Exists(said)
            )
        return queryset

    def by_person(self, queryset, _name, engineer):
        heard = Turn.objects.filter(review=OuterRef("pk"), engineer=engineer, state=Turn.State.HEARD)
        return queryset.filter(Exists(heard))


class ReviewTable(tables.Table):
    row_template = "reviews/_review_row.html"
    empty_template = "reviews/_history_empty.html"

    program = tables.Column(_("Program"), order_by=("program__name", "-closed_at"))
    when = tables.Column(_("When"), order_by=("closed_at", "pk"), empty_values=())
    led_by = tables.Column(_("Led by"), orderable=False, empty_values=())
    entries = tables.Column(_("Datapoints"), attrs={"th": {"class": "num"}})
    found = tables.Column(_("What was said"), orderable=False, empty_values=())

    class Meta:
        model = Review
        fields = ()
        sequence = ("program", "when", "led_by", "entries", "found")
        order_by = "-when"


def snippets(reviews: list[Review], words: str, person: str) -> dict[int, list[Datapoint]]:
    """{review id: a few datapoints that were searched for}, of the reviews of one page; one query."""
    points = Datapoint.objects.in_force().filter(review__in=reviews).select_related("goal", "engineer")
    if person:
        points = points.filter(engineer=person)
    asked = Q()
    for word in words[:LONGEST_SEARCH].split():
        asked |= said_with(word)
    found: dict[int, list[Datapoint]] = {}
    for point in points.filter(asked).order_by("review", "recorded_at", "pk"):
        kept = found.setdefault(point.review_id or 0, [])
        if len(kept) < SNIPPETS:
            kept.append(point)
    return found
