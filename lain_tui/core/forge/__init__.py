"""Where the code is reviewed: merge requests, who looks at them, and whether they agreed."""
