"""The API: `door` takes every address under /api/, `urls` joins what projects and reviews answer, `auth` says who asks.

Nothing but the door is loaded before the first request: django-ninja and pydantic take 10 MB of each web process.
"""
