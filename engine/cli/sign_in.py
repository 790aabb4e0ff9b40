"""What `deltadesk serve` needs before it lets other machines in: who may sign in, and a cookie secret."""

from __future__ import annotations

import hmac
import ipaddress
import json
import os
import re
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import ConfigError

COOKIE_SECRET = "PANEL_COOKIE_SECRET"
BASIC_AUTH = "PANEL_BASIC_AUTH"
OAUTH = ("PANEL_OAUTH_PROVIDER", "PANEL_OAUTH_KEY", "PANEL_OAUTH_SECRET")
"""Panel's own names: a secret in the environment is not in the list of processes."""
SECRET_FILE = "cookie-secret"  # a file's name, in DELTADESK_HOME
SHORTEST = 8  # characters of a password


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def authentication(
    home: Path, address: str, password_file: Path | None, oauth: str, named: Sequence[str] = ()
) -> dict[str, str]:
    """Environment for Panel that makes people sign in; empty where nobody has to.

    Raises
    ------
    ConfigError
        if other machines would be let in without anybody signing in, or a file or setting cannot be used
    """
    if password_file is not None and oauth:
        raise ConfigError("people sign in with --password-file or with --oauth: name one of them")
    if password_file is not None:
        _check_passwords(password_file)
        file = str(password_file.resolve())
        return {BASIC_AUTH: file, COOKIE_SECRET: cookie_secret(home, file)}
    if oauth:
        missing = [name for name in OAUTH[1:] if not os.environ.get(name)]
        if missing:
            raise ConfigError(f"--oauth {oauth} needs {' and '.join(missing)} in the environment")
        return {OAUTH[0]: oauth, COOKIE_SECRET: cookie_secret(home, oauth)}
    inherited = [os.environ[name] for name in (BASIC_AUTH, OAUTH[0]) if os.environ.get(name)]
    if inherited:
        return {COOKIE_SECRET: cookie_secret(home, *inherited)}
    beyond = [f"--origin {name}" for name in named if not is_loopback(_host(name))]
    for option in [f"--address {address}"] * (not is_loopback(address)) + beyond:
        raise ConfigError(
            f"{option} lets other machines in, where nobody has to sign in: "
            f"add --password-file FILE or --oauth PROVIDER, or leave {option.split()[0]} out"
        )
    return {}


def _host(name: str) -> str:
    try:
        return urlsplit(f"//{name}").hostname or ""
    except ValueError as error:
        raise ConfigError(f"--origin {name} is no HOST or HOST:PORT") from error


def cookie_secret(home: Path, *way: str) -> str:
    """The secret that signs cookies: of the environment, or made once and kept where only its owner reads.

    Parameters
    ----------
    home : the secret is kept there
    way : how people sign in; a name that another way has proven is none here, so each has a secret of its own

    Raises
    ------
    ConfigError
        if the file cannot be used
    """
    given = os.environ.get(COOKIE_SECRET)
    if given:
        return given
    path = home / SECRET_FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        _check_private(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    secret = path.read_text().strip()
    if len(secret) < SHORTEST:
        raise ConfigError(f"{path} holds no secret: delete it, and the next start makes a new one")
    return hmac.digest(secret.encode(), json.dumps(way).encode(), "sha256").hex()


def origins(address: str, port: int, named: list[str]) -> list[str]:
    """Hosts whose pages may open a websocket here: the address itself, and the names that were given.

    The usual port a browser leaves out, and Bokeh then takes it for 80, of https as well.
    """
    if is_loopback(address):
        hosts = ["localhost", address]
    elif address in ("0.0.0.0", "::"):  # nosec B104
        hosts = ["localhost", socket.gethostname(), socket.getfqdn()]
    else:
        hosts = [address]
    hosts = [f"[{host}]" if ":" in host else host for host in hosts]
    given = [name if ":" in name else f"{name}:{port}" for name in named]
    names = [*(f"{host.lower()}:{port}" for host in hosts), *given]
    return list(dict.fromkeys(re.sub(":443$", ":80", name) for name in names))


def _check_passwords(path: Path) -> None:
    wanted = 'write {"ada": "a long password", …}'
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path} is not there: {wanted}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read as JSON ({error}): {wanted}") from error
    _check_private(path)
    if not isinstance(found, dict) or not found:
        raise ConfigError(f"{path} holds no table of names and passwords: {wanted}")
    for name, password in found.items():
        if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > 80:
            raise ConfigError(f"{path}: {name[:80]!r} cannot be a name: 1 to 80 printable characters")
        if name == "guest":
            raise ConfigError(f"{path}: 'guest' cannot be a name: it stands for whoever did not sign in")
        if not isinstance(password, str) or len(password) < SHORTEST:
            raise ConfigError(f"{path}: the password of {name!r} is shorter than {SHORTEST} characters")


def _check_private(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise ConfigError(f"{path} can be read by others (mode {mode:o}): chmod 600 {path}")
