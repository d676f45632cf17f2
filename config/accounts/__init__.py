"""How people get in: what of django-allauth is ours. `settings.py` names the classes."""
