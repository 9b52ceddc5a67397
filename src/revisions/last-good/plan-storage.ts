/**
 * Assigns configurations to Secrets, within a fixed number of Secrets of a fixed size. Pure and deterministic: replicas
 * that see the same Secrets and serve the same configurations make the same plan.
 */

/** A Secret holds 1 MiB of data at most (Kubernetes 1.0+); some is left for data of others. */
export const SECRET_BYTES = 960 * 1024

export interface StoredConfiguration {
  readonly revision: string
  /** Its size in the Secret, including its key. */
  readonly bytes: number
  /** Hash of its content; undefined: it cannot be read. */
  readonly contentHash: string | undefined
  /** Uid of the ConfigMap that it was compiled from. */
  readonly configMapUid: string | undefined
  /** RFC 3339. */
  readonly keptSince: string
}

export interface SecretState {
  readonly name: string
  /** Data that is not Remora's: it stays, and takes space. */
  readonly foreignBytes: number
  readonly stored: readonly StoredConfiguration[]
}

/** A configuration that this replica serves. */
export interface WantedConfiguration {
  readonly revision: string
  readonly bytes: number
  readonly contentHash: string
  /** A webhook configuration or a tag names the revision. */
  readonly registered: boolean
  /** Whether it replaces another content of the revision; false: it is stored only if there is none. */
  readonly replaces: boolean
}

export interface StorageInput {
  readonly secrets: readonly SecretState[]
  readonly wanted: readonly WantedConfiguration[]
  /** Every revision that has a ConfigMap, with that ConfigMap's uid; undefined if it is not known. */
  readonly present: ReadonlyMap<string, string | undefined>
  readonly registered: ReadonlySet<string>
}

export interface SecretChange {
  readonly put: readonly string[]
  readonly remove: readonly string[]
}

export interface StoragePlan {
  /** By the name of the Secret; only Secrets that change. */
  readonly changes: ReadonlyMap<string, SecretChange>
  /** Served, but not stored for lack of space. */
  readonly notStored: readonly WantedConfiguration[]
  /** Stored until now, and removed to make space for a registered revision. */
  readonly displaced: readonly string[]
}

interface Draft {
  readonly name: string
  readonly stored: Map<string, StoredConfiguration>
  readonly put: Set<string>
  readonly remove: Set<string>
  freeBytes: number
}

/**
 * A stored configuration stays in its Secret. A new one goes where most space is free. Without enough space a
 * registered revision displaces unregistered ones, the oldest first; otherwise the new one is not stored.
 */
export function planStorage({ secrets, wanted, present, registered }: StorageInput): StoragePlan {
  const drafts = secrets.map(draftOf)
  for (const draft of drafts) {
    for (const one of [...draft.stored.values()]) {
      const uid = present.get(one.revision)
      const current = present.has(one.revision) && (uid === undefined || uid === one.configMapUid)
      if (!current || one.contentHash === undefined) drop(draft, one)
    }
  }
  dropDuplicates(drafts, wanted)
  const notStored: WantedConfiguration[] = []
  const displaced: string[] = []
  const ordered = [...wanted].sort(
    (a, b) => Number(b.registered) - Number(a.registered) || (a.revision < b.revision ? -1 : 1),
  )
  for (const one of ordered) {
    const home = drafts.find(({ stored }) => stored.has(one.revision))
    const old = home?.stored.get(one.revision)
    if (old !== undefined && (old.contentHash === one.contentHash || !one.replaces)) continue
    if (home !== undefined && old !== undefined) drop(home, old)
    const target = findSpace(drafts, home, one) ?? displace({ drafts, one, registered, displaced })
    if (target !== undefined) place(target, one)
    else {
      // An older configuration of the revision is better than none.
      if (home !== undefined && old !== undefined) restore(home, old)
      notStored.push(one)
    }
  }
  const changed = drafts.filter(({ put, remove }) => put.size + remove.size > 0)
  const changes = new Map(
    changed.map(({ name, put, remove }) => [name, { put: [...put], remove: [...remove] }]),
  )
  const stored = new Set(drafts.flatMap((draft) => [...draft.stored.keys()]))
  return { changes, notStored, displaced: displaced.filter((revision) => !stored.has(revision)) }
}

function draftOf({ name, foreignBytes, stored }: SecretState): Draft {
  const used = stored.reduce((sum, { bytes }) => sum + bytes, foreignBytes)
  const byRevision = new Map(stored.map((one) => [one.revision, one]))
  return { name, stored: byRevision, put: new Set(), remove: new Set(), freeBytes: SECRET_BYTES - used }
}

/** Two replicas may have stored a revision at the same time in two Secrets. */
function dropDuplicates(drafts: readonly Draft[], wanted: readonly WantedConfiguration[]): void {
  const hashes = new Map(wanted.map(({ revision, contentHash }) => [revision, contentHash]))
  const best = new Map<string, { draft: Draft; one: StoredConfiguration }>()
  for (const draft of drafts) {
    for (const one of [...draft.stored.values()]) {
      const other = best.get(one.revision)
      if (other === undefined) {
        best.set(one.revision, { draft, one })
        continue
      }
      const hash = hashes.get(one.revision)
      const better =
        other.one.contentHash !== hash && (one.contentHash === hash || one.keptSince > other.one.keptSince)
      if (better) best.set(one.revision, { draft, one })
      if (better) drop(other.draft, other.one)
      else drop(draft, one)
    }
  }
}

function findSpace(
  drafts: readonly Draft[],
  home: Draft | undefined,
  { bytes }: WantedConfiguration,
): Draft | undefined {
  if (home !== undefined && home.freeBytes >= bytes) return home
  return [...drafts]
    .filter(({ freeBytes }) => freeBytes >= bytes)
    .sort((a, b) => b.freeBytes - a.freeBytes)[0]
}

interface Displacement {
  readonly drafts: readonly Draft[]
  readonly one: WantedConfiguration
  readonly registered: ReadonlySet<string>
  readonly displaced: string[]
}

/** Undefined if even all unregistered ones would not make enough space, or if the new one is unregistered itself. */
function displace({ drafts, one, registered, displaced }: Displacement): Draft | undefined {
  if (!one.registered) return undefined
  const candidates = drafts.map((draft) => {
    const victims = [...draft.stored.values()]
      .filter(({ revision }) => !registered.has(revision))
      .sort((a, b) => (a.keptSince < b.keptSince ? -1 : 1))
    return { draft, victims, bytes: victims.reduce((sum, { bytes }) => sum + bytes, draft.freeBytes) }
  })
  const chosen = candidates.sort((a, b) => b.bytes - a.bytes)[0]
  if (chosen === undefined || chosen.bytes < one.bytes) return undefined
  for (const victim of chosen.victims) {
    if (chosen.draft.freeBytes >= one.bytes) break
    drop(chosen.draft, victim)
    displaced.push(victim.revision)
  }
  return chosen.draft
}

function drop(draft: Draft, one: StoredConfiguration): void {
  draft.stored.delete(one.revision)
  draft.remove.add(one.revision)
  draft.freeBytes += one.bytes
}

function restore(draft: Draft, one: StoredConfiguration): void {
  draft.stored.set(one.revision, one)
  draft.remove.delete(one.revision)
  draft.freeBytes -= one.bytes
}

function place(draft: Draft, { revision, bytes, contentHash }: WantedConfiguration): void {
  draft.stored.set(revision, { revision, bytes, contentHash, configMapUid: undefined, keptSince: '~' })
  draft.put.add(revision)
  draft.remove.delete(revision)
  draft.freeBytes -= bytes
}
