"""What the pages of programs draw, as values for `projects.charts`."""

import datetime as dt
import math
from typing import Any

from projects.charts import finish_distribution
from projects.models import Program, Ranking
from projects.templatetags.look import chart_words

MOST_NEVER = 0.9  # where hardly any dot has a date, the words beside it say all there is


def program_finish(program: Program, ranking: Ranking | None, today: dt.date) -> dict[str, Any] | None:
    """When the program is finished, as twenty dots; None where it is unknown, done, or hardly ever finished."""
    if ranking is None or not ranking.known or (ranking.p_never or 0) > MOST_NEVER:
        return None
    if not any(days is None or days > 0 for days in ranking.finish_days):
        return None
    return finish_distribution(
        title=program.name,
        finish=[
            None if days is None else ranking.as_of + dt.timedelta(days=math.ceil(days)) for days in ranking.finish_days
        ],
        today=today,
        deadline=program.deadline,
        last_acceptable=program.last_acceptable,
        p_deadline=ranking.p_deadline,
        p_never=ranking.p_never,
        words=chart_words(),
    )
