"""What follows an import, outside its transaction: the forecasts, and the rankings of the weeks that it tells of."""

from projects.models import Program
from projects.time import today_in
from reviews.services.forecasting import behind, refit_program
from reviews.services.imports.plan import Imported
from reviews.services.past_rankings import fill_history
from reviews.services.scores import judge_program


def forecast_after(program: Program, did: Imported) -> bool:
    """Forecast and rank again what an import changed, or what one that was cut off left without a forecast."""
    if did.nothing and not behind().filter(pk=program.pk).exists():
        return False
    fill_history(program, today_in(program.zone))
    refit_program(program)
    judge_program(program)
    return True
