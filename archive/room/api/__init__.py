"""The same as JSON, for programs: `/api/…`, and the description of it at `/openapi.json`."""
