"""As aerich_compat: may stand in the list of models, and does nothing."""

from aerich.models import Aerich

__all__ = ["Aerich"]
