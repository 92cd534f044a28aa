"""The Status screen: an app's live state, and why it is unhealthy."""
