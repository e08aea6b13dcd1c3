"""What pages show, made of the catalogue's answers: pure, so that it can be tried alone."""
