"""Why a language model gave nothing that can be used. Each message is a sentence for staff."""


class NotAnswered(Exception):
    """There is no answer to work with."""


class TryAgainLater(NotAnswered):
    """It may go well another time: nobody answered, or the service has too much to do."""


class WillNotHelp(NotAnswered):
    """The same question will meet the same end, until somebody changes something."""
