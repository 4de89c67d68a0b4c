"""What Tortoise is told about the service."""

from __future__ import annotations

from inspect import signature
from typing import Any

from tortoise.backends.base.client import Capabilities

_WANTED: dict[str, Any] = {
    "support_update_limit_order_by": False,
    "support_for_posix_regex_queries": True,
    # FOR NO KEY UPDATE is refused: FOR UPDATE stands for it.
    "support_for_no_key_update": False,
    "support_json_attributes": True,
    "can_rollback_ddl": False,
    "support_returning": True,
}

# Older versions of Tortoise know fewer.
CAPABILITIES = Capabilities(
    "postgres",
    **{name: value for name, value in _WANTED.items() if name in signature(Capabilities.__init__).parameters},
)
