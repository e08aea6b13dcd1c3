"""What one text claims about the force of documents, its own and that of others."""
