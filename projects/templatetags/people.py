"""How people and their browsers are called."""

from django import template
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

register = template.Library()

# The first that is found: each of the earlier ones also claims to be the later ones.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(user_agent: str) -> str:
    """ "Firefox on Linux", as far as the browser says."""
    name = next((name for sign, name in BROWSERS if sign + "/" in user_agent), None)
    system = next((name for sign, name in SYSTEMS if sign in user_agent), None)
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or _("Unknown browser")


@register.filter
def person(user: User) -> str:
    """The full name with the user name, or the user name alone."""
    full = user.get_full_name()
    return f"{full} ({user.get_username()})" if full else user.get_username()
