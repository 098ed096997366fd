"""The audit API described as an OpenAPI document, written to docs/reference/audit-api.json.

It is made of the routes themselves. What FastAPI does not know of is added: the token, and that
every error is problem details.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi.openapi.utils import get_openapi

from hub.console.api.answers import ApiProblem
from hub.console.api.routes import router

VERSION = "1"
_ABOUT = (
    "What auditors' programs read of a hub's ledger: decisions and why, disclosures, proofs. "
    "It changes nothing. Every answer is itself a look that is recorded. Make a token with "
    "'hub person token'; it opens what its person's roles open. Answers hold codes, sentences and "
    "opaque ids: names of fields, never what they hold. Members may be added."
)
_PROBLEMS = {
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in, or the token is over.",
    HTTPStatus.FORBIDDEN: "The role does not open this, or no reason is given to look at a child.",
    HTTPStatus.NOT_FOUND: "There is no such thing in the ledger.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A parameter is not valid; the detail names it.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; wait as long as Retry-After says.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The store is out of reach for now.",
}
_FRAMEWORKS = ("HTTPValidationError", "ValidationError")


def document() -> dict[str, Any]:
    """Write the document, as JSON values."""
    made: dict[str, Any] = get_openapi(
        title="Interagency Hub: audit API",
        version=VERSION,
        description=_ABOUT,
        routes=router.routes,
    )
    schemas = made["components"]["schemas"]
    for name in _FRAMEWORKS:
        schemas.pop(name, None)
    schemas["ApiProblem"] = ApiProblem.model_json_schema()
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    for operations in made["paths"].values():
        for operation in operations.values():
            _finish(operation)
    return made


def _finish(operation: dict[str, Any]) -> None:
    """Add the errors to one operation; a parameter that is not given is not null."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    for status, about in _PROBLEMS.items():
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][str(int(status))] = {"description": about, "content": content}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if not kinds:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**kinds[0], **rest} if len(kinds) == 1 else {**rest, "anyOf": kinds}
