from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import finite, holds, meant
from projects.models.factors import Factor
from projects.models.goals import Goal
from projects.models.programs import Program


class Supply(models.Model):
    """How much of a factor a throughput program gets, and how much of it a unit of output takes (L12).

    The factor allows capacity / need of output; past `beyond` only, where it limits at scale alone. What it has is
    stated (`Capacity`), or comes from the datapoints of `goal`.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="supplies")
    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, related_name="supplies")
    unit = models.CharField(_("unit of capacity"), max_length=60, help_text=_("launches a year, million chips a year…"))
    need_low = models.FloatField(_("need, from"), help_text=_("Units of capacity that one unit of output takes."))
    need_high = models.FloatField(_("need, to"))
    beyond = models.FloatField(
        _("only past an output of"),
        default=0,
        help_text=_("Up to this output none of it is needed. 0: from the start."),
    )
    growth_low = models.FloatField(
        _("growth a year, from"), null=True, blank=True, help_text=_("In %, after the last stated capacity.")
    )
    growth_high = models.FloatField(_("growth a year, to"), null=True, blank=True)
    growth_assumed = models.BooleanField(
        _("the growth is an assumption"), default=False, help_text=_("No source states it: shown as such.")
    )
    goal = models.ForeignKey(
        Goal,
        verbose_name=_("capacity measured by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("A goal whose datapoints are this capacity; used where none is stated."),
    )
    memo = models.TextField(_("memo"), help_text=_("Where the need comes from."))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["factor__name"]
        verbose_name_plural = _("supplies")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "factor"],
                name="supply_once",
                violation_error_message=_("This factor is a supply of the program already."),
            ),
            holds(
                Q(need_low__gt=0, need_high__gte=F("need_low")) & finite("need_high"),
                "supply_need_in_order",
                _("The need runs from low to high, above 0."),
            ),
            holds(Q(beyond__gte=0) & finite("beyond"), "supply_beyond_finite", _("Not an output.")),
            holds(
                Q(growth_low__isnull=True, growth_high__isnull=True)
                | Q(growth_low__isnull=False, growth_high__isnull=False)
                & Q(growth_low__gt=-100, growth_high__gte=F("growth_low"), growth_high__lte=100_000),
                "supply_growth_in_order",
                _("Give the growth from low to high, above −100 % a year, or neither."),
            ),
            holds(meant("unit"), "supply_unit_meant", _("A capacity needs its unit.")),
            holds(meant("memo"), "supply_memo_meant", _("A supply needs a memo.")),
        ]

    def __str__(self):
        return f"{self.factor} ({self.unit})"


class Capacity(models.Model):
    """What is stated of a supply on a day: a range, with its source."""

    supply = models.ForeignKey(Supply, on_delete=models.CASCADE, related_name="capacities")
    on = models.DateField(_("on"))
    low = models.FloatField(_("from"))
    high = models.FloatField(_("to"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        ordering = ["on"]
        verbose_name_plural = _("capacities")
        constraints = [
            models.UniqueConstraint(fields=["supply", "on"], name="capacity_once_a_day"),
            holds(
                Q(low__gte=0, high__gte=F("low")) & finite("high"),
                "capacity_in_order",
                _("A capacity runs from low to high, 0 or more."),
            ),
            holds(meant("source"), "capacity_source_meant", _("A stated capacity needs its source.")),
        ]

    def __str__(self):
        return f"{self.on} {self.low:g}–{self.high:g}"
