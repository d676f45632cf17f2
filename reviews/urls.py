"""Addresses of reviews."""

from django.urls import path

from reviews.views import (
    archives,
    calibration,
    datapoints,
    goals,
    live,
    mine,
    multiples,
    sessions,
    weeks_off,
    what_if,
)

urlpatterns = [
    path("reviews/", sessions.reviews, name="reviews"),
    path("programs/<slug:slug>/reviews/start/", sessions.review_start, name="review_start"),
    path("reviews/<int:pk>/", sessions.review, name="review"),
    path("reviews/<int:pk>/log/", live.review_log, name="review_log"),
    path("reviews/<int:pk>/say/", live.review_say, name="review_say"),
    path("reviews/<int:pk>/undo/", live.review_undo, name="review_undo"),
    path("reviews/<int:pk>/spell/", live.review_spell, name="review_spell"),
    path("reviews/<int:pk>/changes/", live.review_changes, name="review_changes"),
    path("reviews/signed-in/", live.signed_in, name="signed_in"),
    path("reviews/<int:pk>/close/", sessions.review_close, name="review_close"),
    path("reviews/<int:pk>/turns/<int:turn>/absent/", sessions.turn_absent, name="turn_absent"),
    path("teams/<int:pk>/goals/new/", goals.goal_create, name="goal_create"),
    path("goals/<int:pk>/", goals.goal, name="goal"),
    path("goals/<int:pk>/edit/", goals.goal_edit, name="goal_edit"),
    path("goals/<int:pk>/revise/", goals.goal_revise, name="goal_revise"),
    path("goals/<int:pk>/archive/", goals.goal_archive, name="goal_archive"),
    path("goals/<int:pk>/restore/", goals.goal_restore, name="goal_restore"),
    path("goals/<int:pk>/log/", goals.goal_log, name="goal_log"),
    path("datapoints/<int:pk>/correct/", datapoints.datapoint_correct, name="datapoint_correct"),
    path("datapoints/<int:pk>/withdraw/", datapoints.datapoint_withdraw, name="datapoint_withdraw"),
    path("teams/<int:pk>/multiples/", multiples.team_multiples, name="team_multiples"),
    path("teams/<int:pk>/weeks-off/", weeks_off.weeks_off_create, name="weeks_off_create"),
    path("weeks-off/<int:pk>/remove/", weeks_off.weeks_off_remove, name="weeks_off_remove"),
    path("programs/<slug:slug>/what-if/", what_if.what_if, name="what_if"),
    path("mine/", mine.mine, name="mine"),
    path("programs/<slug:slug>/export/", archives.program_export, name="program_export"),
    path("program-archives/new/", archives.program_from_archive, name="program_from_archive"),
    path("calibration/", calibration.calibration, name="calibration"),
]
