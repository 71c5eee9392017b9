"""The `footnoted` program: its commands in order, and what each failure makes the process do.

Exit codes: 0 done; 1 a gate or invariant failed; 2 usage; 3 refused; 4 bad input; 5 corpus or
index broken; 6 locked, read-only or disk full; 7 network; 70 internal error; 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.exceptions import Abort, TyperException

from footnoted import errors
from footnoted.cli import (
    asking,
    auditing,
    benching,
    connecting,
    corpora,
    evaluating,
    exporting,
    ingesting,
    keys,
    notes,
    serving,
)
from footnoted.cli.render import print_json, printable

app = typer.Typer(
    name="footnoted",
    help="Cited answers about one article and everything it cites.",
    epilog="Start with: footnoted ask 'Who leads the group?'",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    *(ingesting, asking, auditing, exporting, corpora, serving, connecting, keys, notes),
    *(evaluating, benching),
):
    module.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program with these arguments (else the process's own) and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know no Arabic
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(given))


def run(arguments: Sequence[str]) -> int:  # noqa: PLR0911 - one way out for each outcome
    """Run one command and return its exit code."""
    try:
        with errors.storage_errors("a temporary file"):
            result = app(args=list(arguments), prog_name="footnoted", standalone_mode=False)
            sys.stdout.flush()
    except errors.FootnotedError as error:
        _report(errors.problem(error), as_json="--json" in arguments)
        return error.exit_code
    except TyperException as error:
        return _usage(error, as_json="--json" in arguments)
    except (Abort, KeyboardInterrupt):
        return _interrupted()
    except BrokenPipeError:
        return _unread()
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # typer's answer to one
            return _unread()
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback reaches a user
        return _internal(error, as_json="--json" in arguments)
    if result == errors.EXIT_INTERRUPTED:  # typer's answer to Ctrl+C
        return _interrupted()
    return result if isinstance(result, int) else errors.EXIT_DONE


def _interrupted() -> int:
    sys.stderr.write("\nInterrupted. What was finished is kept.\n")
    return errors.EXIT_INTERRUPTED


def _unread() -> int:
    """The reader of our output has gone (`footnoted … | head`): nothing is wrong with us."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return errors.EXIT_DONE


def _usage(error: TyperException, *, as_json: bool) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":  # typer keeps the class itself private
        sys.stderr.write(f"{error.format_message()}\n")
        return errors.EXIT_USAGE
    usage = errors.UsageError(
        error.format_message(),
        hint="`footnoted --help` lists the commands, `footnoted COMMAND --help` one's options.",
    )
    _report(errors.problem(usage), as_json=as_json)
    return errors.EXIT_USAGE


def _report(problem: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(problem)
    lines = [f"footnoted: {problem['detail']}"]
    if hint := problem.get("hint"):
        lines.append(f"  → {hint}")
    sys.stderr.write("\n".join(printable(line) for line in lines) + "\n")


def _internal(error: Exception, *, as_json: bool) -> int:
    if os.environ.get("FOOTNOTED_DEBUG"):
        traceback.print_exc()
    internal = errors.FootnotedError(
        f"This is a fault in Footnoted: {type(error).__name__}: {error}",
        hint="Run the same command with FOOTNOTED_DEBUG=1 and report what it prints.",
    )
    _report(errors.problem(internal), as_json=as_json)
    return errors.EXIT_INTERNAL
