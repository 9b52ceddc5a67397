/** Reads what the ledger needs of a cluster: pods, workloads, Services and webhooks, each kind once. */
import { parseInjectPath } from '../admission/index.ts'
import { findWebhookCalls } from '../analysis/index.ts'
import type { ObjectReader } from '../cluster/index.ts'
import {
  creationMs,
  Ledger,
  type LedgerFacts,
  nameOf,
  WorkloadObjects,
  workloadKey,
  writtenMs,
} from '../dataplane/index.ts'
import { RemoraError } from '../errors.ts'
import type { InjectOptions, Snapshot } from '../inject/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import {
  kindRow,
  labelsOf,
  listAt,
  metadataOf,
  type ObjectKind,
  objectAt,
  specOf,
  textAt,
  WORKLOAD_KINDS,
} from '../kube/index.ts'

interface LedgerSource {
  readonly snapshot: Snapshot
  readonly objects: ObjectReader
  readonly injectOptions: InjectOptions
  /** undefined: all namespaces. */
  readonly namespace: string | undefined
}

export interface ReadLedger {
  readonly ledger: Ledger
  /** The workload, or the bare pod, by its key; undefined: only its pods are known. */
  objectOf(key: string): JsonObject | undefined
  /** What is not known: kinds that could not be read, each with the reason, and what needs them. */
  readonly notRead: readonly string[]
}

/** @throws RemoraError if the pods cannot be listed */
export async function readLedger(source: LedgerSource): Promise<ReadLedger> {
  const { objects, namespace } = source
  const notRead: string[] = []
  const listed = async (kind: ObjectKind, within?: string): Promise<readonly JsonObject[] | undefined> => {
    try {
      return await objects.list(kind, within)
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
      notRead.push(`${kindRow(kind).plural} could not be read: ${error.message}`)
      return undefined
    }
  }
  const workloads = new WorkloadObjects()
  const kinds = WORKLOAD_KINDS.filter((kind) => kind !== 'pod')
  for (const kind of [...kinds, 'controllerrevision'] as const)
    for (const object of (await listed(kind, namespace)) ?? []) workloads.add(object)
  for (const object of await objects.others(namespace)) workloads.add(object)
  const facts = await factsOf(source, listed)
  const ledger = new Ledger(facts, workloads)
  const bare = new Map<string, JsonObject>()
  let hasProxy = false
  for (const pod of await objects.list('pod', namespace)) {
    const { workload, proxy } = ledger.set(pod)
    hasProxy ||= proxy !== 'none'
    if (workload.kind === 'Pod')
      bare.set(workloadKey(workload), {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: metadataOf(pod),
        spec: { hostNetwork: own(specOf(pod), 'hostNetwork') === true },
      })
  }
  if (facts.services === undefined && !objects.complete && hasProxy)
    notRead.push('whether control planes still exist: there is no Service among the objects')
  const byKey = new Map([...workloads.values()].map((object) => [workloadKey(nameOf(object)), object]))
  return { ledger, notRead, objectOf: (key) => byKey.get(key) ?? bare.get(key) }
}

type Listed = (kind: ObjectKind, within?: string) => Promise<readonly JsonObject[] | undefined>

async function factsOf(
  { snapshot, objects, injectOptions }: LedgerSource,
  listed: Listed,
): Promise<LedgerFacts> {
  const services = await listed('service').then((found) =>
    // A folder without any Service says nothing about them.
    found?.length === 0 && !objects.complete ? undefined : found,
  )
  const webhooks = await listed('mutatingwebhookconfiguration')
  const labelled = new Map(
    ((await listed('namespace')) ?? []).map((one) => [textAt(metadataOf(one), 'name'), writtenMs(one)]),
  )
  const changed = await configurationTimes(snapshot, objects)
  const calls = (pod: JsonObject) => {
    const namespace = snapshot.namespaces.get(textAt(metadataOf(pod), 'namespace'))
    const labels = {
      namespace: namespace?.labels ?? new Map(),
      pod: labelsOf(objectAt(metadataOf(pod), 'labels')),
    }
    return findWebhookCalls(webhooks ?? [], labels).filter(({ matched }) => matched)
  }
  return {
    snapshot,
    options: injectOptions,
    services: services && new Set(services.map(fullName)),
    changedMs(revision, namespace) {
      const times = [changed.get(revision), labelled.get(namespace)]
      const root = [...snapshot.revisions.values()].find(({ name }) => name === revision)?.namespace ?? ''
      // When a ProxyConfig changed is not known here.
      if (snapshot.proxyConfigs.has(namespace) || snapshot.proxyConfigs.has(root)) return undefined
      return times.includes(undefined) ? undefined : Math.max(...times.map((time) => time ?? 0))
    },
    proxyEnv: (pod) => parseInjectPath(calls(pod)[0]?.path ?? '')?.proxyEnv ?? new Map(),
    ...(webhooks?.some(isInjector) && {
      webhooks: {
        isCalled: (pod) => calls(pod).length > 0,
        createdMs: (pod) => {
          const name = calls(pod)[0]?.configuration
          const found = webhooks.find((one) => textAt(metadataOf(one), 'name') === name)
          return found && creationMs(found)
        },
        labelledMs: (namespace) => labelled.get(namespace),
      },
    }),
  }
}

/** When the ConfigMaps of each revision were last written; only the live API says so. */
async function configurationTimes(
  snapshot: Snapshot,
  objects: ObjectReader,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>()
  for (const { name, namespace, newest } of snapshot.revisions.values()) {
    if (newest === undefined) continue
    const written: (number | undefined)[] = []
    for (const configMap of [newest.injectorConfigMap.name, newest.meshConfigMap.name]) {
      const found = await objects.get('configmap', { namespace, name: configMap }).catch(() => undefined)
      written.push(found && writtenMs(found))
    }
    if (!written.includes(undefined)) times.set(name, Math.max(...written.map((time) => time ?? 0)))
  }
  return times
}

function isInjector(configuration: JsonObject): boolean {
  return listAt(configuration, 'webhooks')
    .filter(isObject)
    .some((webhook) => textAt(webhook, 'name').endsWith('sidecar-injector.istio.io'))
}

function fullName(object: JsonObject): string {
  return `${textAt(metadataOf(object), 'namespace') || 'default'}/${textAt(metadataOf(object), 'name')}`
}
