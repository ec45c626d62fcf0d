"""The jobs API, and the storage at signed addresses that their files go to and come from."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.sandbox import building
from publisher.sandbox.envelopes import timestamp
from publisher.sandbox.errors import ApiError
from publisher.sandbox.requests import client_of, read_body, read_object, sandbox_of

SIGNATURE = "X-Amz-Signature"
LARGEST_FILE = 16 * 1024 * 1024


async def register_job(request: Request) -> Response:
    """POST /api/v2/flows/jobs: a job, and the signed address that takes its file."""
    data = await read_object(request, absent={})
    job = building.register(sandbox_of(request), by=client_of(request), create_stubs=data.get("createStubs") is True)
    return JSONResponse(
        {
            "id": job.id,
            "presignedUrl": _signed(request, f"uploads/{job.id}", job.signature),
            "headers": dict(job.headers),
            "selfUri": f"/api/v2/flows/jobs/{job.id}",
        }
    )


async def get_job(request: Request) -> Response:
    """GET /api/v2/flows/jobs/{job_id}: how far a job has come; its messages only where they are asked for."""
    sandbox, job_id = sandbox_of(request), request.path_params["job_id"]
    sandbox.check_seen(job_id)
    job = sandbox.depot.job(job_id)
    sandbox.depot.keep(job.looked_at())
    body: dict[str, Any] = {"id": job.id, "status": job.status, "command": "Publish"}
    if job.status == "Success":
        body["flow"] = {"id": job.flow_id, "selfUri": f"/api/v2/flows/{job.flow_id}"}
    return JSONResponse(body | _messages(request, job.messages if job.status == "Failure" else None) | _self(request))


async def register_export(request: Request) -> Response:
    """POST /api/v2/flows/export/jobs: a job that exports one version of one flow."""
    data = await read_object(request)
    flow_id, version_id = _reference(data.get("flows"))
    export = building.export(sandbox_of(request), flow_id, version_id)
    return JSONResponse({"id": export.id, "status": "Registered", "totalFlows": 1})


async def get_export(request: Request) -> Response:
    """GET /api/v2/flows/export/jobs/{job_id}: how far an export has come, and where its file is."""
    sandbox, job_id = sandbox_of(request), request.path_params["job_id"]
    sandbox.check_seen(job_id)
    export = sandbox.depot.export(job_id)
    sandbox.depot.keep_export(export.looked_at())
    body: dict[str, Any] = {"id": export.id, "status": export.status, "command": "Export"}
    if export.status == "Success":
        body["downloadUrl"] = _signed(request, f"downloads/{export.id}", export.signature)
    messages = export.messages if export.status == "Failure" else None
    return JSONResponse(body | _messages(request, messages) | _self(request))


async def upload(request: Request) -> Response:
    """PUT /uploads/{job_id}: take the file of a job."""
    sandbox = sandbox_of(request)
    job = sandbox.depot.for_upload(
        request.path_params["job_id"],
        signature=request.query_params.get(SIGNATURE, ""),
        headers=request.headers,
    )
    building.take(sandbox, job, await read_body(request, most_bytes=LARGEST_FILE))
    return Response(status_code=200)


async def download(request: Request) -> Response:
    """GET /downloads/{job_id}: give the file of an export."""
    content = sandbox_of(request).depot.for_download(
        request.path_params["job_id"], signature=request.query_params.get(SIGNATURE, "")
    )
    return Response(content, media_type="application/yaml")


def _reference(flows: object) -> tuple[str, str | None]:
    """The one flow that is to be exported, and its version where one is named."""
    match flows:
        case [{"flow": {"id": str(flow_id), "version": str(version_id)}}]:
            return flow_id, version_id
        case [{"flow": {"id": str(flow_id)}}]:
            return flow_id, None
        case _:
            raise ApiError(400, "invalid.value", "The sandbox exports one flow at a time, named by its id.")


def _signed(request: Request, path: str, signature: str) -> str:
    return f"{request.base_url}{path}?{urlencode({'X-Amz-Expires': '900', SIGNATURE: signature})}"


def _self(request: Request) -> dict[str, Any]:
    return {"selfUri": request.url.path}


def _messages(request: Request, messages: tuple[str, ...] | None) -> dict[str, Any]:
    if messages is None or "messages" not in ",".join(request.query_params.getlist("expand")):
        return {}
    now = timestamp(sandbox_of(request).world.clock())
    details = [_diagnostic(request)]
    return {"messages": [{"dateTime": now, "type": "Error", "text": text, "details": details} for text in messages]}


def _diagnostic(request: Request) -> dict[str, Any]:
    """What the platform adds to a message: a whole request, with all that is secret in it."""
    token = request.headers.get("authorization", "")
    return {
        "type": "NetworkDiagnostic",
        "method": "GET",
        "url": f"{request.base_url}api/v2/routing/queues?access_token={token.removeprefix('Bearer ')}",
        "requestBody": f"authorization: {token}",
        "statusCode": 404,
        "correlationId": request.state.correlation_id,
    }
