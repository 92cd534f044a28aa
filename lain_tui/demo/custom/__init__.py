"""Kinds that users define (CustomResourceDefinition): what they are, and what their schemas let through."""
