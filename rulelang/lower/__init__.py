"""From trees to core: heads of declarations, then tables with their rows, then rules."""
