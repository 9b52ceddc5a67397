/**
 * Codes that only `remora check` reports, with their severities; it also reports codes of injection and of the cluster. Part
 * of the table in codes.ts.
 */
import { finding } from './code-entry.ts'

export const checkCodes = {
  // ---- the injector configuration
  'policy-unknown': finding(
    'error',
    'The `policy` of the injector configuration is neither `enabled` nor `disabled`, so no pod is injected.',
    'Set `policy: enabled`.',
  ),
  'template-impure': finding(
    'warning',
    'An injection template uses the current time or random values, so the same pod gets a different patch each time.',
    'Read the time or the random value from the Helm values or from an annotation.',
  ),
  'key-misspelt': finding(
    'warning',
    'A key is unknown, so Istio ignores it. Its name differs by one or two letters from a known key.',
    'Correct the key as the message says.',
  ),

  // ---- results of injection
  'image-incomplete': finding(
    'error',
    'An injected container has no valid image reference.',
    'Set `global.hub`, `global.tag` and `global.proxy.image` in the values.',
  ),
  'volume-missing': finding(
    'error',
    'An injected container mounts a volume that neither the pod nor the templates define, so the API server refuses the pod.',
    'Add the volume to the template, or remove the mount.',
  ),

  // ---- values and mesh
  'values-revision-disagrees': finding(
    'warning',
    'The key `revision` of the values differs from the revision of the ConfigMap. Templates build addresses from it.',
    'Render the chart again with `--set revision=<revision>`.',
  ),
  'mesh-field-unknown': finding(
    'error',
    'The mesh configuration sets a field that does not exist in this Istio version. The field is ignored.',
    'Correct the name, or use the setting of this Istio version.',
  ),
  'proxy-config-field-unknown': finding(
    'warning',
    'The annotation `proxy.istio.io/config` sets a field that does not exist in this Istio version. The field is ignored.',
    'Correct the name, or use the setting of this Istio version.',
  ),
  'setting-deprecated': finding(
    'warning',
    'A setting is deprecated in Istio, or was removed from it. A later release rejects or ignores it.',
    'Use the replacement that the message names, or remove the setting.',
  ),

  // ---- versions
  'istio-version-newer': finding(
    'warning',
    'A control plane is newer than all Istio versions that this build knows. It is treated as the newest known version.',
    'Upgrade Remora. Until then check its pods with `remora inject`.',
  ),
  'istio-version-guessed': finding(
    'warning',
    'The version of a control plane was derived from the contents of its templates, which do not identify the patch release.',
    'Set `--istio-version [REV:]X.Y.Z`, or label the injector ConfigMap `app.kubernetes.io/version`.',
  ),
  'istio-version-disagrees': finding(
    'warning',
    'The label of the injector ConfigMap and the image tag of the values name different minor releases of Istio.',
    'Complete the upgrade that changed one of them, or set `--istio-version [REV:]X.Y.Z`.',
  ),

  // ---- control planes
  'discovery-address-unserved': finding(
    'error',
    'Injected proxies would request their configuration from a Service that does not exist.',
    'Correct `defaultConfig.discoveryAddress` of the mesh configuration, or install the control plane.',
  ),
  'discovery-address-of-other-revision': finding(
    'error',
    'Injected proxies would request their configuration from the istiod of another revision.',
    'Set `defaultConfig.discoveryAddress` of the mesh configuration to the istiod of this revision.',
  ),
  'ca-address-unserved': finding(
    'error',
    'Injected proxies would request their certificates from a Service that does not exist.',
    'Correct `global.caAddress` and `revision` in the values, or install the Service.',
  ),
  'services-not-known': finding(
    'note',
    'The objects contain no Service of a control plane, so addresses were not checked.',
    'Add the Services: `kubectl get svc -A -o yaml`.',
  ),

  // ---- webhooks
  'webhooks-not-known': finding(
    'note',
    'The objects contain no injection webhook, so the calls of the API server were not checked.',
    'Add them: `kubectl get mutatingwebhookconfigurations -o yaml`.',
  ),
  'webhook-service-missing': finding(
    'error',
    'An injection webhook calls a Service that does not exist. With `failurePolicy: Fail` its pods cannot be created.',
    'Install the Service, or remove the webhook configuration.',
  ),
  'webhook-without-revision': finding(
    'error',
    'A webhook configuration names a revision without an injector ConfigMap, so Remora can neither check nor serve it.',
    'Remove the webhook configuration, or create the injector ConfigMap of the revision.',
  ),
  'revision-not-called': finding(
    'warning',
    'No webhook of the cluster names this revision, so no pod gets its sidecar.',
    'Install its webhook configuration, or remove the revision.',
  ),
  'namespace-not-called': finding(
    'error',
    'The labels of a namespace or a pod select a revision, but no webhook matches them, so pods start without a sidecar.',
    'Install or activate the webhook configuration of the revision.',
  ),
  'called-twice': finding(
    'warning',
    'More than one injection webhook matches the pods of a namespace, so they are injected twice.',
    'Deactivate one of the webhook configurations. `istioctl tag set default` does this; the README of the chart has a command for it.',
  ),

  // ---- namespaces
  'injection-label-invalid': finding(
    'warning',
    'The namespace label `istio-injection` is neither `enabled` nor `disabled`, which disables injection.',
    'Set it to `enabled` or `disabled`.',
  ),
} as const
