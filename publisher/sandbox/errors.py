"""What the sandbox answers instead of what was asked for, in the platform's forms."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """An answer of the API other than a success: its `ErrorBody`."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        errors: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = tuple(errors)
        self.headers = headers

    def response(self, correlation_id: str) -> JSONResponse:
        """The answer itself."""
        body = error_body(self.status, self.code, self.message, correlation_id=correlation_id)
        body["errors"] = [
            error_body(self.status, self.code, text, correlation_id=correlation_id) for text in self.errors
        ]
        return JSONResponse(body, status_code=self.status, headers=self.headers)


class OAuthError(Exception):
    """A refusal of the token endpoints, which have a form of their own."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description

    def response(self) -> JSONResponse:
        """The answer itself."""
        body = {"error": self.error, "description": self.description, "error_description": self.description}
        return JSONResponse(body, status_code=self.status, headers={"Cache-Control": "no-store"})


class StorageError(Exception):
    """A refusal of the storage that signed addresses lead to, which speaks XML."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code

    def response(self) -> Response:
        """The answer itself."""
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{self.code}</Code></Error>'
        return Response(body, status_code=self.status, media_type="application/xml")


def error_body(status: int, code: str, message: str, *, correlation_id: str) -> dict[str, Any]:
    """The platform's `ErrorBody`."""
    return {
        "message": message,
        "code": code,
        "status": status,
        "contextId": correlation_id,
        "details": [],
        "errors": [],
    }


def not_found(what: str, *, code: str = "not.found") -> ApiError:
    """The answer where something is not there."""
    return ApiError(404, code, f"{what} was not found.")
