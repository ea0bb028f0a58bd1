"""Telling somebody that a run failed, by mail or on the web; whatever becomes of that, the run goes on."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pxanalysis.errors import DeliveryError

__all__ = ["Notice", "check_address", "notify"]

PASSWORD = "PXANALYSIS_SMTP_PASSWORD"
"""Environment: password of the mail server, which should not stand in a list of processes."""

_SECONDS = 20.0
_FORM = "https://host/path, smtp://host:25/?to=a@b.nl&from=c@d.nl or smtps://user@host/?to=..."


class Notice:
    """What is told of a run that failed: no answers, no names, no reasons that a notebook gave.

    Parameters
    ----------
    title
        Of the study.
    exit_code
        Of the run.
    message
        What went wrong with the run as a whole.
    failed
        Practices whose report could not be made.
    where
        File that tells more.
    """

    def __init__(self, title: str, exit_code: int, message: str, failed: Sequence[str], where: str) -> None:
        self.facts: dict[str, Any] = {
            "event": "run-failed",
            "study": title,
            "exit_code": exit_code,
            "message": message[:500],
            "failed_reports": len(failed),
            "practices": list(failed[:20]),
            "more": where,
        }

    @property
    def subject(self) -> str:
        """One line."""
        return " ".join(f"pxanalysis: {self.facts['study']}: run failed (exit code {self.facts['exit_code']})".split())

    @property
    def body(self) -> str:
        """Text of the mail."""
        lines = [self.subject, "", self.facts["message"]]
        if self.facts["failed_reports"]:
            shown = ", ".join(self.facts["practices"])
            lines.append(f"{self.facts['failed_reports']} reports could not be made: {shown}")
        return "\n".join([*lines, "", f"More: {self.facts['more']}", ""])


def check_address(address: str) -> SplitResult:
    """Refuse an address that nothing can be told to, before anything is done.

    Raises
    ------
    DeliveryError
        When it is neither of a page nor of a mail server with a reader.
    """
    found = urlsplit(address)
    known = found.scheme in {"http", "https", "smtp", "smtps"} and bool(found.hostname)
    if not known or (found.scheme.startswith("smtp") and not parse_qs(found.query).get("to")):
        raise DeliveryError(f"--notify: expected {_FORM}; found '{found.scheme}://{found.hostname or ''}'.")
    return found


def notify(addresses: Sequence[str], notice: Notice, *, seconds: float | None = None) -> list[str]:
    """Tell all addresses at once, and return what went wrong; nothing is raised, and nothing is waited for longer.

    Parameters
    ----------
    seconds
        Longest time, whatever the other side does: one that sends a byte a minute is not waited for either. Left out:
        20, or what the environment's ``PXANALYSIS_NOTIFY_SECONDS`` says.
    """
    longest = float(os.environ.get("PXANALYSIS_NOTIFY_SECONDS", _SECONDS)) if seconds is None else seconds
    late = f"no answer within {longest:g} seconds"
    problems: dict[str, str] = dict.fromkeys(addresses, late)

    def tell(address: str) -> None:
        try:
            found = check_address(address)
            send = _post if found.scheme.startswith("http") else _mail
            send(address, notice, longest)
            problems[address] = ""
        except TimeoutError:  # the socket noticed it before the clock below did
            problems[address] = late
        except Exception as error:
            problems[address] = f"{error}" or type(error).__name__

    threads = [threading.Thread(target=tell, args=(one,), daemon=True) for one in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(longest)
    return [f"{_show(one)}: {why}" for one, why in problems.copy().items() if why]


def _show(address: str) -> str:
    """Where it went, without what may be secret: addresses of hooks on the web often are."""
    found = urlsplit(address)
    return f"{found.scheme}://{found.hostname}"


def _post(address: str, notice: Notice, seconds: float) -> None:
    from urllib.request import Request, urlopen

    data = json.dumps({"text": notice.body, **notice.facts}, ensure_ascii=False).encode()
    request = Request(address, data=data, headers={"Content-Type": "application/json; charset=utf-8"})
    with urlopen(request, timeout=seconds):
        pass


def _mail(address: str, notice: Notice, seconds: float) -> None:
    import smtplib
    import ssl

    found = urlsplit(address)
    asked = parse_qs(found.query)
    message = EmailMessage()
    message["Subject"], message["To"] = notice.subject, ", ".join(asked["to"])
    message["From"] = asked.get("from", asked["to"])[0]
    message.set_content(notice.body)
    host, safe = found.hostname or "", ssl.create_default_context()
    made: smtplib.SMTP
    if found.scheme == "smtps":
        made = smtplib.SMTP_SSL(host, found.port or 465, timeout=seconds, context=safe)
    else:
        made = smtplib.SMTP(host, found.port or 25, timeout=seconds)
    with made as server:
        server.ehlo()
        if found.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=safe)
            server.ehlo()
        elif found.scheme == "smtp" and found.username:
            raise DeliveryError("the mail server offers no encryption, so that the password is not sent. Use smtps://.")
        if found.username:
            server.login(unquote(found.username), os.environ.get(PASSWORD, ""))
        server.send_message(message)
