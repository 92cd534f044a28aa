"""The commands, one module each with a `command`; nothing here is imported before it is called."""
