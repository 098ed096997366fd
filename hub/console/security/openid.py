"""Sign-in with OpenID Connect: the user's staff reference and roles from a provider.

``[console.openid.roles]`` in the settings maps the provider's groups or roles to roles of the
console; other groups give no role. The flow is authorization code with PKCE, state and nonce
(OpenID Connect Core 1.0, RFC 7636). Authlib implements the protocol.
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
_RETURN_PATH = "/sign-in/back"


class OpenId:
    """The configured provider. Without one, every call raises NotFound."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.console.openid
        self._own_address = settings.console.url or f"http://{settings.console.listen}"
        self._oauth = OAuth()
        if self._settings.issuer:
            self._oauth.register(
                name="provider",
                server_metadata_url=_metadata(self._settings.issuer),
                client_id=self._settings.client,
                client_secret=_secret(self._settings),
                client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
            )

    def _check(self) -> None:
        if not self._settings.issuer:
            raise NotFound("Sign-in with OpenID Connect is not configured.")

    async def redirect(self, request: Request) -> Response:
        """Return a redirect to the provider."""
        self._check()
        try:
            answer: Response = await self._oauth.provider.authorize_redirect(
                request, self._own_address + _RETURN_PATH
            )
        except (HTTPError, OAuthError, JoseError) as error:
            raise Unavailable("The sign-in provider does not respond.") from error
        return answer

    async def finish(self, request: Request) -> tuple[str, frozenset[Role]]:
        """Return the staff reference and roles of a returning user; raises SignInRefused."""
        self._check()
        try:
            token = await self._oauth.provider.authorize_access_token(request)
        except HTTPError as error:
            raise Unavailable("The sign-in provider does not respond.") from error
        except (OAuthError, JoseError) as error:
            raise SignInRefused("The sign-in provider refused the sign-in.") from error
        return person_and_roles(token.get("userinfo") or {}, self._settings)


def person_and_roles(
    claims: Mapping[str, object], settings: OpenIdSettings
) -> tuple[str, frozenset[Role]]:
    """Read staff reference and roles from a provider's claims; raises SignInRefused."""
    person = str(claims.get(settings.person_claim) or "")
    if not _PERSON.fullmatch(person):
        raise SignInRefused("The sign-in provider sent no usable staff reference.")
    given = claims.get(settings.roles_claim)
    names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return person, frozenset(settings.roles[str(n)] for n in names if str(n) in settings.roles)


def _metadata(issuer: str) -> str:
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def _secret(settings: OpenIdSettings) -> str | None:
    if settings.secret_file is None:
        return None
    try:
        return settings.secret_file.read_text(encoding="utf-8").strip()
    except OSError:
        message = f"console.openid.secret_file cannot be read: {settings.secret_file}."
        raise ConfigurationError(message) from None
