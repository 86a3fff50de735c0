"""The one exception that is told to the user as a single line instead of a traceback."""


class UserError(Exception):
    """A mistake that the user can mend: the message names the thing and the remedy in one line."""
