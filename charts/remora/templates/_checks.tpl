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
{{- include "remora.refuseLifetimes" . -}}
{{- include "remora.refuseUnknownAlerts" . -}}
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

{{/* Lifetimes of certificates that cert-manager refuses, or with which a certificate outlives its CA. */}}
{{- define "remora.refuseLifetimes" -}}
{{- $tls := .Values.tls -}}
{{- with $tls.files.certManager -}}
{{- if and .enabled (eq $tls.mode "files") -}}
{{- $pairs := list (list "renewBefore" "duration") -}}
{{- if not .issuerRef -}}
{{- $pairs = concat $pairs (list (list "caRenewBefore" "caDuration") (list "duration" "caRenewBefore")) -}}
{{- end -}}
{{- $values := . -}}
{{- range $pairs -}}
{{- $shorter := get $values (first .) -}}
{{- $longer := get $values (last .) -}}
{{- if and $shorter $longer (ge (int64 (include "remora.milliseconds" $shorter)) (int64 (include "remora.milliseconds" $longer))) -}}
{{- fail (printf "tls.files.certManager.%s (%s) must be longer than tls.files.certManager.%s (%s)" (last .) $longer (first .) $shorter) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The milliseconds of a duration such as 1h30m. */}}
{{- define "remora.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 -}}
{{- $sum := 0 -}}
{{- range regexFindAll "[0-9]+(ms|s|m|h)" . -1 -}}
{{- $unit := regexFind "[a-z]+" . -}}
{{- $sum = add $sum (mul (int64 (trimSuffix $unit .)) (get $units $unit)) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}

{{/* A misspelt name would leave its alert switched on. */}}
{{- define "remora.refuseUnknownAlerts" -}}
{{- $names := list -}}
{{- range (.Files.Get "files/alerts.yaml" | fromYaml).groups -}}
{{- range .rules -}}{{- $names = append $names .alert -}}{{- end -}}
{{- end -}}
{{- range .Values.metrics.prometheusRule.disabled -}}
{{- if not (has . $names) -}}
{{- $wrong := . -}}
{{- $nearest := "" -}}
{{- $least := 1000 -}}
{{- range $names -}}
{{- $distance := int (include "remora.editDistance" (list $wrong .)) -}}
{{- if lt $distance $least -}}{{- $least = $distance -}}{{- $nearest = . -}}{{- end -}}
{{- end -}}
{{- fail (printf "metrics.prometheusRule.disabled: there is no alert %q; did you mean %s? (known: %s)" $wrong $nearest (join ", " $names)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Levenshtein distance of two names, row by row. Longer names are cut, which bounds the work. */}}
{{- define "remora.editDistance" -}}
{{- $from := splitList "" (first . | trunc 40) -}}
{{- $to := splitList "" (last . | trunc 40) -}}
{{- $row := list 0 -}}
{{- range $j, $_ := $to -}}{{- $row = append $row (add $j 1) -}}{{- end -}}
{{- range $i, $a := $from -}}
{{- $next := list (add $i 1) -}}
{{- range $j, $b := $to -}}
{{- $replaced := add (index $row $j) (ternary 0 1 (eq $a $b)) -}}
{{- $next = append $next (min $replaced (add 1 (last $next)) (add 1 (index $row (add $j 1 | int)))) -}}
{{- end -}}
{{- $row = $next -}}
{{- end -}}
{{- last $row -}}
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
