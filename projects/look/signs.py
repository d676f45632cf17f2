"""Icons, verdicts and the shapes of points: a colour or a shape never carries a meaning that no word carries."""

from collections.abc import Mapping

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# Worst first: the order in which counts are read.
VERDICTS = {
    "diverging": (_("Diverging"), _("the gap to the target is growing")),
    "stalled": (_("Stalled"), _("no real progress is expected in the coming weeks")),
    "slow": (_("Slow"), _("getting there, but the deadline is unlikely")),
    "converging": (_("Converging"), _("on the way to the target")),
    "done": (_("Done"), _("the target is met")),
    "unknown": (_("Unknown"), _("too little is known to say")),
}


def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite: decoration unless it has a `label`. `size` is "", "sm" or "lg"."""
    classes = f"icon icon-{size}" if size else "icon"
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


def verdict(value: str | None) -> SafeString:
    """Shape, word and, on hover, what the word means. One element: boards have hundreds of them."""
    key = value if value in VERDICTS else "unknown"
    word, meaning = VERDICTS[key]
    return format_html('<span class="verdict verdict-{}" title="{}">{}</span>', key, meaning, word)


def verdict_counts(counts: Mapping[str, int] | None) -> SafeString:
    """How many teams (or goals) have each verdict, worst first: shapes with numbers; the words are in the label."""
    present = [(key, VERDICTS[key][0], (counts or {}).get(key, 0)) for key in VERDICTS]
    present = [(key, word, count) for key, word, count in present if count]
    if not present:
        return format_html('<span class="muted">{}</span>', gettext("none yet"))
    words = ", ".join(f"{count} {str(word).lower()}" for _key, word, count in present)
    marks = format_html_join(
        "",
        '<span class="vc vc-{}" data-word="{}">{}</span>',
        ((key, str(word).lower(), count) for key, word, count in present),
    )
    return format_html('<span class="vcounts" role="img" aria-label="{}" title="{}">{}</span>', words, words, marks)


def verdict_legend() -> SafeString:
    """What the shapes mean, once under a table that shows them as counts."""
    items = format_html_join("", "<li>{}</li>", ((verdict(key),) for key in VERDICTS))
    return format_html('<ul class="legend-verdicts" aria-label="{}">{}</ul>', gettext("What the shapes mean"), items)


POINT_SHAPES = {  # as projects/charts draws the source of a point, in a box of 12
    "doer": "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8Z",
    "lead": "M2.5 2.5h7v7h-7Z",
    "manager": "M6 2l4.500 7.800h-9Z",
    "relayed": "M6 1.200l3.600 4.800l-3.600 4.800l-3.600-4.800Z",
    "unknown": "M4.500 1.500h3v3h3v3h-3v3h-3v-3h-3v-3h3Z",
}


def point_shape(level: str) -> SafeString:
    """The shape in which a chart draws what was said at a level; the word stands beside it."""
    shape = POINT_SHAPES.get(level, POINT_SHAPES["unknown"])
    return format_html(
        '<svg class="point-shape" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><path d="{}"/></svg>',
        shape,
    )
