/** Pods that real Istio injectors injected (test/recorded), as templates, stored pods and the cluster around them. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LedgerFacts, MadeFrom } from '../../src/dataplane/index.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import { type JsonObject, own } from '../../src/json/index.ts'
import { metadataOf, objectAt, textAt } from '../../src/kube/index.ts'
import { CaseClusters, type InjectionCase } from '../conformance/istio-injection.ts'
import { readRecorded } from '../conformance/read-recorded.ts'

export interface RecordedPod {
  readonly id: string
  readonly template: JsonObject
  /** As the real injector left it. */
  readonly injected: JsonObject
  readonly snapshot: Snapshot
}

/** Every `step`-th case of the folder whose pod was injected for the first time. */
export function* recordedPods(folder: string, step: number): Iterable<RecordedPod> {
  const clusters = new CaseClusters(folder)
  const files = readdirSync(folder).filter((name) => /\.jsonl(?:\.br)?$/.test(name))
  const lines = files.sort().flatMap((file) => readRecorded(join(folder, file)).split('\n'))
  let count = 0
  for (const line of lines.filter((text) => text !== '')) {
    const found: InjectionCase = JSON.parse(line)
    const { patchedPod } = found.expected
    const request = objectAt(found.body as JsonObject, 'request') // recorded cases have reviews
    const template = objectAt(request, 'object')
    const status = own(objectAt(metadataOf(template), 'annotations'), 'sidecar.istio.io/status')
    if (patchedPod === undefined || status !== undefined || count++ % step !== 0) continue
    const namespace = textAt(metadataOf(template), 'namespace') || textAt(request, 'namespace')
    const snapshot = labelled(clusters.build(found).snapshot, namespace, found.revision || 'default')
    yield { id: found.id, template, injected: withNamespace(patchedPod, namespace), snapshot }
  }
}

/** The recorded requests name their revision; the ledger goes by labels. */
export function labelled(snapshot: Snapshot, namespace: string, revision: string): Snapshot {
  const known = snapshot.namespaces.get(namespace)
  const labels = new Map(known?.labels ?? [])
  labels.delete('istio-injection')
  labels.set('istio.io/rev', revision)
  const namespaces = new Map(snapshot.namespaces)
  namespaces.set(namespace, { labels, annotations: known?.annotations ?? new Map() })
  return { ...snapshot, namespaces, tags: new Map() }
}

function withNamespace(pod: JsonObject, namespace: string): JsonObject {
  const metadata = metadataOf(pod)
  return { ...pod, metadata: { name: `${textAt(metadata, 'generateName')}x`, ...metadata, namespace } }
}

/** @param changedMs when the configuration changed last; undefined: not known */
export function factsOf(snapshot: Snapshot, changedMs?: number): LedgerFacts {
  return { snapshot, options: {}, services: undefined, changedMs: () => changedMs }
}

export function madeFrom(template: JsonObject | undefined): MadeFrom {
  const workload = { group: 'apps', kind: 'Deployment', namespace: 'any', name: 'any' }
  return { workload, template, wait: undefined }
}
