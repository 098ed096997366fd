"""The audit API described as an OpenAPI document, written to docs/reference/audit-api.json.

Made from the routes; added is what FastAPI does not know: the token, and that every
error is problem details.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from hub.console.api.problem import ApiProblem

VERSION = "1"
_ABOUT = (
    "What auditors' programs read of a hub's ledger: decisions with their reasons, disclosures, "
    "proofs. It is read-only, and every answer is recorded in the ledger as an access. A token, "
    "made by 'hub person token', has the roles of its account. Answers hold codes, sentences and "
    "opaque ids: names of fields, never their content. Members may be added."
)
_PROBLEMS = {
    HTTPStatus.BAD_REQUEST: "No agency, event type or rule has that name; the detail suggests one.",
    HTTPStatus.UNAUTHORIZED: "No session or token, or it has expired.",
    HTTPStatus.FORBIDDEN: "The role does not permit this, or a reason is missing.",
    HTTPStatus.NOT_FOUND: "The ledger has no such event or entry.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A parameter is not valid; the detail names it.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; wait as long as Retry-After says.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The store cannot be reached; try again.",
}
_PROBLEM = {"$ref": "#/components/schemas/ApiProblem"}
_FRAMEWORKS = ("HTTPValidationError", "ValidationError")


def document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Return the document of the API's routes as JSON values."""
    made: dict[str, Any] = get_openapi(
        title="Interagency Hub: audit API",
        version=VERSION,
        description=_ABOUT,
        routes=routes,
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
    """Add the errors to one operation; an optional parameter may be left out but is never null."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    for status, about in _PROBLEMS.items():
        content = {"application/problem+json": {"schema": _PROBLEM}}
        operation["responses"][str(int(status))] = {"description": about, "content": content}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if not kinds:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**kinds[0], **rest} if len(kinds) == 1 else {**rest, "anyOf": kinds}
