"""Sign-in through an OpenID Connect provider: who somebody is, and which roles they have here.

The provider's own groups or roles are mapped by [console.openid.roles] in the settings; a group
that is not named there opens nothing. Authorization code flow with PKCE, state and nonce (OpenID
Connect Core 1.0, RFC 7636); Authlib does the protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from hub.casework.accounts.sign_in import SignInRefused
from hub.foundation.settings import OpenIdSettings, Settings
from schemas.errors import ConfigurationError, NotFound, Unavailable
from schemas.roles import Role

_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,39}")
_BACK = "/sign-in/back"


class OpenId:
    """The configured provider; without one every use is refused."""

    def __init__(self, settings: Settings) -> None:
        self._chosen = settings.console.openid
        self._own_address = settings.console.url or f"http://{settings.console.listen}"
        self._oauth = OAuth()
        if self._chosen.issuer:
            self._oauth.register(
                name="provider",
                server_metadata_url=_metadata(self._chosen.issuer),
                client_id=self._chosen.client,
                client_secret=_secret(self._chosen),
                client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
            )

    def _check(self) -> None:
        if not self._chosen.issuer:
            raise NotFound("Sign-in through a provider is not set up here.")

    async def send(self, request: Request) -> Response:
        """Send somebody to the provider, to be sent back."""
        self._check()
        try:
            answer: Response = await self._oauth.provider.authorize_redirect(
                request, self._own_address + _BACK
            )
        except (HTTPError, OAuthError, JoseError) as error:
            raise Unavailable("The sign-in provider does not answer.") from error
        return answer

    async def take_back(self, request: Request) -> tuple[str, frozenset[Role]]:
        """Take somebody back: staff reference and roles; raises SignInRefused."""
        self._check()
        try:
            token = await self._oauth.provider.authorize_access_token(request)
        except HTTPError as error:
            raise Unavailable("The sign-in provider does not answer.") from error
        except (OAuthError, JoseError) as error:
            raise SignInRefused("The sign-in provider did not let you in.") from error
        return claimed(token.get("userinfo") or {}, self._chosen)


def claimed(claims: Mapping[str, object], chosen: OpenIdSettings) -> tuple[str, frozenset[Role]]:
    """Read staff reference and roles out of a provider's claims; raises SignInRefused."""
    person = str(claims.get(chosen.person_claim) or "")
    if not _PERSON.fullmatch(person):
        raise SignInRefused("The sign-in provider gave no staff reference that can be used.")
    given = claims.get(chosen.roles_claim)
    names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return person, frozenset(chosen.roles[str(n)] for n in names if str(n) in chosen.roles)


def _metadata(issuer: str) -> str:
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def _secret(chosen: OpenIdSettings) -> str | None:
    if chosen.secret_file is None:
        return None
    try:
        return chosen.secret_file.read_text(encoding="utf-8").strip()
    except OSError:
        message = f"The secret of console.openid at {chosen.secret_file} cannot be read."
        raise ConfigurationError(message) from None
