/**
 * Codes of what `remora check` finds beside the codes that injection and the cluster give anyway, each with its
 * severity. Part of the table in codes.ts.
 */
import { finding } from './code-entry.ts'

export const checkCodes = {
  // ---- the injector configuration
  'policy-unknown': finding(
    'error',
    'The `policy` of the injector configuration is neither `enabled` nor `disabled`, so no pod is injected.',
    'Write `policy: enabled`.',
  ),
  'template-impure': finding(
    'warning',
    'An injection template reads the clock or chance, so the same pod gets another patch each time.',
    'Take the time or the random text from the values or from an annotation.',
  ),
  'key-misspelt': finding(
    'warning',
    'A key that Istio does not know is one or two letters away from one that it knows, and is ignored.',
    'Write the key as the message says.',
  ),

  // ---- what injection gives
  'image-incomplete': finding(
    'error',
    'An injected container has no image that a kubelet could pull.',
    'Set `global.hub`, `global.tag` and `global.proxy.image` of the values.',
  ),
  'volume-missing': finding(
    'error',
    'An injected container mounts a volume that neither the pod nor the templates define, so the API server refuses the pod.',
    'Add the volume to the template, or take the mount out of it.',
  ),

  // ---- values and mesh
  'values-revision-disagrees': finding(
    'warning',
    'The key `revision` of the values is another one than that of the ConfigMap, and templates build addresses from it.',
    'Render the chart anew with `--set revision=<revision>`.',
  ),
  'mesh-field-unknown': finding(
    'error',
    'The mesh configuration sets a field that this Istio does not have; it is ignored.',
    'Correct the name, or move the setting to where this Istio reads it.',
  ),
  'proxy-config-field-unknown': finding(
    'warning',
    'The annotation `proxy.istio.io/config` sets a field that this Istio does not have; it is ignored.',
    'Correct the name, or move the setting to where this Istio reads it.',
  ),
  'setting-deprecated': finding(
    'warning',
    'A setting is deprecated by Istio, or has left it; a later release refuses or ignores it.',
    'Use what the message names in its place, or remove it.',
  ),

  // ---- versions
  'istio-version-newer': finding(
    'warning',
    'A control plane is newer than every Istio that this build knows; it is served as the newest known one.',
    'Use a newer Remora; until then look at what `remora inject` makes of its pods.',
  ),
  'istio-version-guessed': finding(
    'warning',
    'The version of a control plane is told only by what its templates contain, which cannot tell patch levels.',
    'Say it by `--istio-version [REV:]X.Y.Z`, or label the injector ConfigMap `app.kubernetes.io/version`.',
  ),
  'istio-version-disagrees': finding(
    'warning',
    'The label of the injector ConfigMap and the image tag of the values name different minor releases of Istio.',
    'Finish the upgrade that changed one of them, or say the version by `--istio-version [REV:]X.Y.Z`.',
  ),

  // ---- control planes
  'discovery-address-unserved': finding(
    'error',
    'Injected proxies would ask a Service for their configuration that the cluster does not have.',
    'Correct `defaultConfig.discoveryAddress` of the mesh configuration, or install the control plane.',
  ),
  'discovery-address-of-other-revision': finding(
    'error',
    'Injected proxies would ask the istiod of another revision for their configuration.',
    'Set `defaultConfig.discoveryAddress` of the mesh configuration to the istiod of this revision.',
  ),
  'ca-address-unserved': finding(
    'error',
    'Injected proxies would ask a Service for their certificates that the cluster does not have.',
    'Correct `global.caAddress` and `revision` of the values, or install what serves it.',
  ),
  'services-not-known': finding(
    'note',
    'No Service of a control plane is among the objects, so addresses were not compared with them.',
    'Add the Services: `kubectl get svc -A -o yaml`.',
  ),

  // ---- webhooks
  'webhooks-not-known': finding(
    'note',
    'No injection webhook is among the objects, so it was not looked at whom the API server calls.',
    'Add them: `kubectl get mutatingwebhookconfigurations -o yaml`.',
  ),
  'webhook-service-missing': finding(
    'error',
    'An injection webhook calls a Service that the cluster does not have; with `failurePolicy: Fail` its pods cannot be created.',
    'Install what serves it, or remove the webhook configuration.',
  ),
  'webhook-without-revision': finding(
    'error',
    'A webhook configuration is for a revision that has no injector ConfigMap, so Remora can neither check nor serve it.',
    'Remove the webhook configuration, or give the revision an injector ConfigMap.',
  ),
  'revision-not-called': finding(
    'warning',
    'No webhook of the cluster calls for this revision, so no pod gets its sidecar.',
    'Install its webhook configuration, or remove the revision.',
  ),
  'namespace-not-called': finding(
    'error',
    'The labels of a namespace ask for a revision, and no webhook matches them, so its pods start without a sidecar.',
    'Install or activate the webhook configuration of the revision.',
  ),
  'called-twice': finding(
    'warning',
    'More than one injection webhook matches the pods of a namespace: they are injected twice, one after the other.',
    'Deactivate one of the webhook configurations, as `istioctl tag set default` and the README of the chart do it.',
  ),

  // ---- namespaces
  'injection-label-invalid': finding(
    'warning',
    'The namespace label `istio-injection` is neither `enabled` nor `disabled`, which switches injection off.',
    'Write `enabled` or `disabled`.',
  ),
} as const
