"""The `keys` commands: who may ask a server that is not on this machine alone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from footnoted.cli import render
from footnoted.cli.options import JsonOption, add_command, notify
from footnoted.errors import UsageError
from footnoted.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    keys = typer.Typer(
        help="Make, list and remove the keys that a server asks for.", no_args_is_help=True
    )
    add_command(keys, add)
    add_command(keys, list_keys, "list")
    add_command(keys, remove)
    app.add_typer(keys, name="keys")


def add(
    name: Annotated[str, typer.Argument(help="Who will use it: reading-room, ana@example.org.")],
    scope: Annotated[
        str, typer.Option("--scope", metavar="WHAT", help="What it grants: `read` or `admin`.")
    ] = "read",
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once: only its hash is kept.

    A running server takes it at once. `read` gives sources' whole texts, and everything where the
    setting `private` is on; `admin` also starts jobs.

    Example: footnoted keys add reading-room

    Example: footnoted keys add nightly --scope admin
    """
    from footnoted.service.operations.keys import Keys

    if scope not in ("read", "admin"):
        raise UsageError(f"--scope takes read or admin, not {scope!r}.", about="scope")
    settings = load_settings()
    given = Keys(settings.state_dir).add(name, "admin" if scope == "admin" else "read")
    if as_json:
        render.print_json({"name": name, "scope": scope, "key": given})
        return
    sys.stdout.write(f"{given}\n")
    notify("Keep it now: it cannot be shown again. It is sent as `Authorization: Bearer KEY`.")


def list_keys(as_json: JsonOption = False) -> None:
    """List the keys by name, with what each grants and when it was made."""
    from footnoted.service.operations.keys import Keys

    found = Keys(load_settings().state_dir).all()
    if as_json:
        rows = [{"name": k.name, "scope": k.scope, "created": k.created} for k in found]
        render.print_json({"keys": rows})
        return
    render.print_rows(
        render.console(), ("Name", "Scope", "Made"), [(k.name, k.scope, k.created) for k in found]
    )


def remove(name: Annotated[str, typer.Argument(help="The key's name, as listed.")]) -> None:
    """Remove a key; from its next request on, a running server turns it away."""
    from footnoted.service.operations.keys import Keys

    gone = Keys(load_settings().state_dir).remove(name)
    notify(f"Removed the key {gone.name} ({gone.scope}).")
