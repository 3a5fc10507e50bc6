"""A TOML file, read once; what is wrong with it, or with a value in it, in one sentence."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from scenarios.errors import UsageError

SHOWN_LETTERS = 60


def read_toml(path: Path, missing: str = "no such file") -> dict[str, Any]:
    """Raises UsageError that names the file; `missing`: what to say where there is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: {missing}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from None


def key_sentence(error: ErrorDetails, table: str, key: object, expected: str = "") -> str:
    """What is wrong with a key of a table; `expected`: what an unknown one might have been."""
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"{table}: unknown key '{key}'{expected}"
    if error["type"] in ("missing", "missing_argument"):
        return f"{table}: key '{key}' is missing; it must be given"
    message, given = error["msg"], repr(error["input"])
    shown = given if len(given) <= SHOWN_LETTERS else given[: SHOWN_LETTERS - 3] + "..."
    return f"{table}: key '{key}': {message[0].lower()}{message[1:]}, got {shown}"
