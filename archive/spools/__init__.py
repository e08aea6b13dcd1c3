"""What crawls without an archive found: spools, written by them and recorded here."""
