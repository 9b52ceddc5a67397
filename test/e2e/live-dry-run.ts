/**
 * `--dry-run=server` before the real API server: a pod that it accepts, refusals by validation, Pod Security and a LimitRange,
 * and a missing permission. Part of the suite `live-cluster`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { runCommand } from '../cli/run-command.ts'
import type { ControlPlane } from './harness/control-plane.ts'
import type { Kubectl } from './harness/kubectl.ts'
import { waitFor } from './harness/process.ts'

const CONFIGURATION = 'istio-sidecar-injector-dry-run'
const NAMESPACES = ['dry-run', 'dry-run-baseline', 'dry-run-limited']
const VIEWER = 'dry-run-viewer'

/** Nothing serves it, and its failures are ignored, so the API server judges the pods as they are sent. */
const webhookConfiguration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: CONFIGURATION, labels: { 'istio.io/rev': 'canary' } },
  webhooks: [
    {
      name: 'rev.namespace.sidecar-injector.istio.io',
      clientConfig: { service: { name: 'istiod-canary', namespace: 'istio-system', path: '/inject' } },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      failurePolicy: 'Ignore',
      timeoutSeconds: 1,
      namespaceSelector: { matchLabels: { 'istio.io/rev': 'canary' } },
      objectSelector: {
        matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] }],
      },
    },
  ],
}

/** Without replicas, so that only the dry run creates pods. */
function workload(kind: 'Deployment' | 'StatefulSet', namespace: string, name: string, pod: object = {}) {
  const mounted = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }
  const claims = [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  ]
  const isSet = kind === 'StatefulSet'
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, ...pod },
        spec: { containers: [{ name: 'app', image: 'example.com/app:1', ...(isSet ? mounted : {}) }] },
      },
      ...(isSet ? { serviceName: name, volumeClaimTemplates: claims } : {}),
    },
  }
}

function applyObjects(kubectl: Kubectl): void {
  const namespace = (name: string, labels: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'istio.io/rev': 'canary', ...labels } },
  })
  const greedy = { 'sidecar.istio.io/proxyCPU': '3', 'sidecar.istio.io/proxyCPULimit': '1' }
  kubectl.apply(
    webhookConfiguration,
    namespace('dry-run'),
    namespace('dry-run-baseline', { 'pod-security.kubernetes.io/enforce': 'baseline' }),
    namespace('dry-run-limited'),
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'small', namespace: 'dry-run-limited' },
      spec: { limits: [{ type: 'Container', max: { cpu: '500m' }, default: { cpu: '100m' } }] },
    },
    workload('Deployment', 'dry-run', 'web'),
    workload('StatefulSet', 'dry-run', 'db'),
    workload('Deployment', 'dry-run', 'greedy', { annotations: greedy }),
    workload('Deployment', 'dry-run-baseline', 'web'),
    workload('Deployment', 'dry-run-limited', 'web'),
  )
}

/** The kubeconfig of an account that may read and not create. @param readers the role that reads what Remora follows */
function viewerKubeconfig({ kubectl, kubeconfig, folder }: ControlPlane, readers: string): string {
  const bind = (name: string, role: string) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: VIEWER, namespace: 'default' }],
  })
  kubectl.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: VIEWER, namespace: 'default' } },
    bind(`${VIEWER}-view`, 'view'),
    bind(`${VIEWER}-read`, readers),
  )
  const token = kubectl.run('create', 'token', VIEWER, '-n', 'default')
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as { users: object[] }
  const path = join(folder, 'viewer.kubeconfig')
  writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'e2e', user: { token } }] }))
  return path
}

export async function testDryRun(t: Test, plane: ControlPlane, readers: string): Promise<void> {
  const { kubectl, kubeconfig } = plane
  applyObjects(kubectl)
  for (const namespace of NAMESPACES)
    await waitFor(
      `the ServiceAccount of ${namespace}`,
      () => kubectl.try('get', 'serviceaccount', 'default', '-n', namespace).status === 0 || undefined,
    )
  const explain = (subject: string, namespace: string, account = kubeconfig) => {
    const live = ['--cluster', 'live', '--kubeconfig', account, '--dry-run=server']
    return runCommand('explain', subject, '-n', namespace, ...live)
  }
  for (const subject of ['deployment/web', 'statefulset/db']) {
    const { code, out, err } = await explain(subject, 'dry-run')
    t.equal(code, 0, out)
    t.notMatch(out, /api-server-|dry-run-not-judged/, subject)
    t.match(err, /dry run of 1 injected pod by the API server: 1 accepted/)
  }
  t.match(await explain('deployment/greedy', 'dry-run'), {
    code: 1,
    out: /error api-server-refuses-pod: the API server refuses the injected pod: container istio-proxy: Invalid value: "3": must be less than or equal to cpu limit of 1\n/,
  })
  t.match(await explain('deployment/web', 'dry-run-baseline'), {
    code: 1,
    out: /error api-server-refuses-pod: [^\n]*violates PodSecurity "baseline:latest": [^\n]*istio-init/,
  })
  t.match(await explain('deployment/web', 'dry-run-limited'), {
    code: 1,
    out: /error api-server-refuses-pod: [^\n]*maximum cpu usage per Container is 500m, but limit is 2/,
  })
  t.match(await explain('deployment/web', 'dry-run', viewerKubeconfig(plane, readers)), {
    code: 1,
    out: /warning dry-run-not-judged: [^\n]*dry-run-viewer" cannot create resource "pods"/,
    err: /1 not judged/,
  })
  for (const namespace of NAMESPACES)
    t.equal(kubectl.run('get', 'pods', '-n', namespace, '-o', 'name'), '', 'nothing is stored')
  kubectl.run('delete', 'mutatingwebhookconfiguration', CONFIGURATION)
}
