"""Documents read as legal texts: what yange concludes from them, beside what the portal said."""
