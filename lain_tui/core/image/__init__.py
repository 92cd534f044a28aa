"""From an app's values to an image in a registry: Dockerfile, build context, docker engine, registries."""
