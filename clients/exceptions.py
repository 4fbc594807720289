"""What clients refuses, said so that a screen can explain it."""


class MergeRefused(Exception):
    """Two files cannot become one as they are: `code` says why, `args_of_code` about what (R43)."""

    def __init__(self, code, **args):
        self.code, self.args_of_code = code, args
        super().__init__(code)


class ChangedMeanwhile(Exception):
    """Somebody changed this after the page was made: {field: what holds now} of what would be taken back (R40)."""

    def __init__(self, fields):
        self.fields = fields
        super().__init__(", ".join(sorted(fields)))
