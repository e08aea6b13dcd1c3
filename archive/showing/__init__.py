"""How each answer of the catalogue looks at a terminal, as what `rich` prints."""
