"""Image registries: logins, tags, whether an image is there."""
