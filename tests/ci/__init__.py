"""Pipelines run as their runners run them: each job a shell in a clean checkout."""
