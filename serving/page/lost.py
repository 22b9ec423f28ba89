"""A page for whoever mistyped an address; programs get a problem document as everywhere."""

from fastapi import Request
from fastapi.responses import Response

from serving.page import routes, words
from serving.page.told import KEPT
from serving.problems import http_problem


async def lost(request: Request, err: Exception) -> Response:
    """Answer that there is nothing at an address."""
    if not _is_for_people(request):
        return await http_problem(request, err)
    asked = request.query_params.get("lang")
    accepted = request.headers.get("accept-language", "")
    language = words.choose(asked, request.cookies.get(KEPT), accepted)
    return routes.render("lost.html", "", language, asked, status=404)


def _is_for_people(request: Request) -> bool:
    path = request.url.path
    machines = path.startswith(("/v1/", "/static/"))
    return not machines and "text/html" in request.headers.get("accept", "")
