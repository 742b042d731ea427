{{- define "sekisho.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "sekisho.selector" -}}
app.kubernetes.io/name: sekisho
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sekisho.labels" -}}
{{ include "sekisho.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "sekisho.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "sekisho.name" .) -}}
{{- end -}}

{{- define "sekisho.secret" -}}
{{- .Values.tls.secretName | default (printf "%s-tls" (include "sekisho.name" .)) -}}
{{- end -}}

{{/* File name to text: the chart's folder policies/, then the values. */}}
{{- define "sekisho.policies" -}}
{{- $files := dict -}}
{{- range $path, $bytes := .Files.Glob "policies/**.yaml" -}}
{{- $_ := set $files ($path | trimPrefix "policies/" | replace "/" "--") (toString $bytes) -}}
{{- end -}}
{{- range $name, $text := .Values.policies.files -}}
{{- $_ := set $files $name $text -}}
{{- end -}}
{{- if $files }}{{ toYaml $files }}{{ end -}}
{{- end -}}
