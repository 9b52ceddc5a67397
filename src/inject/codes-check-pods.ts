/**
 * Codes that only the registry of findings reports, about pods and what people write for them. Part of the table in
 * codes.ts.
 */
import { finding } from './code-entry.ts'

export const podCheckCodes = {
  // ---- the injected pod as Kubernetes judges it
  'injected-pod-invalid': finding(
    'error',
    'The pod is valid, but the injected pod is not, so the API server refuses it.',
    'Correct the template, the values or the annotation that sets the field. `remora explain --fields` names it.',
  ),
  'workload-invalid': finding(
    'error',
    'The API server refuses the pods of this template, with or without injection.',
    'Correct the field of the manifest.',
  ),
  'native-sidecar-unsupported': finding(
    'error',
    'The revision injects native sidecars, and some nodes have a kubelet that does not support them. Before Kubernetes 1.29 the API server refuses such pods, or they never start.',
    'Set `ENABLE_NATIVE_SIDECARS=false` for istiod, or annotate the pods `sidecar.istio.io/nativeSidecar: "false"` (Istio 1.24 and later).',
  ),
  'windows-pod-injected': finding(
    'warning',
    'A pod for Windows gets a sidecar. The proxy runs on Linux only, and Kubernetes refuses Linux settings in a pod with `spec.os.name: windows`.',
    'Label the pods `sidecar.istio.io/inject: "false"`.',
  ),
  'pod-security-refused': finding(
    'error',
    'The Pod Security level that the namespace enforces refuses what injection adds to the pods.',
    'Install the Istio CNI plugin, so that istio-init is not needed, or enforce a level that allows it.',
  ),
  'pod-security-warns': finding(
    'warning',
    'The Pod Security level that the namespace warns about does not allow what injection adds to the pods.',
    'Install the Istio CNI plugin, so that istio-init is not needed, or set another level.',
  ),
  'limit-range-refused': finding(
    'error',
    'A LimitRange of the namespace refuses the injected pod.',
    'Set the resources of the proxy with `sidecar.istio.io/proxyCPU`, `proxyCPULimit`, `proxyMemory` and `proxyMemoryLimit`, or change the LimitRange.',
  ),
  'resource-quota-refused': finding(
    'error',
    'A ResourceQuota of the namespace refuses the injected pod.',
    'Set the resources of the proxy with `sidecar.istio.io/proxyCPU`, `proxyCPULimit`, `proxyMemory` and `proxyMemoryLimit`, or raise the quota.',
  ),
  'resource-quota-exceeded': finding(
    'warning',
    'The workloads of a namespace fit its ResourceQuota without sidecars but not with them, so the last pods are refused.',
    'Raise the quota, or lower the resources of the proxies.',
  ),
  'api-server-refuses-pod': finding(
    'error',
    'With `--dry-run=server`: the API server refuses the injected pod, because of its own validation, Pod Security, a LimitRange, a ResourceQuota, a policy or an admission webhook. The message is that of the API server.',
    'Correct the field or the setting that the message names. `remora explain --fields` shows which template, value or annotation sets an injected field.',
  ),
  'api-server-warns': finding(
    'note',
    'With `--dry-run=server`: the API server accepts the injected pod with a warning, which kubectl would print.',
    'Correct what the warning names. No pod is refused because of it.',
  ),
  'dry-run-not-judged': finding(
    'warning',
    'With `--dry-run=server`: the API server gave no verdict about the injected pod. A permission is missing, a webhook does not support dry runs or does not answer, or there are too many pods.',
    'Remove the cause that the message names. `kubectl auth can-i create pods -n NAMESPACE` shows whether you have the permission.',
  ),
  'app-runs-as-proxy-user': finding(
    'warning',
    'A container of the application runs as user 1337, the user of istio-proxy, so its traffic is not redirected (IST0144).',
    'Run the container as another user.',
  ),
  'app-uses-proxy-port': finding(
    'warning',
    'A container of the application uses a port on which the proxy of the same pod listens. One of them cannot start.',
    'Use another port.',
  ),
  'container-merged': finding(
    'warning',
    'A container of the pod has the name of one that injection adds, such as `istio-init`, and an image of its own. The two are merged into one container, and the settings of the pod replace those of injection.',
    'Rename the container. If it is meant to change the injected one, give it the image `auto`.',
  ),

  // ---- right setting, wrong place
  'setting-on-owner': finding(
    'warning',
    'A label or annotation for injection is on the workload itself, not on its pod template, where it has no effect (IST0107).',
    'Move it to the metadata of the pod template.',
  ),
  'setting-misplaced': finding(
    'warning',
    'An injection setting is a label instead of an annotation, or on a pod instead of its namespace, or vice versa.',
    'Set it where the message says.',
  ),

  // ---- what people write
  'manifest-field-unknown': finding(
    'warning',
    'A manifest sets a field that Kubernetes does not have. It is dropped, and `kubectl` with strict validation refuses it.',
    'Correct the name of the field, or remove it.',
  ),
  'manifest-not-rendered': finding(
    'error',
    'A name, label or image contains template syntax: the manifest is an unrendered template, for example of Helm.',
    'Render it first: `helm template`.',
  ),
  'template-value-missing': finding(
    'warning',
    'A template writes `<no value>`, because it reads a value that is missing. `.Values` of an injection template are the key `values` of the injector ConfigMap, not the values of another chart.',
    'Set the value, or give the expression a default.',
  ),
  'template-field-unknown': finding(
    'warning',
    'An injection template writes a field that a Pod does not have. It has no effect.',
    'Correct the name or the position of the field.',
  ),
  'selector-ineffective': finding(
    'warning',
    'A selector of `neverInjectSelector` or `alwaysInjectSelector` is empty or has unknown fields, so it selects nothing or something else.',
    'Write `matchLabels` or `matchExpressions` in one item of the list.',
  ),
  'annotation-not-json': finding(
    'error',
    'An annotation that Istio reads as JSON is not JSON.',
    'Write its value as JSON.',
  ),
  'annotation-field-unknown': finding(
    'warning',
    'An annotation with a volume, mount or container sets a field that Kubernetes does not have, or with a value of the wrong type.',
    'Correct the field.',
  ),
  'annotation-value-ignored': finding(
    'warning',
    'An annotation or label has a value that Istio ignores without an error.',
    'Use one of the values that the message names.',
  ),
  'annotation-value-breaks-proxy': finding(
    'error',
    'Istio does not validate the value of an annotation, and the proxy or its init container does not start with it.',
    'Use one of the values that the message names.',
  ),
  'key-repeated': finding(
    'warning',
    'A map contains a key twice. The last one is used, and the other is ignored.',
    'Remove one of the two lines.',
  ),
  'invisible-character': finding(
    'warning',
    'A text contains a character that cannot be seen, such as a no-break space, which looks like an ordinary space.',
    'Delete the character at the column that the message names, and type it again.',
  ),

  // ---- what ordinary sidecars do to others
  'job-does-not-end': finding(
    'note',
    'A Job gets an ordinary sidecar. Its pods do not end while the proxy runs.',
    'Use native sidecars, opt the Job out with the label `sidecar.istio.io/inject: "false"`, or let the job call `POST localhost:15020/quitquitquit` at its end.',
  ),
  'init-container-without-network': finding(
    'note',
    'Traffic is redirected by the CNI plug-in before init containers run, and the ordinary sidecar starts after them, so they have no network.',
    'Use native sidecars, or exclude what they need with `traffic.sidecar.istio.io/excludeOutboundIPRanges` or `excludeOutboundPorts`.',
  ),
  'application-starts-before-proxy': finding(
    'note',
    'The application starts at the same time as an ordinary sidecar, so its first requests may fail.',
    'Use native sidecars, or set `holdApplicationUntilProxyStarts: true` in `proxy.istio.io/config` or the mesh configuration.',
  ),
} as const
