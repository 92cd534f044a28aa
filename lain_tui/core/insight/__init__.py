"""What can be seen of an app from outside: its URLs, and where its dashboards and logs are kept."""
