/**
 * The expected findings for each folder of collected reports (`code: part of the object`), and codes that must not
 * be reported. Not a test.
 */

export interface ExpectedReport {
  readonly says: readonly string[]
  /** Codes that must not be among the findings. */
  readonly not?: readonly string[]
  /** Parts of messages, for what the code alone does not say. */
  readonly mentions?: readonly string[]
}

const NOT_SERVED = ['revision-label-unserved', 'webhook-without-revision', 'namespace-not-called'] as const

export const reports: Readonly<Record<string, ExpectedReport>> = {
  'A-14597': {
    says: ['pod-revision-ignored: Deployment shop/cart', 'pod-revision-ignored: Deployment shop/pay'],
  },
  'A20-7404': {
    says: ['policy-disables-injection: Namespace shop', 'policy-disables-injection: Deployment shop/cart'],
  },
  'A22-podlabels': {
    says: [
      'label-misspelt: Namespace nsypo',
      'label-misspelt: Namespace nscase',
      'label-misspelt: Namespace nsdot',
      'revision-label-unserved: Deployment free/oldrev',
      'label-misspelt: Deployment free/typo',
      'revision-in-annotation: Namespace nsann',
      'revision-in-annotation: Deployment free/revann',
      'annotation-value-ignored: Deployment free/yes',
    ],
  },
  'A27-noport': {
    says: ['webhook-port-missing: MutatingWebhookConfiguration istio-sidecar-injector'],
    mentions: ['has no port 443'],
  },
  'AA4-expired': {
    says: ['ca-bundle-expired: MutatingWebhookConfiguration istio-sidecar-injector'],
    mentions: ['caBundle expired on 2021-01-01'],
  },
  AMB: {
    says: [
      'ambient-and-sidecar: Namespace a',
      'ambient-and-sidecar: Deployment b/y',
      'ambient-and-sidecar: Deployment c/z',
    ],
  },
  'C-sail551': {
    says: ['namespace-not-called: Namespace shop', 'namespace-not-called: Deployment plain/solo'],
    not: ['revision-label-unserved'],
  },
  'CM-nokey': {
    says: ['injector-config-key-missing: ConfigMap istio-system/istio-sidecar-injector'],
    mentions: ['has no key config (keys: config.yaml, values)'],
    not: ['webhook-without-revision', 'revisions-missing'],
  },
  'G2-mixed-managed': {
    says: ['revision-external: MutatingWebhookConfiguration istio-sidecar-injector-asm-managed'],
    not: NOT_SERVED,
  },
  'H-52245-oldkubelet': {
    says: ['native-sidecar-unsupported: Deployment shop/cart'],
    mentions: ['revision default injects native sidecars', 'n1 (v1.27.9'],
  },
  'H3-job-classic': { says: ['job-does-not-end: Job shop/report', 'job-does-not-end: CronJob shop/nightly'] },
  'J-windows': {
    says: ['windows-pod-injected: Deployment shop/iis', 'windows-pod-injected: Deployment shop/iis2'],
    mentions: ['spec.os.name is windows', 'never starts there'],
  },
  'L-wrongplace': {
    says: [
      'setting-on-owner: Deployment shop/cart',
      'setting-on-owner: Deployment free/w',
      'setting-misplaced: Namespace shop3',
    ],
  },
  'M-56294-gateway': {
    says: [
      'image-placeholder: Deployment ingress/edge',
      'image-placeholder: Deployment edge2/edge2',
      'image-placeholder: Deployment edge3/edge3',
      'revision-label-unserved: Namespace edge3',
    ],
    mentions: ['container istio-proxy keeps the placeholder image auto, because'],
  },
  'M3-gatewaypod': { says: ['image-placeholder: Pod edge2/edge-1', 'image-placeholder: Pod edge/edge-1'] },
  'M4-kubegateway': { says: [], not: ['restart-changes-sidecar', 'control-plane-gone', 'image-placeholder'] },
  'NN5-dup': {
    says: ['key-repeated: ConfigMap istio-system/istio-sidecar-injector'],
    mentions: ['"policy" occurs on lines 3 and 2033'],
  },
  'NN6-nbsp': {
    says: ['injector-config-invalid: ConfigMap istio-system/istio-sidecar-injector'],
    mentions: ['U+00A0 (no-break space) at column 8'],
  },
  NSUNK: { says: [] },
  'O-vol': {
    says: ['injected-pod-invalid: Deployment shop/cart'],
    mentions: ['spec.volumes[istio-envoy] has both hostPath and emptyDir'],
  },
  'OC-nospec': {
    says: ['template-field-unknown: ConfigMap istio-system/istio-sidecar-injector'],
    mentions: ['containers is not a field of a Pod'],
  },
  'OC-typo': {
    says: ['template-field-unknown: ConfigMap istio-system/istio-sidecar-injector'],
    mentions: ['securityContex is not a field'],
  },
  'P-39312': {
    says: ['annotation-field-unknown: Deployment shop/mail'],
    mentions: ['comfigMap is not a field of a Volume'],
  },
  PSA: {
    says: ['pod-security-refused: Deployment shop/cart'],
    mentions: ['container istio-init adds NET_ADMIN, NET_RAW', 'enforce=restricted'],
  },
  'QQ-rollouts1341': {
    says: ['overlay-failed: Service.serving.knative.dev shop/kn'],
    not: ['kind-not-judged'],
  },
  'R2-23027': {
    says: ['selector-ineffective: ConfigMap istio-system/istio-sidecar-injector'],
    mentions: ['the selector is empty and is ignored', 'key, operator, values are not fields'],
  },
  'U-40512': {
    says: [
      'setting-misplaced: Namespace free3',
      'setting-misplaced: Namespace free4',
      'injection-label-invalid: Namespace free5',
      'ambient-and-sidecar: Namespace free6',
      'setting-misplaced: Deployment free/a',
      'setting-misplaced: Deployment free2/b',
    ],
  },
  VAL: {
    says: [
      'injected-pod-invalid: Deployment shop/mountclash',
      'injected-pod-invalid: Deployment shop/mountnopath',
      'annotation-value-ignored: Deployment shop/nat',
      'annotation-value-ignored: Deployment shop/rew',
      'annotation-value-breaks-proxy: Deployment shop/loglvl',
      'annotation-not-json: Deployment shop/uvyaml',
    ],
  },
  'W-1337': {
    says: ['app-runs-as-proxy-user: Deployment shop/u', 'app-uses-proxy-port: Deployment shop/p'],
  },
  'XX2-rs': {
    says: [
      'annotation-invalid: Deployment shop/dur',
      'annotation-invalid: Deployment shop/tabs',
      'proxy-config-field-unknown: Deployment shop/typo',
    ],
  },
}
