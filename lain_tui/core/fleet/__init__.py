"""The same app on several clusters."""
