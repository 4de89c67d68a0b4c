"""May stand in the list of models, as an older adapter asked for; nothing needs it. Its model is Aerich's own."""

from aerich.models import Aerich

__all__ = ["Aerich"]
