"""Every address of the product."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from config.api.door import api

# One door: the account pages, which slow guessing down.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("projects.urls")),
    path("", include("reviews.urls")),
    path("api/", api, name="api"),
    path("api/<path:rest>", api, name="api"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/two-factor/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "config.outage.server_error"
