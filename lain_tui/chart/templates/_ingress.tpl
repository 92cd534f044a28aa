{{/* en: The full name of an ingress' host: one with a dot as it is, else the cluster's domain is added. */}}
{{/* zh: ingress 的完整域名: 带句点的原样使用, 否则补上集群的域名. */}}
{{- define "lain.host" -}}
{{- $values := .root.Values }}
{{- $host := toString .ingress.host }}
{{- if contains "." $host }}{{ $host }}
{{- else if .external }}{{ fail (printf "externalIngresses: host %s is no full domain name" $host) }}
{{- else if $values.domain_suffix }}{{ $host }}{{ $values.domain_suffix }}
{{- else if $values.domain }}{{ $host }}.{{ $values.domain }}
{{- else }}{{ fail (printf "ingresses: host %s is no full domain name, and the cluster values have neither domain nor domain_suffix; write it in full, such as %s.example.com, or set one of them" $host $host) }}
{{- end }}
{{- end }}

{{/* en: The domain that a wildcard certificate is asked for: a.b.c gives b.c, b.c stays. */}}
{{/* zh: 申请泛域名证书用的域名: a.b.c 取 b.c, b.c 不变. */}}
{{- define "lain.zone" -}}
{{- if regexMatch "^[^.]+[.][^.]+$" . }}{{ . }}{{ else }}{{ regexReplaceAll "^[^.]+[.]" . "" }}{{ end }}
{{- end }}

{{- define "lain.ingress" -}}
{{- $root := .root }}
{{- $values := .root.Values }}
{{- $ingress := .ingress }}
{{- $class := coalesce $ingress.ingressClass (index $values .class) }}
{{- $host := include "lain.host" . }}
{{- $procs := merge (include "lain.statefulSets" $root | fromJson) (include "lain.deployments" $root | fromJson) }}
{{- $proc := index $procs $ingress.deployName }}
{{- if not $proc }}{{ fail (printf "ingress %s: there is no proc named %v (deployName)" $host $ingress.deployName) }}{{ end }}
{{- $annotations := dict }}
{{- with $values.clusterIssuer }}{{ $_ := set $annotations "cert-manager.io/cluster-issuer" . }}{{ end }}
{{- if and $class (not $values.supportsIngressClassName) }}{{ $_ := set $annotations "kubernetes.io/ingress.class" $class }}{{ end }}
{{- range $key, $value := index $values .annotations }}{{ $_ := set $annotations $key $value }}{{ end }}
{{- range $key, $value := $ingress.annotations }}{{ $_ := set $annotations $key $value }}{{ end }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $host | replace "." "-" | replace "*" "wildcard" }}-{{ $root.Release.Name }}-{{ $ingress.deployName }}
  labels: {{- include "lain.labels" (dict "root" $root "name" "") | trim | nindent 4 }}
  {{- with $annotations }}
  annotations: {{- include "lain.annotations" . | trim | nindent 4 }}
  {{- end }}
spec:
  {{- if and $class $values.supportsIngressClassName }}
  ingressClassName: {{ $class }}
  {{- end }}
  {{- $secret := index $values .tls }}
  {{- if $values.clusterIssuer }}
  {{- $zone := include "lain.zone" $host }}
  tls:
    - hosts:
        - {{ $zone | quote }}
        - {{ printf "*.%s" $zone | quote }}
      secretName: {{ coalesce $secret ($zone | replace "." "-") }}
  {{- else if $secret }}
  tls:
    - secretName: {{ $secret }}
  {{- end }}
  rules:
    - host: {{ $host | quote }}
      http:
        paths:
          {{- range $ingress.paths }}
          - path: {{ . | quote }}
            pathType: Prefix
            backend:
              service:
                name: {{ $root.Release.Name }}-{{ $ingress.deployName }}
                port:
                  number: {{ coalesce $proc.nodePort 80 }}
          {{- end }}
{{- end }}
