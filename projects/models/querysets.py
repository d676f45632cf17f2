"""Querysets, named after the screen they feed."""

from django.db import models
from django.db.models import Q


class ProgramQuerySet(models.QuerySet):
    def active(self):
        return self.filter(archived_at__isnull=True)


class TeamQuerySet(models.QuerySet):
    def active(self):
        return self.filter(archived_at__isnull=True, program__archived_at__isnull=True)


class GoalQuerySet(models.QuerySet):
    def active(self):
        return self.filter(
            archived_at__isnull=True, team__archived_at__isnull=True, team__program__archived_at__isnull=True
        )


class SeatQuerySet(models.QuerySet):
    def on(self, day):
        """Seats held on `day`."""
        return self.filter(joined__lte=day).filter(Q(left__isnull=True) | Q(left__gt=day))

    def asked(self, program, team, day):
        """Seats of those whom a review on `day` hears: of a team, or of each of the program's that is not put away."""
        seats = self.on(day).filter(team__program=program, team__archived_at__isnull=True)
        return seats.filter(team=team) if team else seats
