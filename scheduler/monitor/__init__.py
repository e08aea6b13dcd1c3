"""What the daemon answers to those who watch it: `/health` and `/metrics`."""
