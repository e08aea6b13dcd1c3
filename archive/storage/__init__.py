"""How bytes are stored: compressed against what is stored already (docs/storage.md)."""
