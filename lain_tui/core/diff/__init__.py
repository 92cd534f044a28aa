"""What a change would change: normalised, three-way, Secrets masked, pods that restart named."""
