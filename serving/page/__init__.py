"""The page that people see at `/`: templates, styles and small scripts, served by the same app."""

from serving.page.routes import router

__all__ = ["router"]
