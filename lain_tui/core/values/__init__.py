"""Values files: read with positions, merged as lain and as helm merge them, with the origin of every key."""
