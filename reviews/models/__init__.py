"""The words of reviews: what was said in the room, and what the curve says of it."""

from reviews.models.archives import ArchiveImport, KeptName
from reviews.models.datapoints import Datapoint
from reviews.models.forecasts import Forecast
from reviews.models.reviews import Review, Spell, Turn
from reviews.models.statements import Statement

__all__ = ["ArchiveImport", "Datapoint", "Forecast", "KeptName", "Review", "Spell", "Statement", "Turn"]
