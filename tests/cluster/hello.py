"""The app that the workflow's tests live with: a few lines of shell that need a variable, and a file."""

from __future__ import annotations

VALUES = """\
appname: hello
deployments:
  web:
    command: ["/bin/sh", "/lain/app/run.sh"]
    replicaCount: 1
    resources:
      requests: {cpu: 10m, memory: 16Mi}
      limits: {cpu: 500m, memory: 64Mi}
    containerPort: 8080
    terminationGracePeriodSeconds: 1
    readinessProbe:
      httpGet: {path: /healthz, port: 8080}
      periodSeconds: 1
volumeMounts:
  - mountPath: /lain/app/deploy/topsecret.txt
    subPath: topsecret.txt
build:
  base: base:1
  prepare:
    script: ["echo treasure > treasure.txt"]
    keep: [treasure.txt]
  script: ["mkdir www", "echo ok > www/healthz"]
"""

WORKER = """\
  worker:
    command: ["/bin/sh", "-c", "echo working for $MYSQL_HOST; trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"]
    replicaCount: 1
    resources:
      requests: {cpu: 10m, memory: 16Mi}
      limits: {cpu: 500m, memory: 64Mi}
    terminationGracePeriodSeconds: 1
    readinessProbe:
      exec: {command: ["true"]}
      periodSeconds: 1
"""

RUN = """\
if [ -z "$MYSQL_HOST" ]; then
  echo "KeyError: 'MYSQL_HOST'" >&2
  exit 1
fi
echo "serving, with $MYSQL_HOST; $(cat deploy/topsecret.txt)"
httpd -p 8080 -h /lain/app/www
trap 'exit 0' TERM
while :; do sleep 3600 & wait $!; done
"""
