"""The errors that a user can do something about."""


class ScaleError(Exception):
    """What was done, what was expected, what came, and the remedy.

    `code` names the kind, for programs: `DATA`, `MODEL`, `CHECKPOINT`, `PACKAGE`, `OPTION`,
    `WORKER` or `SPACE`. The process exits with 1, and a launcher does not start it again.
    """

    def __init__(self, code: str, message: str) -> None:
        # Both as arguments: exceptions cross the processes of Ray by pickle, which passes them on.
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


def missing_package(name: str, extra: str) -> ScaleError:
    """The error of an engine that is not installed."""
    return ScaleError("PACKAGE", f"The package {name} is not installed. Run: pip install './scale[{extra}]'")
