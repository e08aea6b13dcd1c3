"""Several archives, one for each portal, asked as if they were one."""
