{{/*
The lines that NOTES print about revisions that do not count, as a YAML list, from the cluster's objects. Empty if helm
does not query the cluster (helm template, --dry-run=client). ConfigMaps are listed only if the chart gives Remora that
right in all namespaces, since the installing user must have it then too.
*/}}
{{- define "remora.uncounted" -}}
{{- $listed := include "remora.istioNamespaces" . | splitList "," -}}
{{- $only := not (empty .Values.istioNamespaces) -}}
{{- $called := dict -}}
{{- $lines := list -}}
{{- range (lookup "admissionregistration.k8s.io/v1" "MutatingWebhookConfiguration" "" "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $service := dict -}}
{{- range .webhooks -}}
{{- if hasSuffix "sidecar-injector.istio.io" .name }}{{ $service = .clientConfig.service | default $service }}{{ end -}}
{{- end -}}
{{- if and $service (not (hasKey $labels "remora/revision")) -}}
{{- $revision := get $labels "istio.io/rev" | default (ternary (trimPrefix "istiod-" $service.name) "default" (hasPrefix "istiod-" $service.name)) -}}
{{- $_ := set $called (printf "%s/%s" $service.namespace $revision) true -}}
{{- if and $only (not (has $service.namespace $listed)) -}}
{{- $lines = append $lines (printf "revision %s: MutatingWebhookConfiguration %s calls a Service in the namespace %s, which is not read" $revision .metadata.name $service.namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.rbac.create (not $only) -}}
{{- range (lookup "v1" "ConfigMap" "" "").items -}}
{{- $name := .metadata.name -}}
{{- if and (regexMatch "^istio-sidecar-injector(-.+)?$" $name) (ne $name "istio-sidecar-injector-default") (hasKey (.data | default dict) "config") -}}
{{- $revision := trimPrefix "istio-sidecar-injector" $name | trimPrefix "-" | default "default" -}}
{{- if not (or (has .metadata.namespace $listed) (hasKey $called (printf "%s/%s" .metadata.namespace $revision))) -}}
{{- $lines = append $lines (printf "revision %s: ConfigMap %s/%s" $revision .metadata.namespace $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $lines -}}
{{- end -}}
