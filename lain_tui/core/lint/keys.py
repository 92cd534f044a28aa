"""The keys that the values are known to have; others are allowed."""

from __future__ import annotations

# fmt: off
TOP_LEVEL = frozenset({
    "appname", "build", "canaryGroups", "cronjobs", "deployments", "domain", "domain_suffix", "env",
    "externalIngressAnnotations", "externalIngresses", "extraEnvFrom", "hostAliases",
    "imagePullSecrets", "imageTag", "ingressAnnotations", "ingresses", "internalRegistry", "jobs",
    "labels", "networkPolicy", "persistentVolumeClaims", "prometheus_query_range", "registry",
    "release", "releaseName", "serviceAccountName", "serviceAnnotations", "statefulSets", "tests",
    "volumeMounts", "volumes", "webhook",
})
"""Keys at the top of the values, and of the cluster values that the chart reads."""
PROC = frozenset({
    "activeDeadlineSeconds", "affinity", "annotations", "args", "backoffLimit", "command",
    "concurrencyPolicy", "containerPort", "env", "failedJobsHistoryLimit", "hostNetwork", "hpa",
    "image", "imagePullPolicy", "imageTag", "initContainers", "lifecycle", "livenessProbe",
    "minReadySeconds", "nodePort", "nodeSelector", "nodes", "podAnnotations", "podSecurityContext",
    "protocol", "readinessProbe", "replicaCount", "resources", "schedule", "securityContext",
    "serviceAccountName", "startingDeadlineSeconds", "startupProbe", "strategy",
    "successfulJobsHistoryLimit", "suspend", "terminationGracePeriodSeconds", "timeZone", "tolerations",
    "ttlSecondsAfterFinished", "updateStrategy", "volumeMounts", "workingDir",
})
"""Keys of a proc of any kind."""
# fmt: on
