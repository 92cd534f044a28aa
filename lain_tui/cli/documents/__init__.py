"""The JSON documents that commands print: one struct each, from which their schema is made."""
