"""The words of reviews: what was said in the room, and what the curve says of it."""

from reviews.models.archives import ArchiveImport, KeptName
from reviews.models.attention import AttentionEntry, AttentionLine, AttentionPlan
from reviews.models.audit import Finding
from reviews.models.cadences import Cadence, CalendarFeed, SlotChange
from reviews.models.comments import Comment
from reviews.models.datapoints import Datapoint
from reviews.models.digests import Delivery, Hook, Subscription, Watch
from reviews.models.effects import InterventionEffect
from reviews.models.forecasts import Forecast
from reviews.models.jobs import Heartbeat, JobRun
from reviews.models.nights import Night, NightPart
from reviews.models.reviews import Review, Spell, Turn
from reviews.models.scores import ForecastScore, StatedDate
from reviews.models.statements import Statement
from reviews.models.uploads import Upload, UploadPiece

__all__ = [
    "ArchiveImport",
    "AttentionEntry",
    "AttentionLine",
    "AttentionPlan",
    "Cadence",
    "CalendarFeed",
    "Comment",
    "Datapoint",
    "Delivery",
    "Finding",
    "Forecast",
    "ForecastScore",
    "Heartbeat",
    "Hook",
    "InterventionEffect",
    "JobRun",
    "KeptName",
    "Night",
    "NightPart",
    "Review",
    "SlotChange",
    "Spell",
    "StatedDate",
    "Statement",
    "Subscription",
    "Turn",
    "Upload",
    "UploadPiece",
    "Watch",
]
