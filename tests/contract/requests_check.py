"""Holds a recorded request against Spotify's OpenAPI file: address, method, parameters, body, scopes.

The file is YAML with references; `Contract` reads it once. Faults are sentences, an empty list is a pass.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator

FILE = Path(__file__).with_name("spotify-open-api.yml")
Json = Mapping[str, Any]


class Contract:
    """The OpenAPI file, and what it says of one request."""

    def __init__(self, document: Json) -> None:
        self._document = document

    @classmethod
    def read(cls) -> "Contract":
        """The contract in this folder."""
        # The C loader reads the file in a tenth of the time.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return cls(yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506 - both are safe

    def faults(self, method: str, path: str, query: Mapping[str, str], body: object = None) -> list[str]:
        """What is wrong with a request; `path` begins after `/v1`, `body` is its JSON."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path} is not in the contract"]
        known = {
            parameter["name"]: parameter
            for parameter in self._parameters(operation)
            if parameter["in"] == "query"
        }
        unknown = [f"{name} is not a parameter of {path}" for name in query if name not in known]
        missing = [
            f"{path} needs {name}"
            for name, one in known.items()
            if one.get("required") and not query.get(name)
        ]
        wrong = [
            f"{name}={value!r}: {error.message}"
            for name, value in query.items()
            if name in known
            for error in OAS30Validator(known[name]["schema"]).iter_errors(
                _typed(value, known[name]["schema"])
            )
        ]
        return unknown + missing + wrong + self._body_faults(operation, path, body)

    def scopes(self, method: str, path: str) -> set[str]:
        """The scopes that the contract names for a request."""
        operation = self._operation(method, path) or {}
        return {scope for one in operation.get("security", ()) for scopes in one.values() for scope in scopes}

    def all_scopes(self) -> set[str]:
        """Every scope that there is."""
        flows = self._document["components"]["securitySchemes"]["oauth_2_0"]["flows"]
        return set(flows["authorizationCode"]["scopes"])

    def _operation(self, method: str, path: str) -> Json | None:
        operation: Json | None = self._document["paths"].get(self.template(path), {}).get(method.lower())
        return operation

    def template(self, path: str) -> str:
        """The address as the contract writes it: `/playlists/{playlist_id}/items`."""
        if path in self._document["paths"]:
            return path
        for one in self._document["paths"]:
            if re.fullmatch(re.sub(r"\{\w+\}", "[0-9A-Za-z]{22}", one), path):
                return str(one)
        return path

    def _body_faults(self, operation: Json, path: str, body: object) -> list[str]:
        """Every property must be one that the contract names, though it would let others pass."""
        if "requestBody" not in operation:
            return [] if body is None else [f"{path} takes no body"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        strict = schema | {"additionalProperties": False}
        return [f"the body of {path}: {error.message}" for error in OAS30Validator(strict).iter_errors(body)]

    def _parameters(self, operation: Json) -> Iterable[Json]:
        for one in operation.get("parameters", ()):
            yield self._resolved(one["$ref"]) if "$ref" in one else one

    def _resolved(self, reference: str) -> Json:
        found: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        resolved: Json = found
        return resolved


def _typed(value: str, schema: Json) -> object:
    """A query's text as what the schema speaks of."""
    if schema.get("type") == "integer":
        try:
            return int(value)
        except ValueError:
            return value
    if schema.get("type") == "array":
        return value.split(",")
    return value
