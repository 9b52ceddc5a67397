/**
 * Writes the workloads of examples/canary-upgrade: the owners of the pods in the reviews, and running pods as an injector
 * left them. Some are stale: their namespace was labelled for another revision after they had started. Those of the
 * mistaken namespaces are in a file of their own.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FolderCluster } from '../src/cluster/index.ts'
import { inject, type Snapshot } from '../src/inject/index.ts'
import { isObject, type JsonObject, own } from '../src/json/index.ts'
import { listAt, metadataOf, objectAt, specOf, textAt } from '../src/kube/index.ts'

const folder = new URL('../examples/canary-upgrade/', import.meta.url)

/** The files, below examples/canary-upgrade. */
export const WORKLOAD_FILES = ['running/workloads.yaml', 'mistakes/mistaken-workloads.yaml'] as const
type WorkloadFile = (typeof WORKLOAD_FILES)[number]

const MISTAKEN: ReadonlySet<string> = new Set(['migrating', 'stranded'])

/** Started under this revision, before their namespace got its present labels. */
const STALE: ReadonlyMap<string, readonly string[]> = new Map([
  ['payments/ledger', ['default', 'default']],
  ['checkout/cart', ['1-29-2', 'default']],
])
/** Set by controllers, so that no template has them. */
const OF_CONTROLLERS = /pod-template|controller-revision-hash|statefulset\.kubernetes|pod-index|job-name/

interface Sample {
  readonly namespace: string
  readonly pod: JsonObject
}

function readSamples(): readonly Sample[] {
  const reviews = new URL('reviews/', folder)
  return readdirSync(reviews).map((name) => {
    const { request } = JSON.parse(readFileSync(new URL(name, reviews), 'utf8'))
    return { namespace: request.namespace, pod: request.object }
  })
}

function ownerOf({ namespace, pod }: Sample): JsonObject | undefined {
  const [reference] = listAt(metadataOf(pod), 'ownerReferences').filter(isObject)
  if (reference === undefined) return undefined
  const labels = Object.fromEntries(
    Object.entries(objectAt(metadataOf(pod), 'labels')).filter(([name]) => !OF_CONTROLLERS.test(name)),
  )
  const annotations = objectAt(metadataOf(pod), 'annotations')
  const template: JsonObject = {
    metadata: { labels, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec: templateSpec(specOf(pod)),
  }
  const kind = textAt(reference, 'kind')
  const name = textAt(reference, 'name').replace(/-(?:6d5f9c7b8d|29301120)$/, '')
  const metadata = { name, namespace }
  if (kind === 'Job' && name !== textAt(reference, 'name'))
    return {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
    }
  if (kind === 'Job') return { apiVersion: 'batch/v1', kind, metadata, spec: { template } }
  return {
    apiVersion: 'apps/v1',
    kind: kind === 'ReplicaSet' ? 'Deployment' : kind,
    metadata,
    spec: { selector: { matchLabels: { app: String(labels['app']) } }, template },
  }
}

/** Without what the API server adds to a pod. */
function templateSpec(spec: JsonObject): JsonObject {
  const kept = ['initContainers', 'containers', 'hostNetwork', 'restartPolicy']
  return Object.fromEntries(
    kept.flatMap((key) => {
      const value = own(spec, key)
      return value === undefined || value === 'Always' ? [] : [[key, withoutToken(value)]]
    }),
  ) as JsonObject
}

function withoutToken(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((container: JsonObject) => {
    const { volumeMounts, ...rest } = container
    const mounts = (Array.isArray(volumeMounts) ? volumeMounts : []).filter(
      (mount) => !JSON.stringify(mount).includes('serviceaccount'),
    )
    return mounts.length === 0 ? rest : { ...rest, volumeMounts: mounts }
  })
}

function runningPods({ namespace, pod }: Sample, owner: JsonObject | undefined, snapshot: Snapshot) {
  const kind = owner === undefined ? 'Pod' : textAt(owner, 'kind')
  if (kind === 'CronJob' || kind === 'Job') return []
  const workload = `${namespace}/${owner === undefined ? textAt(metadataOf(pod), 'name') : textAt(metadataOf(owner), 'name')}`
  const revisions = STALE.get(workload) ?? [undefined]
  return revisions.map((revision, index) => {
    const metadata = metadataOf(pod)
    const name = textAt(metadata, 'name') || `${textAt(metadata, 'generateName')}x2x4${'zy'[index]}`
    const object = { ...pod, metadata: { ...metadata, name, namespace } }
    const outcome = inject(
      {
        target: revision === undefined ? { by: 'labels' } : { by: 'revision', name: revision },
        namespace,
        operation: 'CREATE',
        kind: { group: '', version: 'v1', kind: 'Pod' },
        subResource: '',
        object,
        proxyEnv: new Map(),
        nowMs: 0,
        seed: 0,
      },
      snapshot,
    )
    return { ...(outcome.kind === 'patched' ? outcome.pod : object), status: { phase: 'Running' } }
  })
}

async function readExample(): Promise<Snapshot> {
  const scratch = mkdtempSync(join(tmpdir(), 'remora-example-'))
  try {
    for (const name of ['cluster', 'mistakes'])
      cpSync(new URL(name, folder), join(scratch, name), { recursive: true })
    const cluster = new FolderCluster({
      folder: scratch,
      snapshot: { istiodEnv: [], istioVersions: [] },
      readOnce: true,
    })
    await cluster.start(new AbortController().signal)
    await cluster.close()
    return cluster.snapshot()
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

export async function renderWorkloads(file: WorkloadFile): Promise<string> {
  const snapshot = await readExample()
  const objects = readSamples()
    .filter(({ namespace }) => MISTAKEN.has(namespace) === file.startsWith('mistakes/'))
    .flatMap((sample) => {
      const owner = ownerOf(sample)
      return [...(owner === undefined ? [] : [owner]), ...runningPods(sample, owner, snapshot)]
    })
  const head = '# Made by scripts/render-example-workloads.ts from the reviews; each line is one object.\n'
  return (
    head +
    objects
      .map((object) => JSON.stringify(object))
      .join('\n---\n')
      .concat('\n')
  )
}

if (import.meta.main) {
  for (const file of WORKLOAD_FILES) writeFileSync(new URL(file, folder), await renderWorkloads(file))
}
