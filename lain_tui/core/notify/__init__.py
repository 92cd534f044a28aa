"""Telling a team's chat what somebody changed."""
