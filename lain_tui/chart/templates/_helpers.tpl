{{/* en: The parts that every object shares. Values come in as (dict "root" $ "name" NAME "spec" MAP …). */}}
{{/* zh: 各资源共用的部分. 参数统一写成 (dict "root" $ "name" 名称 "spec" 配置块 …). */}}

{{/* en: One value of a map, or another when it is absent: unlike `default`, 0 and false count as given. */}}
{{/* zh: 取一个字段, 没写则用后备值: 与 default 不同, 0 和 false 也算写了. */}}
{{- define "lain.pick" -}}
{{- $value := index .in .key -}}
{{- if kindIs "invalid" $value }}{{ toJson .or }}{{ else }}{{ toJson $value }}{{ end }}
{{- end }}

{{/* en: A scalar as a quoted string; large numbers are never written as 1e+06. */}}
{{/* zh: 把标量写成带引号的字符串; 大数字不会变成 1e+06. */}}
{{- define "lain.string" -}}
{{- if kindIs "invalid" . }}""{{ else if kindIs "float64" . }}{{ toJson . | quote }}{{ else }}{{ toString . | quote }}{{ end }}
{{- end }}

{{/* en: The procs of one kind, by name; the short spellings (deploy, sts, cronjob …) count too, empty ones do not. */}}
{{/* zh: 某一类 proc, 以名称为键; 简写 (deploy, sts, cronjob 等) 也算, 空的不算. */}}
{{- define "lain.procs" -}}
{{- $procs := dict }}
{{- range $key := .keys }}
{{- range $name, $spec := index $.root.Values $key }}
{{- if kindIs "map" $spec }}{{ $_ := set $procs $name $spec }}{{ end }}
{{- end }}
{{- end }}
{{- toJson $procs }}
{{- end }}
{{- define "lain.deployments" }}{{ include "lain.procs" (dict "root" . "keys" (list "deployments" "deployment" "deploy")) }}{{ end }}
{{- define "lain.statefulSets" }}{{ include "lain.procs" (dict "root" . "keys" (list "statefulSets" "statefulSet" "statefulset" "sts")) }}{{ end }}
{{- define "lain.cronjobs" }}{{ include "lain.procs" (dict "root" . "keys" (list "cronjobs" "cronjob")) }}{{ end }}
{{- define "lain.jobs" }}{{ include "lain.procs" (dict "root" . "keys" (list "jobs" "job")) }}{{ end }}
{{- define "lain.tests" }}{{ include "lain.procs" (dict "root" . "keys" (list "tests")) }}{{ end }}

{{- define "lain.app" -}}
{{- required "appname is missing from the values" .Values.appname }}
{{- end }}

{{- define "lain.selector" -}}
app.kubernetes.io/name: {{ include "lain.app" .root | quote }}
app.kubernetes.io/instance: {{ printf "%s-%s" .root.Release.Name .name | quote }}
{{- end }}

{{/* en: Labels of an object; the app's own come from values.labels and never replace these. */}}
{{/* zh: 资源的 labels; values.labels 可以添加, 但不会覆盖这里的. */}}
{{- define "lain.labels" -}}
{{- $labels := dict }}
{{- range $key, $value := .root.Values.labels }}{{ $_ := set $labels $key $value }}{{ end }}
{{- $_ := set $labels "helm.sh/chart" .root.Release.Name }}
{{- $_ := set $labels "app.kubernetes.io/name" (include "lain.app" .root) }}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .root.Release.Service }}
{{- with .name }}{{ $_ := set $labels "app.kubernetes.io/instance" (printf "%s-%s" $.root.Release.Name .) }}{{ end }}
{{- range $key, $value := $labels }}
{{ $key }}: {{ include "lain.string" $value }}
{{- end }}
{{- end }}

{{- define "lain.annotations" -}}
{{- range $key, $value := . }}
{{ $key }}: {{ include "lain.string" $value }}
{{- end }}
{{- end }}

{{/* en: The image: `image` as it is; else the app's own, at `imageTag` or the tag of this deploy. */}}
{{/* zh: 镜像: 写了 image 就原样使用; 否则是本应用的镜像, 版本取 imageTag 或本次上线的 tag. */}}
{{- define "lain.image" -}}
{{- if .spec.image }}{{ .spec.image | quote }}
{{- else }}
{{- $registry := coalesce .root.Values.internalRegistry .root.Values.registry }}
{{- $tag := coalesce .spec.imageTag .root.Values.imageTag "latest" }}
{{- $image := printf "%s:%s" (include "lain.app" .root) (toString $tag) }}
{{- if $registry }}{{ printf "%s/%s" $registry $image | quote }}{{ else }}{{ $image | quote }}{{ end }}
{{- end }}
{{- end }}

{{/* en: The built-in variables, then the global env with the proc's own over it; null takes a variable away. */}}
{{/* zh: 先是内置环境变量, 然后是全局 env, 被 proc 自己的 env 覆盖; 写成 null 则去掉该变量. */}}
{{- define "lain.env" -}}
{{- $values := .root.Values }}
{{- $env := dict }}
{{- range $key, $value := $values.env }}{{ $_ := set $env $key $value }}{{ end }}
{{- range $key, $value := .spec.env }}{{ $_ := set $env $key $value }}{{ end }}
{{- $builtin := dict
  "LAIN_CLUSTER" (coalesce $values.cluster "UNKNOWN")
  "K8S_NAMESPACE" .root.Release.Namespace
  "IMAGE_TAG" (coalesce $values.imageTag "UNKNOWN") }}
{{- range $key := list "LAIN_CLUSTER" "K8S_NAMESPACE" "IMAGE_TAG" }}
- name: {{ $key }}
  value: {{ include "lain.string" (ternary (index $env $key) (index $builtin $key) (hasKey $env $key)) }}
{{- end }}
{{- range $key, $value := $env }}
{{- if not (or (kindIs "invalid" $value) (hasKey $builtin $key)) }}
- name: {{ $key | quote }}
  value: {{ include "lain.string" $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* en: Global mounts, then the proc's own; one at the same mountPath takes the global one's place. */}}
{{/* zh: 先是全局挂载, 然后是 proc 自己的; mountPath 相同时以 proc 的为准. */}}
{{- define "lain.volumeMounts" -}}
{{- $own := dict }}
{{- range .spec.volumeMounts }}{{ $_ := set $own .mountPath true }}{{ end }}
{{- $mounts := list }}
{{- range .root.Values.volumeMounts }}{{ if not (hasKey $own .mountPath) }}{{ $mounts = append $mounts . }}{{ end }}{{ end }}
{{- range concat $mounts (default list .spec.volumeMounts) }}
{{- $mount := deepCopy . }}
{{- if not $mount.name }}{{ $_ := set $mount "name" "secret" }}{{ end }}
{{ toYaml (list $mount) }}
{{- end }}
{{- end }}

{{/* en: One container. pull: its default pull policy; light: without resources of its own it gets those of a one-off task. */}}
{{/* zh: 一个容器. pull: 默认的拉取策略; light: 没写 resources 时按一次性任务给默认值. */}}
{{- define "lain.container" -}}
name: {{ .name | quote }}
image: {{ include "lain.image" . }}
imagePullPolicy: {{ coalesce .spec.imagePullPolicy .pull }}
{{- $spec := .spec }}
{{- range $key := list "command" "args" "workingDir" "lifecycle" "securityContext" }}
{{- with index $spec $key }}
{{ toYaml (dict $key .) }}
{{- end }}
{{- end }}
envFrom:
  - secretRef:
      name: {{ include "lain.app" .root }}-env
  {{- with .root.Values.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
env: {{- include "lain.env" . | trim | nindent 2 }}
{{- with coalesce $spec.containerPort $spec.nodePort }}
ports:
  - containerPort: {{ . }}
    protocol: {{ coalesce $spec.protocol "TCP" }}
{{- end }}
{{- range $key := list "startupProbe" "readinessProbe" "livenessProbe" }}
{{- with index $spec $key }}
{{ toYaml (dict $key .) }}
{{- end }}
{{- end }}
{{- if $spec.resources }}
resources: {{- toYaml $spec.resources | nindent 2 }}
{{- else if .light }}
resources:
  limits: {cpu: 2000m, memory: 2Gi}
  requests: {cpu: 500m, memory: 1Gi}
{{- end }}
{{- with include "lain.volumeMounts" . }}
volumeMounts: {{- trim . | nindent 2 }}
{{- end }}
{{- end }}

{{/* en: The proc's affinity; `nodes` adds the label that deploy puts on those nodes to every term of it. */}}
{{/* zh: 亲和性; 写了 nodes 的话, 会在每个 term 里加上 deploy 时给这些节点打的 label. */}}
{{- define "lain.affinity" -}}
{{- $affinity := deepCopy (default dict .spec.affinity) }}
{{- if .spec.nodes }}
{{- $label := printf "%s-%s" .root.Release.Name .name }}
{{- $wanted := dict "key" $label "operator" "In" "values" (list "true") }}
{{- $node := default dict $affinity.nodeAffinity }}
{{- $required := default dict $node.requiredDuringSchedulingIgnoredDuringExecution }}
{{- $terms := list }}
{{- range default (list dict) $required.nodeSelectorTerms }}
{{- $term := deepCopy . }}
{{- $_ := set $term "matchExpressions" (append (default list $term.matchExpressions) $wanted) }}
{{- $terms = append $terms $term }}
{{- end }}
{{- $_ := set $required "nodeSelectorTerms" $terms }}
{{- $_ := set $node "requiredDuringSchedulingIgnoredDuringExecution" $required }}
{{- $_ := set $affinity "nodeAffinity" $node }}
{{- end }}
{{- with $affinity }}{{ toYaml . }}{{ end }}
{{- end }}

{{/* en: Says something when the pod mounts the app's Secret: only then must it be there for the pod to start. */}}
{{/* zh: Pod 挂载了应用的 Secret 时有输出: 只有这时 Secret 才必须存在, Pod 才能启动. */}}
{{- define "lain.mountsSecret" -}}
{{- $mounts := concat (default list .root.Values.volumeMounts) (default list .spec.volumeMounts) }}
{{- range .spec.initContainers }}{{ $mounts = concat $mounts (default list .volumeMounts) }}{{ end }}
{{- range $mounts }}{{ if eq (default "secret" .name) "secret" }}yes{{ end }}{{ end }}
{{- end }}

{{/* en: A pod's spec. grace: seconds to end in, or none; restart: its restartPolicy. */}}
{{/* zh: Pod spec. grace: 优雅退出的秒数, 可以没有; restart: 重启策略. */}}
{{- define "lain.podSpec" -}}
{{- $spec := .spec }}
{{- $root := .root }}
{{- $pull := .pull }}
{{- with .restart }}
restartPolicy: {{ . }}
{{- end }}
serviceAccountName: {{ coalesce $spec.serviceAccountName $root.Values.serviceAccountName "default" }}
{{- if or .grace (not (kindIs "invalid" $spec.terminationGracePeriodSeconds)) }}
terminationGracePeriodSeconds: {{ include "lain.pick" (dict "in" $spec "key" "terminationGracePeriodSeconds" "or" .grace) }}
{{- end }}
{{- with $spec.podSecurityContext }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if hasKey $spec "hostNetwork" }}
hostNetwork: {{ toJson $spec.hostNetwork }}
{{- end }}
{{- with include "lain.affinity" . }}
affinity: {{- . | nindent 2 }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "topologySpreadConstraints" "priorityClassName" "dnsPolicy" "dnsConfig" }}
{{- with index $spec $key }}
{{ toYaml (dict $key .) }}
{{- end }}
{{- end }}
{{- with coalesce $spec.imagePullSecrets $root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat (default list $root.Values.clusterHostAliases) (default list $root.Values.hostAliases) }}
hostAliases: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $spec.initContainers }}
initContainers:
{{- range $key, $init := . }}
{{- $name := $init.name | default (printf "init-%v" $key) }}
  - {{ include "lain.container" (dict "root" $root "name" $name "spec" $init "pull" $pull "light" true) | indent 4 | trim }}
{{- end }}
{{- end }}
containers:
  - {{ include "lain.container" . | indent 4 | trim }}
volumes:
  {{- with $root.Values.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  - name: secret
    secret:
      secretName: {{ include "lain.app" $root }}-secret
      {{- if not (include "lain.mountsSecret" .) }}
      optional: true
      {{- end }}
  {{- range $claim, $_ := $root.Values.persistentVolumeClaims }}
  - name: {{ $claim }}
    persistentVolumeClaim:
      claimName: {{ $root.Release.Name }}-{{ $claim }}
  {{- end }}
{{- end }}

{{- define "lain.podTemplate" -}}
metadata:
  {{- with .spec.podAnnotations }}
  annotations: {{- include "lain.annotations" . | trim | nindent 4 }}
  {{- end }}
  labels: {{- include "lain.labels" . | trim | nindent 4 }}
spec: {{- include "lain.podSpec" . | trim | nindent 2 }}
{{- end }}

{{/* en: What a Job and a CronJob's jobs have in common. */}}
{{/* zh: Job 与 CronJob 共有的部分. */}}
{{- define "lain.jobSpec" -}}
backoffLimit: {{ include "lain.pick" (dict "in" .spec "key" "backoffLimit" "or" 0) }}
activeDeadlineSeconds: {{ include "lain.pick" (dict "in" .spec "key" "activeDeadlineSeconds" "or" 3600) }}
ttlSecondsAfterFinished: {{ include "lain.pick" (dict "in" .spec "key" "ttlSecondsAfterFinished" "or" 86400) }}
template: {{- include "lain.podTemplate" . | nindent 2 }}
{{- end }}

{{/* en: How many replicas: replicaCount, and under an HPA never fewer than it runs now, so that a deploy takes no capacity away. */}}
{{/* zh: 副本数: 即 replicaCount; 有 HPA 时不少于当前副本数, 避免上线时缩容. */}}
{{- define "lain.replicas" -}}
{{- $wanted := int (include "lain.pick" (dict "in" .spec "key" "replicaCount" "or" 1)) }}
{{- if .spec.hpa }}
{{- $live := lookup "apps/v1" .kind .root.Release.Namespace (printf "%s-%s" .root.Release.Name .name) }}
{{- $now := int (dig "spec" "replicas" 0 $live) }}
{{- min (max $wanted $now) (max $wanted (int .spec.hpa.maxReplicas)) }}
{{- else }}
{{- $wanted }}
{{- end }}
{{- end }}
