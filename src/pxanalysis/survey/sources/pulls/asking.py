"""Asking a server: how long is waited, and what went wrong in words that say what to do, without any secret."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.pulls.record import Pulled, PullSource

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

__all__ = [
    "TIMEOUT",
    "LetInError",
    "RefusedError",
    "check_answer",
    "explain_half",
    "explain_refusal",
    "explaining",
    "make_patient",
]

Fetch = Callable[[PullSource, Path], Pulled]
"""Writes the answers of a survey to a file."""

TIMEOUT = (10.0, 300.0)
"""Seconds to connect, and between two parts of an answer."""
_REFUSED = (401, 403)
_TOOLS = {"limesurvey": "LimeSurvey", "redcap": "REDCap", "odk": "ODK Central"}
_RENEW = {
    "limesurvey": "see whether the account and its password are right and may export this survey, and set them anew in "
    "the environment",
    "redcap": "request or regenerate the API token in REDCap (project, API), with the right to export, and set it anew "
    "in the environment",
    "odk": "see whether the account and its password are right and may read this project, and set them anew in the "
    "environment",
}


class LetInError(Exception):
    """The server does not let in who asks: a password or token that is wrong, expired or withdrawn."""


class RefusedError(Exception):
    """The server understands who asks, and says no to what is asked."""


def make_patient(session: Session, schemes: tuple[str, ...] = ("https://", "http://")) -> Session:
    """Let a session wait, but not for ever, and never follow to another address, which would get the secret."""
    from requests.adapters import HTTPAdapter  # only where a study pulls

    class Waiting(HTTPAdapter):
        def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
            options["timeout"] = options.get("timeout") or TIMEOUT
            return super().send(request, *args, **options)

    for scheme in schemes:
        session.mount(scheme, Waiting())
    session.max_redirects = 0
    return session


def check_answer(response: Response, *_: Any, **__: Any) -> None:
    """Refuse an answer that is an error, before a library takes its page for answers.

    Raises
    ------
    LetInError, RefusedError, requests.RequestException
    """
    from requests.exceptions import TooManyRedirects

    if response.status_code in _REFUSED:
        raise LetInError(response.text)
    if response.is_redirect:
        raise TooManyRedirects(f"it sends on to {response.headers['location']:.120}")
    if 400 <= response.status_code < 500:
        raise RefusedError(f"{response.status_code} {response.reason}: {response.text}")
    response.raise_for_status()


def explaining(package: str) -> Callable[[Fetch], Fetch]:
    """Turn what a library or the network raises while answers are fetched into one message.

    Parameters
    ----------
    package
        What is imported for this kind.

    Returns
    -------
    Decorator of a function that fetches; the one it makes raises ``SourceError`` only, without the secret.
    """

    def decorate(fetch: Fetch) -> Fetch:
        @wraps(fetch)
        def explained(source: PullSource, target: Path) -> Pulled:
            from requests.exceptions import RequestException  # with the network, only where a study pulls

            _hush(package)
            try:
                return fetch(source, target)
            except ModuleNotFoundError as error:
                raise SourceError(
                    f"[pull.{source.name}]: needs {error.name}. Install it: pip install 'pxanalysis[pull]'."
                ) from error
            except LetInError as error:
                raise _explain_shut(source, error) from None
            except RefusedError as error:
                raise explain_refusal(source, error) from None
            except RequestException as error:
                raise _explain_away(source, error) from None
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                said = f"its answer is not understood ({type(error).__name__}: {error})"
                raise explain_refusal(source, said) from error

        return explained

    return decorate


def _explain_shut(source: PullSource, said: object) -> SourceError:
    return SourceError(
        f"[pull.{source.name}]: {_TOOLS[source.kind]} at {source.url} does not let us in: {_plain(source, said)}. The "
        f"password or token is wrong, has expired or was withdrawn: {_RENEW[source.kind]}. What was pulled before is "
        "kept."
    )


def _explain_away(source: PullSource, said: object) -> SourceError:
    return SourceError(
        f"[pull.{source.name}]: {_TOOLS[source.kind]} at {source.url} could not be reached, or went away before all "
        f"answers had come: {_plain(source, said)}. What was pulled before is kept; run again when the server answers, "
        "or correct url in study.toml."
    )


def explain_refusal(source: PullSource, said: object) -> SourceError:
    """What is raised when the tool itself says no."""
    return SourceError(
        f"[pull.{source.name}]: {_TOOLS[source.kind]} at {source.url} refused: {_plain(source, said)}. What was pulled "
        "before is kept. Correct this section of study.toml, or what the account may do."
    )


def explain_half(source: PullSource, came: int, wanted: int) -> SourceError:
    """What is raised when not every answer came."""
    return SourceError(
        f"[pull.{source.name}]: {came} of {wanted} responses came, so none of this pull is used; what was pulled "
        "before is kept. Run again; if it stays so, ask for fewer at a time (at_a_time)."
    )


def _plain(source: PullSource, said: object) -> str:
    """What a server said, in one line, without the secret and not too long."""
    text = " ".join(str(said).split())
    for secret in (source.secret, source.user):
        if len(secret) > 3:
            text = text.replace(secret, "***")
    return f"{text:.240}".rstrip(".")


def _hush(package: str) -> None:
    """Keep a library's own log off the screen: it has tracebacks where we have a message."""
    log = logging.getLogger(package)
    if not log.handlers:
        log.addHandler(logging.NullHandler())
