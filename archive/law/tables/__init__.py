"""A 修订对照表: two versions side by side, and the files that it is written to."""
