"""A real Kubernetes for the tests: see README.md."""
