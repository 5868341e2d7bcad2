"""One harness a module: what is under fire, what must hold, what to begin with."""
