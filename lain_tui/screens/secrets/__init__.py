"""The Env & secrets screen."""
