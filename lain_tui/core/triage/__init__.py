"""Why a pod, a workload or a node is unhealthy: rules over what the cluster says, and the evidence for them."""
