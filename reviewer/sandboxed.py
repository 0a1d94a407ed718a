"""Whether this machine has all the layers that keep what strangers mail away from it."""

from __future__ import annotations

from oracle import sandbox
from reviewer.errors import ToolError


def require() -> None:
    """ToolError, naming each layer that is missing and how to get it."""
    lacking = sandbox.missing()
    if lacking:
        details = [f"{name}: {sandbox.LAYERS[name]}" for name in lacking]
        raise ToolError("the sandbox lacks a layer on this machine", place="--require-sandbox", details=details)
