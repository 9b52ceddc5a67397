/**
 * Reads everything that may depend on a revision. What cannot be read is recorded with its reason, because then nothing may
 * be called free.
 */
import { type JudgedWorkload, USED_BY_NEEDS, type UsedByFacts, usedByFacts } from '../analysis/index.ts'
import type { ObjectReader } from '../cluster/index.ts'
import { isFinished, nameOf, workloadKey } from '../dataplane/index.ts'
import { RemoraError } from '../errors.ts'
import type { InjectOptions, Problem, Snapshot } from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'
import { groupOf, kindRow, type ObjectKind } from '../kube/index.ts'
import { readLedger } from './read-ledger.ts'

interface UsedBySource {
  readonly snapshot: Snapshot
  readonly objects: ObjectReader
  readonly injectOptions: InjectOptions
  readonly problems: readonly Problem[]
}

export interface ReadUsedBy {
  readonly facts: UsedByFacts
  /** What could not be read, one sentence each. */
  readonly notRead: readonly string[]
  /** Kinds of which a folder has no object: plurals. */
  readonly absent: readonly string[]
}

export async function readUsedBy(source: UsedBySource): Promise<ReadUsedBy> {
  const reader = new RecordingReader(source.objects)
  const read = await readLedger({ ...source, objects: reader, namespace: undefined })
  const objects = new Map<ObjectKind, readonly JsonObject[]>()
  for (const kind of USED_BY_NEEDS) objects.set(kind, await reader.list(kind))
  const pods = read.ledger.pods()
  const workloads = read.ledger
    .workloads(pods)
    .map((entry): JudgedWorkload => ({ entry, object: read.objectOf(workloadKey(entry.workload)) }))
  const podObjects = new Map(
    (objects.get('pod') ?? [])
      .filter((pod) => !isFinished(pod))
      .map((pod) => {
        const { namespace, name } = nameOf(pod)
        return [`${namespace}/${name}`, pod]
      }),
  )
  const empty = [...objects].filter(([, found]) => found.length === 0).map(([kind]) => kind)
  const absent = source.objects.complete ? [] : empty.filter((kind) => !reader.failed.has(kind))
  return {
    facts: usedByFacts({ snapshot: source.snapshot, objects, pods, podObjects, workloads }),
    notRead: [
      ...[...reader.failed].map(([kind, why]) => `cannot list ${resourceName(kind)}: ${why}`),
      ...source.problems.filter(({ code }) => HIDES_OBJECTS.has(code)).map(({ message }) => message),
      ...absent
        .filter((kind) => ALWAYS_THERE.has(kind))
        .map((kind) => `the folder has no ${kindRow(kind).plural}`),
    ],
    absent: absent.filter((kind) => kindRow(kind).extension !== true).map((kind) => kindRow(kind).plural),
  }
}

/** Every cluster has some, so a folder without them is a part of one. */
const ALWAYS_THERE: ReadonlySet<ObjectKind> = new Set(['pod', 'namespace'])

/** Problems because of which objects of any kind may be missing. */
const HIDES_OBJECTS: ReadonlySet<string> = new Set([
  'cluster-folder-empty',
  'cluster-file-unreadable',
  'cluster-api-unreachable',
  'cluster-api-refused',
  'cluster-update-failed',
  'manifest-malformed',
])

/** `pods`, `gateways.gateway.networking.k8s.io`: as rules of RBAC and `kubectl auth can-i list` name them. */
function resourceName(kind: ObjectKind): string {
  const { plural, apiVersion } = kindRow(kind)
  const group = groupOf(apiVersion)
  return group === '' ? plural : `${plural}.${group}`
}

/** A kind that cannot be listed has no objects here, and the reason is kept. */
class RecordingReader implements ObjectReader {
  readonly failed = new Map<ObjectKind, string>()
  readonly #objects: ObjectReader

  constructor(objects: ObjectReader) {
    this.#objects = objects
  }

  get complete(): boolean {
    return this.#objects.complete
  }

  async list(kind: ObjectKind, namespace?: string): Promise<readonly JsonObject[]> {
    if (this.failed.has(kind)) return []
    try {
      return await this.#objects.list(kind, namespace)
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
      this.failed.set(kind, error.message)
      return []
    }
  }

  get(kind: ObjectKind, name: { readonly namespace: string; readonly name: string }) {
    return this.#objects.get(kind, name)
  }

  others(namespace?: string) {
    return this.#objects.others(namespace)
  }

  texts() {
    return this.#objects.texts()
  }

  /** The reader behind it is closed by whoever opened it. */
  close(): void {}
}
