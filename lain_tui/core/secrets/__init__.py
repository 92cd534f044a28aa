"""Env and secrets: read, drafted, checked, applied in one request, and told to those who should know."""
