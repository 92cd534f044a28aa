"""`lain-tui env` and `lain-tui secret`: the same commands on `APP-env` and `APP-secret`."""
