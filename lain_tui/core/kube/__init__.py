"""The connection to Kubernetes: reading a kubeconfig, asking the API, and the live store that screens look at."""
