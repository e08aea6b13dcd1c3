"""What the acceptance tests share: yange as a process, and small portals on loopback."""
