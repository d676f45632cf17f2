"""Addresses of projects."""

from django.urls import path

from projects.views import accounts, board, factors, limits, programs, teams

urlpatterns = [
    path("", board.board, name="board"),
    path("programs/new/", programs.program_create, name="program_create"),
    path("programs/archive/", programs.archive, name="archive"),
    path("programs/<slug:slug>/", programs.program, name="program"),
    path("programs/<slug:slug>/edit/", programs.program_edit, name="program_edit"),
    path("programs/<slug:slug>/archive/", programs.program_archive, name="program_archive"),
    path("programs/<slug:slug>/restore/", programs.program_restore, name="program_restore"),
    path("programs/<slug:slug>/history/", programs.history, name="history"),
    path("programs/<slug:slug>/members/", programs.members, name="members"),
    path("programs/<slug:slug>/members/<int:pk>/remove/", programs.member_remove, name="member_remove"),
    path("programs/<slug:slug>/limit/", limits.limit_declare, name="limit_declare"),
    path("programs/<slug:slug>/limit/accept/", limits.limit_accept, name="limit_accept"),
    path("programs/<slug:slug>/limit/confirm/", limits.limit_confirm, name="limit_confirm"),
    path("programs/<slug:slug>/teams/new/", teams.team_create, name="team_create"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/edit/", teams.team_edit, name="team_edit"),
    path("teams/<int:pk>/archive/", teams.team_archive, name="team_archive"),
    path("teams/<int:pk>/restore/", teams.team_restore, name="team_restore"),
    path("teams/<int:pk>/engineers/", teams.seat_create, name="seat_create"),
    path("teams/<int:pk>/roster/", teams.roster_copy, name="roster_copy"),
    path("seats/<int:pk>/end/", teams.seat_end, name="seat_end"),
    path("engineers/<int:pk>/edit/", teams.engineer_edit, name="engineer_edit"),
    path("factors/", factors.factors, name="factors"),
    path("factors/<int:pk>/", factors.factor, name="factor"),
    path("factors/<int:pk>/edit/", factors.factor_edit, name="factor_edit"),
    path("goals/<int:pk>/gates/", factors.gate_create, name="gate_create"),
    path("gates/<int:pk>/remove/", factors.gate_remove, name="gate_remove"),
    path("account/", accounts.account, name="account"),
    path("account/sessions/<int:pk>/end/", accounts.session_end, name="session_end"),
    path("people/", accounts.people, name="people"),
    path("people/<int:pk>/deactivate/", accounts.person_deactivate, name="person_deactivate"),
    path("people/<int:pk>/reactivate/", accounts.person_reactivate, name="person_reactivate"),
]
