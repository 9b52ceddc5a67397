/** Codes of findings about labels that are not served, running pods, and what is requested and switched off. */
import { finding } from './code-entry.ts'

export const coreCheckCodes = {
  // ---- control planes that are elsewhere or gone
  'revision-external': finding(
    'note',
    'A control plane outside the cluster serves a revision, such as a managed one. Remora does not know its configuration, so its pods are not checked.',
    'No action is needed. Check its pods with the tools of that control plane.',
  ),
  'injector-config-key-missing': finding(
    'error',
    'The injector ConfigMap has no key `config`, so neither istiod nor Remora can inject the pods of the revision.',
    'Rename the key that the message lists to `config`, or install the chart of Istio again.',
  ),
  'restart-changes-sidecar': finding(
    'warning',
    'A running pod has a different sidecar from the one that a restart would give it. This is a note where the sidecar changes, as in every upgrade, and a warning where the pod has none yet.',
    'Restart its workload when the change is wanted: `kubectl rollout restart`.',
  ),
  'restart-removes-sidecar': finding(
    'warning',
    'A running pod has a sidecar, and the pod that replaces it would have none.',
    'Do not restart the workload yet. If the sidecar is wanted, correct the labels of the namespace or the pod template first.',
  ),

  'called-for-other-revision': finding(
    'error',
    'The webhook that the API server calls belongs to a different revision from the one that the labels select.',
    'Compare the selectors of the webhook configuration with the labels, and correct the one that is wrong.',
  ),

  // ---- requested and switched off
  'policy-disables-injection': finding(
    'warning',
    'The labels request injection, but the policy of the injector configuration is `disabled`, so pods start without a sidecar.',
    'Set `policy: enabled` (the value `global.proxy.autoInject`), or label the pods `sidecar.istio.io/inject: "true"`.',
  ),
  'pod-request-ignored': finding(
    'warning',
    'The pod requests injection, but its namespace disables it, or pods like it are never injected, so it starts without a sidecar.',
    'Remove the label `istio-injection` of the namespace, or remove the label of the pod.',
  ),
  'ambient-and-sidecar': finding(
    'warning',
    'The labels request both the ambient data plane and a sidecar. The sidecar takes precedence: ambient does not capture pods that have one.',
    'Remove `istio.io/dataplane-mode: ambient`, or the labels that request the sidecar.',
  ),
  'namespace-not-discovered': finding(
    'warning',
    'The `discoverySelectors` of the mesh configuration leave out a namespace whose pods are injected. istiod does not watch it, so its proxies lack the root certificate and the services of the namespace.',
    'Label the namespace as one of the selectors requires, or extend `discoverySelectors`.',
  ),
  'cni-not-installed': finding(
    'warning',
    'The values enable the Istio CNI plugin, but its DaemonSet was not found. Without it pods get no traffic redirection, and their validation container fails.',
    'Install the chart `cni`, or disable the plugin in the values (`pilot.cni.enabled`).',
  ),
  'template-unused': finding(
    'note',
    'A template of the injector configuration is neither a default template nor selected by a workload.',
    'Add it to `defaultTemplates`, select it with the annotation `inject.istio.io/templates`, or remove it.',
  ),
  'webhook-after-injector': finding(
    'note',
    'Another mutating webhook for pods runs after the injector. Injection does not see what it adds to a pod, such as a container with probes.',
    'If injection must see its containers, set `reinvocationPolicy: IfNeeded` on the injector, or rename its configuration so that it sorts before.',
  ),
} as const
