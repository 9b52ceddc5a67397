/**
 * Reads and changes the kept configurations in their Secrets. Invalid entries are never used.
 * revisions/last-good/plan-storage.ts decides what is stored where, and last-good.ts when.
 */
import { RemoraError } from '../../errors.ts'
import type { KeptConfiguration, Problem } from '../../inject/index.ts'
import type { SecretChange, SecretState, StoragePlan, StoredConfiguration } from '../../revisions/index.ts'
import type { NamedSecret } from './named-secret.ts'
import { decodeEntry, readHeader } from './stored-entry.ts'

const PREFIX = 'revision.'

export interface ReadSecrets {
  readonly states: readonly SecretState[]
  /** Invalid entries, foreign keys, and Secrets that do not exist. */
  readonly problems: readonly Problem[]
  /** The kept configuration of a revision, or why it cannot be used; neither if nothing is stored. */
  keptOf(revision: string): Promise<{ readonly kept?: KeptConfiguration; readonly problem?: Problem }>
}

interface Found {
  readonly secret: NamedSecret
  readonly version: string
  readonly entries: ReadonlyMap<string, Buffer>
  readonly state: SecretState
}

/** The size of an entry in a Secret. */
export function storedBytes(revision: string, bytes: Buffer): number {
  return PREFIX.length + revision.length + bytes.length
}

export class KeptSecrets {
  readonly #secrets: readonly NamedSecret[]
  #found: readonly Found[] = []

  constructor(secrets: readonly NamedSecret[]) {
    this.#secrets = secrets
  }

  /** @throws ApiRefused, ApiUnreachable, JsonError */
  async read(signal: AbortSignal): Promise<ReadSecrets> {
    const problems: Problem[] = []
    const found: Found[] = []
    for (const secret of this.#secrets) {
      const content = await secret.read(signal)
      if (content === undefined) problems.push(missingSecret(secret.place))
      else found.push({ secret, ...sortData(secret.place, content, problems) })
    }
    this.#found = found
    const states = found.map(({ state }) => state)
    return { states, problems, keptOf: (revision) => findKept(revision, found) }
  }

  /**
   * @param bytesOf of each revision that the plan stores
   * @returns false if a Secret has changed since it was read: read and plan again
   */
  async write(
    changes: StoragePlan['changes'],
    bytesOf: (revision: string) => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<boolean> {
    // An entry that moves is stored in its new Secret before it is removed here.
    const storing = (one: Found): number => changes.get(one.state.name)?.put.length ?? 0
    for (const { secret, version, state } of [...this.#found].sort((a, b) => storing(b) - storing(a))) {
      const change = changes.get(state.name)
      if (change === undefined) continue
      const data = await dataOf(change, bytesOf)
      if (typeof (await secret.patch(data, { signal, version })) === 'string') return false
    }
    return true
  }
}

async function findKept(revision: string, found: readonly Found[]): ReturnType<ReadSecrets['keptOf']> {
  const holder = found.find(({ entries }) => entries.has(revision))
  const bytes = holder?.entries.get(revision)
  if (holder === undefined || bytes === undefined) return {}
  const { place } = holder.secret
  try {
    return { kept: await decodeEntry(bytes, place) }
  } catch (error) {
    if (!(error instanceof RemoraError)) throw error
    return { problem: ignoredEntry(place, `${PREFIX}${revision}`, error) }
  }
}

async function dataOf(
  { put, remove }: SecretChange,
  bytesOf: (revision: string) => Promise<Buffer>,
): Promise<ReadonlyMap<string, Buffer | undefined>> {
  const data = new Map<string, Buffer | undefined>()
  for (const revision of put) data.set(`${PREFIX}${revision}`, await bytesOf(revision))
  for (const revision of remove) data.set(`${PREFIX}${revision}`, undefined)
  return data
}

function sortData(
  place: string,
  { data, version }: { readonly data: ReadonlyMap<string, Buffer>; readonly version: string },
  problems: Problem[],
): Omit<Found, 'secret'> {
  const entries = new Map<string, Buffer>()
  const stored: StoredConfiguration[] = []
  let foreignBytes = 0
  let foreign = 0
  for (const [key, bytes] of data) {
    if (!key.startsWith(PREFIX)) {
      foreignBytes += key.length + bytes.length
      foreign += 1
      continue
    }
    const revision = key.slice(PREFIX.length)
    entries.set(revision, bytes)
    const size = storedBytes(revision, bytes)
    try {
      const header = readHeader(bytes)
      if (header.revision !== revision) throw invalidEntry(`it is of revision ${header.revision}`)
      stored.push({ ...header, bytes: size })
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
      problems.push(ignoredEntry(place, key, error))
      entries.delete(revision)
      stored.push({ revision, bytes: size, contentHash: undefined, configMapUid: undefined, keptSince: '' })
    }
  }
  if (foreign > 0) {
    const what =
      foreign === 1
        ? 'a key that Remora did not write; it is'
        : `${foreign} keys that Remora did not write; they are`
    const message = `${place} has ${what} ignored, but counts towards the size limit`
    problems.push({ code: 'kept-configuration-invalid', message, where: place })
  }
  return { version, entries, state: { name: place, foreignBytes, stored } }
}

function invalidEntry(problem: string): RemoraError {
  return new RemoraError('kept-configuration-invalid', problem)
}

function ignoredEntry(place: string, key: string, { message }: RemoraError): Problem {
  return {
    code: 'kept-configuration-invalid',
    message: `${place}, key ${key}: not a kept configuration: ${message}; it is ignored`,
    where: place,
  }
}

export function missingSecret(place: string): Problem {
  return {
    code: 'last-good-secret-missing',
    message: `${place} does not exist, so its configurations are lost when the process ends`,
    where: place,
  }
}
