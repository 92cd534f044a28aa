"""Plain typed structs: what Kubernetes, helm and an app's owner speak of. They import nothing of ours."""
