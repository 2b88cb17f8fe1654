"""`egate completion SHELL`: the script on standard output, for packages and dotfiles."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Shell(StrEnum):
    """The shells that typer can complete in."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


def command(
    shell: Annotated[Shell, typer.Argument(help="The shell to write for.")],
) -> None:
    """Print the completion script of a shell: `eval "$(./egate completion bash)"`."""
    from typer._completion_shared import get_completion_script

    print(
        get_completion_script(prog_name="egate", complete_var="_EGATE_COMPLETE", shell=shell.value)
    )
