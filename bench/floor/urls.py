"""The product, and beside it the floor that it is measured against."""

from django.urls import include, path

from bench.floor import views

urlpatterns = [
    path("floor/list/", views.fifty_rows),
    path("floor/insert/", views.bare_insert),
    path("floor/plain/<int:pk>/", views.plain_form),
    path("floor/log/<int:pk>/", views.log_without_engines),
    path("", include("config.urls")),
]
