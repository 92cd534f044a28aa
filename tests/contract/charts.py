"""A small chart, written where a test wants it."""

from __future__ import annotations

from pathlib import Path

_FILES = {
    "Chart.yaml": "apiVersion: v2\nname: small\nversion: 0.1.0\nappVersion: '7'\n",
    "values.yaml": "replicas: 1\nimage: unset\ncolour: red\nhook: false\n",
    "templates/NOTES.txt": "{{ .Release.Name }} is {{ .Values.colour }}\n",
    "templates/settings.yaml": """
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-settings
data:
  colour: {{ .Values.colour | quote }}
""",
    "templates/web.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  labels: {app.kubernetes.io/name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations: {colour: {{ .Values.colour | quote }}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: {{ .Values.image }}
""",
    "templates/service.yaml": """
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {app: {{ .Release.Name }}}
  ports: [{name: http, port: 80, targetPort: 8000}]
""",
    "templates/hook.yaml": """
{{- if .Values.hook }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-hook
  annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: {{ .Values.hook }}}]
{{- end }}
""",
}


def small_chart(folder: Path) -> Path:
    """Write the chart and return its folder: a deployment, a service, a config map, and a hook on demand."""
    chart = folder / "small"
    for name, text in _FILES.items():
        path = chart / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"))
    return chart
