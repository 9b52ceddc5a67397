/**
 * Codes that only `remora check`, `explain` and their like report: the path to the webhook, running proxies and their control
 * planes, and what cannot be judged. Part of the table in codes.ts.
 */
import { finding } from './code-entry.ts'

export const clusterCheckCodes = {
  // ---- the path to the webhook
  'webhook-port-missing': finding(
    'error',
    'An injection webhook calls a port that its Service does not have. With `failurePolicy: Fail` its pods cannot be created.',
    'Add the port to the Service, or correct `clientConfig.service.port` of the webhook (443 if it is absent).',
  ),
  'webhook-without-endpoints': finding(
    'warning',
    'The Service of an injection webhook has no ready endpoints, or its control plane is scaled to zero. With `failurePolicy: Fail` its pods cannot be created.',
    'Start the control plane: scale its Deployment up, and check its pods and the selector of the Service.',
  ),
  'webhook-failure-ignored': finding(
    'warning',
    'An injection webhook has `failurePolicy: Ignore`, so a pod starts without a sidecar and without a message whenever the call fails.',
    'Set `failurePolicy: Fail`.',
  ),
  'ca-bundle-missing': finding(
    'note',
    'An injection webhook has no `caBundle`. The control plane writes it when it starts; until then the API server cannot call it.',
    'If the control plane has not started yet, do nothing. Otherwise check its log, and whether its service account may patch webhook configurations.',
  ),
  'ca-bundle-invalid': finding(
    'error',
    'The `caBundle` of an injection webhook contains no certificate, so the API server cannot call it.',
    'Set it to the CA certificate in PEM format, encoded once with base64; or remove it, so that the control plane writes it.',
  ),
  'ca-bundle-expired': finding(
    'error',
    'No certificate in the `caBundle` of an injection webhook is valid now, so the API server refuses the connection.',
    'Renew the CA and the caBundle. For istiod: restart it, and check the expiry of its CA (Secret `istio-ca-secret` or `cacerts`).',
  ),
  'ca-bundle-expires-soon': finding(
    'warning',
    'The last certificate in the `caBundle` of an injection webhook expires within 14 days. Then no pod can be injected.',
    'Renew the CA and the caBundle.',
  ),
  'ca-bundle-of-other-ca': finding(
    'error',
    'The `caBundle` of an injection webhook does not verify the certificate that its Service presents, so the API server refuses the connection.',
    'Let the control plane write its caBundle: check that no other tool resets it (GitOps), and restart the control plane.',
  ),
  'namespaces-by-default-unserved': finding(
    'warning',
    'The values enable injection in all namespaces, but no webhook whose name begins with `auto.` exists, so namespaces without labels are not injected.',
    'Render the chart of istiod again, so that its webhook configuration gets the webhooks `auto.`; or remove the setting.',
  ),
  'system-namespace-labelled': finding(
    'warning',
    'A system namespace asks for injection. Istio never injects its pods, but the API server calls the webhook for them: while the webhook is down, system pods cannot be created.',
    'Remove the label.',
  ),

  // ---- proxies
  'control-plane-gone': finding(
    'error',
    'A running proxy uses a control plane that no longer exists. It keeps its last configuration, and its certificate is not renewed. If only the configuration of its revision is gone, this is a warning.',
    'Restart the workload, so that it gets the sidecar of an existing control plane.',
  ),
  'image-placeholder': finding(
    'error',
    'A container has the image `auto`, which injection would replace, but the pod is not injected. The image cannot be pulled.',
    'Make the pod ask for injection as the message says, or set the image.',
  ),

  // ---- what cannot be judged
  'kind-not-judged': finding(
    'note',
    'Objects of a kind that Remora does not know create pods. Their existing pods are checked; their templates are not.',
    'Look at the pods that they create: `remora explain namespace NAMESPACE`.',
  ),
  'workload-template-missing': finding(
    'warning',
    'A workload refers to another object for its pod template, and that object does not exist.',
    'Correct the reference, or add the object.',
  ),
} as const
