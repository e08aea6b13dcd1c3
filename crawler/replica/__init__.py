"""A replica of a municipal portal, served on a loopback port for demonstration and tests."""
