"""Addresses that the environment names: they may hold passwords and tokens, and nobody's secret is repeated.

Belongs here: taking an address out of what is said about it. Where it is used stands in ``automation`` and
``instance``.
"""

import re
from urllib.parse import unquote, urlsplit, urlunsplit

# What parts an address into what may be quoted alone; a password may hold any of these, unescaped by mistake.
BETWEEN = re.compile(r"[\s:/@?&=#;,+]+")
OMITTED = "…"


def without(address: str, said: str) -> str:
    """Return a text without any part of an address in it, whichever part may be a secret; escaped or not."""
    written = {address, unquote(address)}
    parts = written | {part for form in written for part in BETWEEN.split(form)}
    parts |= {unquote(part) for part in parts}
    longest_first = sorted((part for part in parts if part), key=len, reverse=True)
    return re.sub("|".join(rf"(?<!\w){re.escape(part)}(?!\w)" for part in longest_first), OMITTED, said)


def without_user(address: str) -> str:
    """Return an address that is to be shown, without the user, the password and the token that it may name."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
