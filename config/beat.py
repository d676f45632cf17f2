"""Celery's beat, for a clock that is set back: what it asked for "tomorrow" would otherwise silence it until then."""

import logging
from datetime import timedelta

from celery.beat import PersistentScheduler

log = logging.getLogger(__name__)
JITTER = timedelta(seconds=5)  # of a clock that is kept right, step by step


class Scheduler(PersistentScheduler):
    """Jobs last asked for in what is the future now count as asked for just now."""

    def tick(self, *args, **kwargs):
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at > entry.default_now() + JITTER]
        if ahead:
            log.warning("The clock was set back: %d jobs are due from now on.", len(ahead))
            for entry in ahead:
                entry.last_run_at = entry.default_now()
            self._heap = None  # filled again with what is due when
        return super().tick(*args, **kwargs)
