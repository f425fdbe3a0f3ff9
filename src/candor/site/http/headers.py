"""The headers of every answer: what a browser may do with it, and whether its figures are simulated."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# MapLibre makes its worker from a blob and draws images that it makes itself; nothing comes from elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; worker-src 'self' blob:; child-src blob:; manifest-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)

SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


EMBEDS = "/embed/"
"""Below it stand figures that any page may show in a frame. They have no form, no cookie and no script."""

EMBEDDED = {
    **SECURITY,
    "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
        "script-src 'self'", "script-src 'none'"
    ),
}
del EMBEDDED["X-Frame-Options"]  # it cannot say "anywhere": where it stands, no other page may show the figure


class HeadersMiddleware:
    """Adds them. The request's release, where it has one, is in its state as `published`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                usual = EMBEDDED if scope["path"].startswith(EMBEDS) else SECURITY
                for name, value in usual.items():
                    headers.setdefault(name, value)
                published = scope.get("state", {}).get("published")
                if published is not None and published.release.portal.simulated:
                    headers["X-Candor-Simulated"] = "true"
            await send(message)

        await self.app(scope, receive, add)
