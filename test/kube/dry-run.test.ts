/** The API server's verdict about a pod, read from its Status; and the pod that is sent. */
import t from 'tap'
import { undoInjection } from '../../src/dataplane/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import {
  type ApiStatus,
  podOfManifest,
  podToCreate,
  readWarnings,
  verdictOfStatus,
} from '../../src/kube/index.ts'

function status(code: number, message: string, facts: Partial<ApiStatus> = {}): ApiStatus {
  return { status: code, reason: 'Forbidden', message, name: '', causes: [], ...facts }
}

const refusals: readonly (readonly [name: string, status: ApiStatus, problems: readonly string[]])[] = [
  [
    'validation names fields',
    status(422, 'Pod "web-x7k2p" is invalid: [...]', {
      reason: 'Invalid',
      name: 'web-x7k2p',
      causes: [
        { reason: 'FieldValueDuplicate', field: 'spec.volumes[1].name', message: 'Duplicate value: "a"' },
        { reason: 'FieldValueDuplicate', field: 'spec.volumes[1].name', message: 'Duplicate value: "a"' },
        { reason: 'FieldValueRequired', field: 'spec.containers[0].image', message: 'Required value' },
      ],
    }),
    ['spec.volumes[1].name Duplicate value: "a"', 'spec.containers[0].image Required value'],
  ],
  [
    'Pod Security, LimitRanger and quotas name the pod',
    status(403, 'pods "web-x7k2p" is forbidden: violates PodSecurity "baseline:latest": x', {
      name: 'web-x7k2p',
    }),
    ['undefined violates PodSecurity "baseline:latest": x'],
  ],
  [
    'a ValidatingAdmissionPolicy',
    status(422, `pods "web-" is forbidden: ValidatingAdmissionPolicy 'p' denied request: no`, {
      reason: 'Invalid',
      name: 'web-',
    }),
    [`undefined ValidatingAdmissionPolicy 'p' denied request: no`],
  ],
  [
    'a webhook, with any code, without reason and name',
    status(400, 'admission webhook "policy.example.com" denied the request: no latest', { reason: '' }),
    ['undefined admission webhook "policy.example.com" denied the request: no latest'],
  ],
  [
    'a pod that does not decode',
    status(400, 'Pod in version "v1" cannot be handled as a Pod', { reason: 'BadRequest' }),
    ['undefined Pod in version "v1" cannot be handled as a Pod'],
  ],
  [
    'a pod that is too large',
    status(413, 'limit is 3145728', { reason: 'RequestEntityTooLarge' }),
    ['undefined limit is 3145728'],
  ],
]

t.test('a refusal: each field with its message, without the generated name', async (t) => {
  for (const [name, facts, problems] of refusals) {
    const verdict = verdictOfStatus(facts)
    t.same(
      verdict.kind === 'refused'
        ? verdict.problems.map(({ field, message }) => `${field} ${message}`)
        : verdict,
      problems,
      name,
    )
  }
})

t.test('what prevents a verdict is no refusal, and says for which pods', async (t) => {
  const rows: readonly (readonly [ApiStatus, string, RegExp])[] = [
    [
      status(403, 'pods is forbidden: User "dev" cannot create resource "pods" in the namespace "shop"'),
      'namespace',
      /^pods is forbidden: User "dev" cannot create/,
    ],
    [
      status(400, 'admission webhook "w.example.com" does not support dry run', { reason: 'BadRequest' }),
      'pod',
      /^admission webhook "w.example.com" does not support dry run$/,
    ],
    [status(404, 'namespaces "gone" not found', { reason: 'NotFound' }), 'namespace', /"gone" not found/],
    [
      status(403, 'pods "web-" is forbidden: unable to create new content in namespace shop', {
        name: 'web-',
        causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace', message: '' }],
      }),
      'namespace',
      /^unable to create new content/,
    ],
    [
      status(500, 'Internal error occurred: failed calling webhook "w"', { reason: 'InternalError' }),
      'pod',
      /answered 500 Internal error occurred: failed calling webhook "w"$/,
    ],
    [status(409, 'conflict', { reason: 'Conflict' }), 'pod', /409/],
    [status(429, 'slow down', { reason: 'TooManyRequests' }), 'pod', /429/],
    [status(401, '', { reason: 'Unauthorized' }), 'server', /401 Unauthorized$/],
    // A proxy in front of the API server.
    [status(403, '<html>', { reason: '' }), 'pod', /403 <html>$/],
    [status(400, '', { reason: '' }), 'pod', /answered 400$/],
  ]
  for (const [facts, concerns, why] of rows)
    t.match(verdictOfStatus(facts), { kind: 'not-judged', concerns, why }, facts.message)
})

t.test('the texts of Warning headers, with quotation marks, once each', async (t) => {
  t.same(
    readWarnings(['299 - "unknown field \\"spec.x\\""', '299 - "a", 299 - "b"', '299 - "a"', 'nothing']),
    ['unknown field "spec.x"', 'a', 'b'],
  )
})

t.test('a new pod has only what its creator writes', async (t) => {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true }
  const workload = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'shop', uid: 'u-1' },
    spec: {
      template: {
        metadata: { name: 'ignored', labels: { app: 'db' }, creationTimestamp: null },
        spec: {
          containers: [{ name: 'db', image: 'db:1', volumeMounts: [{ name: 'data', mountPath: '/d' }] }],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    },
  } satisfies JsonObject
  const pod = podOfManifest(workload) ?? {}
  const { metadata, spec } = podToCreate(pod, { namespace: 'shop', workload, optOut: false })
  t.same(metadata, {
    generateName: 'db-',
    namespace: 'shop',
    labels: { app: 'db' },
    ownerReferences: [{ ...owner, uid: 'u-1' }],
  })
  t.match(spec, {
    ...workload.spec.template.spec,
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  })
  const ofFile = podToCreate(pod, {
    namespace: 'shop',
    workload: { ...workload, metadata: {} },
    optOut: true,
  })
  t.same(ofFile['metadata'], {
    generateName: 'db-',
    namespace: 'shop',
    labels: { app: 'db', 'sidecar.istio.io/inject': 'false' },
  })
})

t.test('a running pod is sent as a new one: another name, without what admission sets', async (t) => {
  const token = { name: 'kube-api-access-x2x4z', projected: { sources: [] } }
  const running = {
    metadata: {
      name: 'debug',
      namespace: 'shop',
      uid: 'u-2',
      resourceVersion: '7',
      managedFields: [],
      annotations: { a: 'b' },
      ownerReferences: [{ kind: 'TaskRun', name: 'r', uid: 'u-3', blockOwnerDeletion: true }],
    },
    spec: {
      nodeName: 'n',
      priority: 0,
      preemptionPolicy: 'Never',
      priorityClassName: 'low',
      overhead: { cpu: '1' },
      ephemeralContainers: [{ name: 'shell' }],
      containers: [{ name: 'a', image: 'a:1' }],
      volumes: [token],
    },
    status: { phase: 'Running' },
  } satisfies JsonObject
  t.same(podToCreate(undoInjection(running), { namespace: 'shop', workload: running, optOut: false }), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'debug-',
      namespace: 'shop',
      annotations: { a: 'b' },
      ownerReferences: [{ kind: 'TaskRun', name: 'r', uid: 'u-3' }],
    },
    // The API server uses a token volume of this name again.
    spec: { priorityClassName: 'low', containers: [{ name: 'a', image: 'a:1' }], volumes: [token] },
  })
})
