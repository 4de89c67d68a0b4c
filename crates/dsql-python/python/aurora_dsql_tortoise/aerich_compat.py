"""May stand in the list of models, as an older adapter asked for; nothing needs it. It holds no model of its own."""

from aerich.models import Aerich

__models__: list[type[Aerich]] = []
