{{/* Names and labels that several objects share. */}}

{{- define "remora.fullname" -}}
{{- $name := printf "%s-remora" .Release.Name -}}
{{- if .Values.fullnameOverride -}}
{{- $name = .Values.fullnameOverride -}}
{{- else if contains "remora" .Release.Name -}}
{{- $name = .Release.Name -}}
{{- end -}}
{{- regexReplaceAll "-+$" (trunc 53 $name) "" -}}
{{- end -}}

{{/* Cluster-scoped objects: several namespaces may have releases of the same name. */}}
{{- define "remora.clusterName" -}}
{{- printf "%s-%s" (include "remora.fullname" .) .Release.Namespace -}}
{{- end -}}

{{- define "remora.selectorLabels" -}}
app.kubernetes.io/name: remora
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "remora.labels" -}}
{{ include "remora.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "remora.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "remora.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "remora.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "remora.caSecret" -}}
{{- .Values.tls.self.secretName | default (printf "%s-ca" (include "remora.fullname" .)) -}}
{{- end -}}

{{- define "remora.tlsSecret" -}}
{{- .Values.tls.files.secretName | default (printf "%s-tls" (include "remora.fullname" .)) -}}
{{- end -}}

{{/* The mounted Secret's key with the CA, if the server fills the caBundle from it. */}}
{{- define "remora.caKey" -}}
{{- if eq .Values.tls.mode "files" -}}
{{- with .Values.tls.files -}}
{{- if .caKey -}}
{{- .caKey -}}
{{- else if and .certManager.enabled (not .caBundle) -}}
{{- .certManager.caKey -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secrets that hold the last good configurations, as a YAML list. */}}
{{- define "remora.lastGoodSecrets" -}}
{{- $name := include "remora.fullname" . -}}
{{- range until (int .Values.lastGood.secrets) }}
- {{ printf "%s-last-good-%d" $name . }}
{{- end }}
{{- end -}}

{{- define "remora.heartbeatSecret" -}}
{{- printf "%s-heartbeats" (include "remora.fullname" .) -}}
{{- end -}}

{{/* The `restricted` Pod Security Standard, for the server and the test pod. */}}
{{- define "remora.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "remora.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Namespaces of control planes, separated by commas. Revisions and tags count only there. With `istioNamespaces`, no others are read. */}}
{{- define "remora.istioNamespaces" -}}
{{- $namespaces := concat (list .Values.istioNamespace) (.Values.istioNamespaces | default list) -}}
{{- range concat (.Values.revisions | default list) (.Values.tags | default list) (.Values.profile.install | default list) -}}
{{- with .namespace }}{{ $namespaces = append $namespaces . }}{{ end -}}
{{- end -}}
{{- join "," (uniq $namespaces) -}}
{{- end -}}
