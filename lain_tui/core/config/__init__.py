"""Where am I: lain's clusters, kubeconfig contexts, the user's settings, and the Target that follows from them."""
