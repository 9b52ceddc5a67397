{{/*
The MutatingWebhookConfigurations and their selectors. The selectors are Istio's (1.10 and
later); a test compares them with those of Istio's charts.
*/}}

{{/* Checks that a name is a DNS label. Input: dict what, name. Fails with a suggestion. */}}
{{- define "remora.checkName" -}}
{{- $name := toString .name -}}
{{- if or (gt (len $name) 63) (not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" $name)) -}}
{{- $meant := $name | lower | replace "." "-" | replace "_" "-" | trimAll "-" | trunc 63 | trimSuffix "-" -}}
{{- $hint := ternary (printf "; perhaps %s" $meant) "" (and (ne $meant $name) (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" $meant)) -}}
{{- fail (printf "%s %q: a revision's or tag's name is made of lower-case letters, digits and dashes, at most 63%s" .what $name $hint) -}}
{{- end -}}
{{- end -}}

{{/*
All registrations as a YAML list of: object (the configuration's name), by (revisions, tags), name, revision,
active, legacy (has the webhooks for istio-injection), path, and the settings of its webhooks.
*/}}
{{- define "remora.registrations" -}}
{{- $tags := list -}}
{{- range .Values.tags -}}
{{- $tags = append $tags .name -}}
{{- end -}}
{{- $result := list -}}
{{- $objects := list -}}
{{- range $by := list "revisions" "tags" -}}
{{- range $entry := index $.Values $by | default list -}}
{{- $name := $entry.name -}}
{{- include "remora.checkName" (dict "what" $by "name" $name) -}}
{{- $revision := $name -}}
{{- if eq $by "tags" -}}
{{- $revision = $entry.revision -}}
{{- include "remora.checkName" (dict "what" (printf "tags: %s: revision" $name) "name" $revision) -}}
{{- end -}}
{{- /* A tag with a revision's name shadows the revision, as `istioctl tag set default` does. Only one may match. */ -}}
{{- $shadowed := and (eq $by "revisions") (has $name $tags) -}}
{{- $namespace := $entry.namespace | default $.Values.istioNamespace -}}
{{- $object := "" -}}
{{- if eq $.Values.registration.names "istio" -}}
{{- $object = eq $by "tags" | ternary (printf "istio-revision-tag-%s" $name) (eq $name "default" | ternary "istio-sidecar-injector" (printf "istio-sidecar-injector-%s" $name)) -}}
{{- if ne $namespace "istio-system" -}}
{{- $object = printf "%s-%s" $object $namespace -}}
{{- end -}}
{{- else -}}
{{- $object = eq $by "tags" | ternary (printf "remora-revision-tag-%s" $name) (eq $name "default" | ternary "remora-sidecar-injector" (printf "remora-sidecar-injector-%s" $name)) -}}
{{- end -}}
{{- if has $object $objects -}}
{{- fail (printf "%s: %s is listed twice" $by $name) -}}
{{- end -}}
{{- $objects = append $objects $object -}}
{{- $settings := dict -}}
{{- range $key := list "failurePolicy" "timeoutSeconds" "reinvocationPolicy" -}}
{{- $_ := set $settings $key (index $entry $key | default (index $.Values.registration $key)) -}}
{{- end -}}
{{- $path := printf "/%s/%s/inject" $by $name -}}
{{- range $key, $value := mergeOverwrite (dict) ($.Values.registration.injectionPath | default dict) ($entry.injectionPath | default dict) -}}
{{- $path = printf "%s/%s/%s" $path $key (toString $value | replace "/" "--slash--") -}}
{{- end -}}
{{- $result = append $result (dict "object" $object "by" $by "name" $name "revision" $revision "namespace" $namespace "path" $path "active" (and ($entry.active | default false) (not $shadowed)) "shadowed" $shadowed "legacy" (and (eq $name "default") (not $shadowed)) "settings" $settings) -}}
{{- end -}}
{{- end -}}
{{- toYaml $result -}}
{{- end -}}

{{/* Names of all configurations, separated by commas. */}}
{{- define "remora.registrationNames" -}}
{{- $names := list -}}
{{- range include "remora.registrations" . | fromYamlArray -}}
{{- $names = append $names .object -}}
{{- end -}}
{{- join "," $names -}}
{{- end -}}

{{/* Namespaces that no webhook matches: those of the values, and Remora's own, unless it is `default` or also has a control plane. */}}
{{- define "remora.excludedNamespaces" -}}
{{- $excluded := .Values.registration.excludedNamespaces | default list -}}
{{- $shared := list "default" .Values.istioNamespace -}}
{{- range concat (.Values.revisions | default list) (.Values.tags | default list) -}}
{{- $shared = append $shared (.namespace | default $.Values.istioNamespace) -}}
{{- end -}}
{{- if not (has .Release.Namespace $shared) -}}
{{- $excluded = append $excluded .Release.Namespace -}}
{{- end -}}
{{- toYaml (uniq $excluded) -}}
{{- end -}}

{{- define "remora.neverMatch" -}}
namespaceSelector:
  matchLabels:
    istio.io/deactivated: never-match
objectSelector:
  matchLabels:
    istio.io/deactivated: never-match
{{- end -}}

{{/* Input: dict prefix, name, excluded (list). */}}
{{- define "remora.selectors" -}}
{{- $excluded := .excluded -}}
{{- if eq .prefix "auto." -}}
{{- $excluded = concat (list "kube-system" "kube-public" "kube-node-lease" "local-path-storage") $excluded | uniq -}}
{{- end -}}
namespaceSelector:
  matchExpressions:
  {{- if eq .prefix "rev.namespace." }}
  - key: istio.io/rev
    operator: In
    values: [{{ .name | quote }}]
  - key: istio-injection
    operator: DoesNotExist
  {{- else if eq .prefix "namespace." }}
  - key: istio-injection
    operator: In
    values: [enabled]
  {{- else }}
  - key: istio.io/rev
    operator: DoesNotExist
  - key: istio-injection
    operator: DoesNotExist
  {{- end }}
  {{- with $excluded }}
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values:
    {{- range . }}
    - {{ . | quote }}
    {{- end }}
  {{- end }}
objectSelector:
  matchExpressions:
  {{- if eq .prefix "object." }}
  - key: sidecar.istio.io/inject
    operator: In
    values: ["true"]
  {{- else if eq .prefix "auto." }}
  - key: sidecar.istio.io/inject
    operator: DoesNotExist
  {{- else }}
  - key: sidecar.istio.io/inject
    operator: NotIn
    values: ["false"]
  {{- end }}
  {{- if eq .prefix "rev.object." }}
  - key: istio.io/rev
    operator: In
    values: [{{ .name | quote }}]
  {{- else if or (eq .prefix "object.") (eq .prefix "auto.") }}
  - key: istio.io/rev
    operator: DoesNotExist
  {{- end }}
{{- end -}}

{{/* `true` if the server maintains the caBundle, for which it needs the right to patch. */}}
{{- define "remora.maintainsCaBundle" -}}
{{- if or (eq .Values.tls.mode "self") (include "remora.caKey" .) -}}true{{- end -}}
{{- end -}}

{{/* In base64, or empty if something else fills it. */}}
{{- define "remora.caBundle" -}}
{{- if eq .Values.tls.mode "files" -}}
{{- $given := .Values.tls.files.caBundle | default "" | trim -}}
{{- $pem := "-----BEGIN CERTIFICATE-----" -}}
{{- if contains $pem $given -}}
{{- printf "%s\n" $given | b64enc -}}
{{- else if $given -}}
{{- /* As base64 and other tools print it: in lines. */ -}}
{{- $encoded := regexReplaceAll "\\s+" $given "" -}}
{{- if not (contains $pem (b64dec $encoded)) -}}
{{- fail "tls.files.caBundle: expected certificates as PEM (-----BEGIN CERTIFICATE-----), or such PEM in base64" -}}
{{- end -}}
{{- $encoded -}}
{{- end -}}
{{- end -}}
{{- end -}}
