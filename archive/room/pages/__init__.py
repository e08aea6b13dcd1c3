"""The pages: each gathers what it shows from the catalogue, and hands it to its template."""
