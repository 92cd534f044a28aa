"""The names that exist on a cluster, for completing what somebody types."""
