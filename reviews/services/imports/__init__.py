"""Bringing a checked file into a program, and taking it out again."""

from reviews.services.imports.after import forecast_after
from reviews.services.imports.apply import Changed, apply_file
from reviews.services.imports.plan import Imported, Plan, make_plan
from reviews.services.imports.undo import Undone, undo_import

__all__ = ["Changed", "Imported", "Plan", "Undone", "apply_file", "forecast_after", "make_plan", "undo_import"]
