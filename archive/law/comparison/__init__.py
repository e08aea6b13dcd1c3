"""Two legal texts compared article by article. Pure."""
