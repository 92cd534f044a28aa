"""The Operate screen: cronjobs and jobs with their runs, and ports of pods on this machine."""
