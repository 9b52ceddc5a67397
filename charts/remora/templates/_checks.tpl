{{/* Combinations of values that cannot work, and those that NOTES warn about. values.schema.json checks single values. */}}

{{- define "remora.refuseValues" -}}
{{- if eq (int .Values.server.webhookPort) (int .Values.server.metricsPort) -}}
{{- fail (printf "server.webhookPort and server.metricsPort are both %d: they must be different" (int .Values.server.webhookPort)) -}}
{{- end -}}
{{- with .Values.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "autoscaling.minReplicas (%d) is greater than autoscaling.maxReplicas (%d), which the API server refuses" (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- if and (ne .Values.tls.mode "files") .Values.tls.files.certManager.enabled -}}
{{- fail (printf "tls.files.certManager.enabled has no effect with tls.mode %s: set tls.mode=files too" .Values.tls.mode) -}}
{{- end -}}
{{- $revision := "^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?:)?" -}}
{{- range $index, $entry := .Values.server.istioVersions -}}
{{- if not (regexMatch (print $revision `[0-9]{1,4}[.][0-9]{1,4}([.][0-9]{1,4})?([-+][0-9A-Za-z.+-]+)?$`) $entry) -}}
{{- fail (printf "server.istioVersions[%d]: %q is not [REVISION:]X.Y.Z, such as 1.30.3 or canary:1.31.0" $index $entry) -}}
{{- end -}}
{{- end -}}
{{- range $index, $entry := .Values.server.istiodEnv -}}
{{- if not (regexMatch (print $revision `[A-Za-z_][A-Za-z0-9_.-]*=`) $entry) -}}
{{- fail (printf "server.istiodEnv[%d]: the value (not shown) is not [REVISION:]NAME=VALUE, such as canary:ENABLE_NATIVE_SIDECARS=true" $index) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The minimum number of replicas. */}}
{{- define "remora.leastReplicas" -}}
{{- .Values.autoscaling.enabled | ternary .Values.autoscaling.minReplicas .Values.replicaCount | int -}}
{{- end -}}

{{/* `true` if no pod may ever be evicted, so that its node cannot be drained. */}}
{{- define "remora.forbidsDrains" -}}
{{- with .Values.podDisruptionBudget -}}
{{- if .enabled -}}
{{- $least := int (include "remora.leastReplicas" $) -}}
{{- $min := toString (.minAvailable | default "") -}}
{{- $max := toString .maxUnavailable -}}
{{- if and (ne $min "") (ne $min "0") -}}
{{- if or (eq $min "100%") (and (not (hasSuffix "%" $min)) (ge (int $min) $least)) -}}true{{- end -}}
{{- else if or (eq $max "0") (eq $max "0%") -}}true{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* `true` if pods are refused while no replica responds. */}}
{{- define "remora.failsClosed" -}}
{{- range include "remora.registrations" . | fromYamlArray -}}
{{- if eq .settings.failurePolicy "Fail" -}}true{{- end -}}
{{- end -}}
{{- end -}}
