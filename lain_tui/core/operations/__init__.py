"""Changes: each is a Plan first, and runs as a series of typed steps."""
