"""The one exception that is shown to the user as a single line instead of a traceback."""


class UserError(Exception):
    """A mistake that the user can correct; one line that names the thing and the remedy."""
