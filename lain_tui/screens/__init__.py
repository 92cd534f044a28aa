"""The screens: each joins the engine (core) to widgets for one job."""
