/**
 * Selects the configurations of this replica that should be stored, and encodes them. Each configuration is
 * compressed once to know its size; the bytes are computed again for the rare write.
 */
import { RemoraError } from '../../errors.ts'
import type { Problem, Revision, RevisionConfig, Snapshot } from '../../inject/index.ts'
import {
  planStorage,
  type SecretState,
  type StoragePlan,
  type WantedConfiguration,
} from '../../revisions/index.ts'
import { storedBytes } from './kept-secrets.ts'
import { encodeEntry } from './stored-entry.ts'

interface Summary {
  readonly contentHash: string
  readonly bytes: number
}

export class StoreServed {
  readonly #remoraVersion: string
  readonly #summaries = new WeakMap<RevisionConfig, Summary | Problem>()
  /**
   * By revision, the content that this replica has compared with the Secrets; another replica may have a newer one.
   */
  readonly #compared = new Map<string, string>()
  #planned: ReadonlyMap<string, { readonly config: RevisionConfig; readonly contentHash: string }> = new Map()

  constructor(remoraVersion: string) {
    this.#remoraVersion = remoraVersion
  }

  async plan(
    { revisions, registered = new Set(), tags }: Snapshot,
    secrets: readonly SecretState[],
  ): Promise<{ readonly plan: StoragePlan; readonly problems: readonly Problem[] }> {
    const problems: Problem[] = []
    const wanted: WantedConfiguration[] = []
    const planned = new Map<string, { config: RevisionConfig; contentHash: string }>()
    const named = new Set([...registered, ...tags.values()])
    for (const revision of revisions.values()) {
      const config = storable(revision)
      if (config === undefined) continue
      const summary = await this.#summarize(config)
      if ('code' in summary) {
        problems.push(summary)
        continue
      }
      const { name } = revision
      const replaces = revision.kept === undefined && this.#compared.get(name) !== summary.contentHash
      wanted.push({ revision: name, ...summary, registered: named.has(name), replaces })
      planned.set(name, { config, contentHash: summary.contentHash })
    }
    this.#planned = planned
    const present = new Map([...revisions.values()].map(({ name, configMapUid }) => [name, configMapUid]))
    const plan = planStorage({ secrets, wanted, present, registered: named })
    return { plan, problems: [...problems, ...problemsOf(plan, secrets.length)] }
  }

  async bytesOf(revision: string): Promise<Buffer> {
    const planned = this.#planned.get(revision)
    if (planned === undefined) throw new TypeError(`revision ${revision} is not planned`)
    return (await this.#encode(planned.config)).bytes
  }

  /** The last plan has been carried out. */
  noteStored(): void {
    this.#compared.clear()
    for (const [revision, { contentHash }] of this.#planned) this.#compared.set(revision, contentHash)
  }

  async #summarize(config: RevisionConfig): Promise<Summary | Problem> {
    const known = this.#summaries.get(config)
    if (known !== undefined) return known
    let summary: Summary | Problem
    try {
      const { header, bytes } = await this.#encode(config)
      summary = { contentHash: header.contentHash, bytes: storedBytes(config.name, bytes) }
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
      summary = { code: error.code, message: error.message, revision: config.name }
    }
    this.#summaries.set(config, summary)
    return summary
  }

  #encode(config: RevisionConfig) {
    const keptSince = new Date().toISOString()
    return encodeEntry(config.inputs, { keptSince, remoraVersion: this.#remoraVersion })
  }
}

/** The current configuration was compiled from the current ConfigMap. */
function storable({ config, configMapUid }: Revision): RevisionConfig | undefined {
  if (configMapUid === undefined || config?.inputs.configMapUid !== configMapUid) return undefined
  return config
}

function problemsOf({ notStored, displaced }: StoragePlan, secrets: number): readonly Problem[] {
  const problems = notStored.map(({ revision, bytes }) => ({
    code: 'kept-configuration-not-stored',
    message: `revision ${revision}: its configuration takes ${bytes} bytes compressed, and the ${secrets} Secrets have no space for it; it is lost when all replicas restart`,
    revision,
  }))
  const gone = displaced.map((revision) => ({
    code: 'kept-configuration-displaced',
    message: `revision ${revision}: its kept configuration was removed to make space for one that a webhook configuration or a tag names`,
    revision,
  }))
  return [...problems, ...gone]
}
