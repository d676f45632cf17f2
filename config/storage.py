"""How static files are stored for production."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Names with a hash of the content, also in the imports of our own modules: no page mixes two versions of them.

    Django's own switch, `support_js_module_import_aggregation`, reads every script of every package and trips over an
    example in a comment of django-htmx.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (
            "live/*.js",
            (
                (
                    r"""(?P<matched>import (?P<names>\{[^}]*\}) from '(?P<url>\./[\w-]+\.js)';)""",
                    "import %(names)s from '%(url)s';",
                ),
            ),
        ),
    )
