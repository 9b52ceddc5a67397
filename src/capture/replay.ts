/** A whole replay: runs every input once, and counts and groups the results by cause in bounded memory. */
import { RemoraError } from '../errors.ts'
import { inject } from '../inject/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import { compareWithServer, type ReviewServer } from './ask-server.ts'
import type { ReviewLine } from './format.ts'
import type { Input } from './read-inputs.ts'
import { type ReplayCluster, SnapshotRebuilder, withFactsOf } from './rebuild-snapshot.ts'
import { describeCase } from './record-case.ts'
import { requestOf } from './record-review.ts'
import { replayAudit, replayCaptured, replayPlain, replayUnder, type Verdict } from './replay-review.ts'

export interface ReplayOptions {
  /** A configuration other than the captured one. Plain reviews and audit events need it. */
  readonly cluster?: ReplayCluster | undefined
  /** A server to ask; its answers are compared with the outcomes of the core. */
  readonly server?: ReviewServer | undefined
  /** Gets a case for each answer of `server`; requires `cluster`. */
  readonly record?: RecordOptions | undefined
  /** Only this review. */
  readonly only?: string | undefined
  /** For inputs without a time. */
  readonly nowMs: number
  /** Called after each review. */
  onProgress?(done: number): void
}

export interface RecordOptions {
  /** The revision of the server's handler. */
  readonly revision: string
  add(recorded: JsonObject): Promise<void>
}

export interface ReplayGroup {
  readonly kind: 'differs' | 'error' | 'passed-over'
  readonly cause: string
  readonly count: number
  /** The first ones: id and pod. */
  readonly examples: readonly string[]
}

export interface ReplayReport {
  readonly reviews: number
  readonly same: number
  readonly differs: number
  readonly unrecorded: number
  readonly errors: number
  readonly passedOver: number
  /** Captured reviews whose outcome redaction changed; they are compared with the redacted run. */
  readonly changedByRedaction: number
  /** The number of results by code. */
  readonly codes: { readonly [code: string]: number }
  /** The most frequent first. */
  readonly groups: readonly ReplayGroup[]
}

const EXAMPLES = 5
const GROUPS = 200
const REST = 'further causes'

/** @throws CaptureError of the inputs */
export async function replay(inputs: AsyncIterable<Input>, options: ReplayOptions): Promise<ReplayReport> {
  const rebuilder = new SnapshotRebuilder()
  const tally = new Tally()
  for await (const input of inputs) {
    if (input.kind === 'file') rebuilder.beginFile()
    if (input.kind === 'file' || input.kind === 'unknown') continue
    if (input.kind === 'foreign') {
      tally.add(input.source, '', {
        kind: 'passed-over',
        cause: 'neither a capture, nor a review, nor an audit event',
      })
      continue
    }
    if (input.kind === 'line') {
      const { line } = input
      if (line.type === 'configuration') rebuilder.addConfiguration(line)
      if (line.type === 'cluster') rebuilder.addCluster(line)
      if (line.type !== 'review' || (options.only !== undefined && line.id !== options.only)) continue
      if (line.answered !== undefined) tally.changedByRedaction++
      tally.add(line.id, podName(line.review), await guarded(() => replayLine(line, rebuilder, options)))
    } else {
      if (options.only !== undefined && input.id !== options.only) continue
      tally.add(input.id, nameOf(input), await guarded(() => replayOther(input, options)))
    }
    options.onProgress?.(tally.reviews)
  }
  return tally.report()
}

type Answering = Verdict | Promise<Verdict>

function replayLine(line: ReviewLine, rebuilder: SnapshotRebuilder, options: ReplayOptions): Answering {
  const { cluster, server } = options
  const captured = rebuilder.rebuild(line)
  const known = cluster === undefined ? captured : withFactsOf(line, cluster)
  if (server !== undefined && known !== undefined)
    return replayAtServer(line, known, { server, record: options.record })
  if (cluster !== undefined) return replayUnder(line, withFactsOf(line, cluster), captured)
  if (captured === undefined)
    return { kind: 'error', cause: 'the capture leaves configurations out: set --cluster' }
  return replayCaptured(line, captured)
}

function replayOther(
  input: Extract<Input, { kind: 'review' | 'audit' }>,
  { cluster, server, record, nowMs }: ReplayOptions,
): Answering {
  if (cluster === undefined)
    return { kind: 'error', cause: 'reviews and audit events contain no configuration: set --cluster' }
  if (server !== undefined) {
    if (input.kind === 'audit') return { kind: 'passed-over', cause: 'audit events are not sent to a server' }
    const asked = { path: '/inject', review: input.review, nowMs, seed: 0 }
    return replayAtServer(asked, cluster, { server, record })
  }
  return input.kind === 'review'
    ? replayPlain(input.review, cluster, nowMs)
    : replayAudit(input.event, cluster, nowMs)
}

async function replayAtServer(
  asked: Pick<ReviewLine, 'path' | 'review' | 'nowMs' | 'seed'>,
  { snapshot, options }: ReplayCluster,
  { server, record }: { readonly server: ReviewServer; readonly record: RecordOptions | undefined },
): Promise<Verdict> {
  const request = requestOf(asked)
  if (request === undefined)
    return { kind: 'error', cause: 'there is no AdmissionReview that can be decoded' }
  const response = await server.ask(asked.path, asked.review)
  if (record === undefined)
    return compareWithServer(response, inject(request, snapshot, options), request.object)
  const { revision } = record
  const recorded = describeCase(
    { path: server.pathFor(asked.path), review: asked.review, object: request.object, snapshot, revision },
    response,
  )
  if (typeof recorded === 'string') return { kind: 'error', cause: recorded }
  await record.add(recorded)
  const target = { by: 'revision', name: revision } as const
  return compareWithServer(response, inject({ ...request, target }, snapshot, options), request.object)
}

async function guarded(run: () => Answering): Promise<Verdict> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof RemoraError)) throw error
    return { kind: 'error', cause: `${error.code}: ${error.message}` }
  }
}

class Tally {
  changedByRedaction = 0
  reviews = 0
  readonly #counts = { same: 0, differs: 0, unrecorded: 0, error: 0, 'passed-over': 0 }
  readonly #codes = new Map<string, number>()
  readonly #groups = new Map<
    string,
    { kind: ReplayGroup['kind']; cause: string; count: number; examples: string[] }
  >()

  add(id: string, pod: string, verdict: Verdict): void {
    if (verdict.kind !== 'passed-over') this.reviews++
    this.#counts[verdict.kind]++
    if ('code' in verdict) this.#codes.set(verdict.code, (this.#codes.get(verdict.code) ?? 0) + 1)
    if (verdict.kind === 'same' || verdict.kind === 'unrecorded') return
    const { kind } = verdict
    let key = `${kind} ${verdict.cause}`
    let { cause } = verdict
    // Keeps a replay small in which every review differs for another reason.
    if (!this.#groups.has(key) && this.#groups.size >= GROUPS) [key, cause] = [`${kind} ${REST}`, REST]
    const group = this.#groups.get(key) ?? { kind, cause, count: 0, examples: [] }
    group.count++
    if (group.examples.length < EXAMPLES) group.examples.push(pod === '' ? id : `${id} (${pod})`)
    this.#groups.set(key, group)
  }

  report(): ReplayReport {
    const { same, differs, unrecorded, error } = this.#counts
    return {
      reviews: this.reviews,
      same,
      differs,
      unrecorded,
      errors: error,
      passedOver: this.#counts['passed-over'],
      changedByRedaction: this.changedByRedaction,
      codes: Object.fromEntries([...this.#codes].sort(([a], [b]) => (a < b ? -1 : 1))),
      groups: [...this.#groups.values()].sort((a, b) => b.count - a.count),
    }
  }
}

function nameOf(input: Extract<Input, { kind: 'review' | 'audit' }>): string {
  if (input.kind === 'review') return podName(input.review)
  const ref = own(input.event, 'objectRef')
  return isObject(ref) ? `${String(own(ref, 'namespace') ?? '')}/${String(own(ref, 'name') ?? '')}` : ''
}

/** `shop/web-5d9c-`. */
function podName(review: JsonObject): string {
  const request = own(review, 'request')
  if (!isObject(request)) return ''
  const object = own(request, 'object')
  const metadata = isObject(object) ? own(object, 'metadata') : undefined
  const [name, generated] = isObject(metadata)
    ? [own(metadata, 'name'), own(metadata, 'generateName')]
    : [undefined, undefined]
  return `${String(own(request, 'namespace') ?? '')}/${String(name ?? generated ?? '')}`
}
