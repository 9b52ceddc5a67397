/** Sends the same review to two handlers, one that caches answers and one that does not. Not a test. */
import {
  type InjectionRequest,
  type InjectOptions,
  inject,
  type Outcome,
  type Snapshot,
} from '../../src/inject/index.ts'
import { type Admission, createLogger } from '../../src/observe/index.ts'
import { AnswerCache, createReviewHandler, type Repeated } from '../../src/server/index.ts'

export interface Said {
  readonly status: number
  readonly body: string
  /** The line of the log without its times. */
  readonly line: unknown
  readonly counted: Admission | undefined
}

type Inject = (request: InjectionRequest, snapshot: Snapshot) => Outcome

export interface Answering {
  readonly cache: AnswerCache<Repeated>
  snapshot: Snapshot
  recording: boolean
  /** Times that the caching handler asked the core. */
  readonly asked: number
  /** What each says. */
  ask(
    body: string | Buffer,
    rawUrl?: string,
    contentType?: string,
  ): { readonly plain: Said; readonly fast: Said }
}

export function withAndWithoutCache(
  snapshot: Snapshot,
  {
    maxBytes = 2 ** 20,
    options = {},
    core = (request, seen) => inject(request, seen, options),
  }: { maxBytes?: number; options?: InjectOptions; core?: Inject } = {},
): Answering {
  const cache = new AnswerCache<Repeated>(maxBytes)
  let asked = 0
  const state = { snapshot, recording: false }
  let line = ''
  const logger = createLogger({ level: 'info', write: (text) => (line = text) })
  const one = (memory: typeof cache | undefined) => {
    let counted: Admission | undefined
    const handler = createReviewHandler({
      cluster: { synced: true, snapshot: () => state.snapshot, ensureNamespace: () => state.snapshot },
      logger,
      metrics: { countAdmission: (admission) => (counted = admission), observeInjection: () => undefined },
      warnings: true,
      recorder: {
        offer: () => undefined,
        get recording() {
          return state.recording
        },
      },
      answerCache: memory,
      *injectInSteps(request, seen) {
        yield
        if (memory !== undefined) asked++
        return core(request, seen)
      },
    })
    return (body: Buffer, rawUrl: string, contentType: string): Said => {
      line = ''
      counted = undefined
      const answer = handler.review({ rawUrl, contentType, body })
      if (answer instanceof Promise) throw new Error('answered late')
      const { body: said, bodyBytes = Buffer.byteLength(said) } = answer
      if (bodyBytes !== Buffer.byteLength(said)) throw new Error(`${bodyBytes} bytes announced`)
      const { time: _, us: __, ...rest }: { [field: string]: unknown } = JSON.parse(line)
      return { status: answer.status, body: String(answer.body), line: rest, counted }
    }
  }
  const [plain, fast] = [one(undefined), one(cache)]
  return {
    cache,
    get asked() {
      return asked
    },
    get snapshot() {
      return state.snapshot
    },
    set snapshot(next: Snapshot) {
      state.snapshot = next
    },
    get recording() {
      return state.recording
    },
    set recording(next: boolean) {
      state.recording = next
    },
    ask(body, rawUrl = '/inject', contentType = 'application/json') {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body
      return { plain: plain(bytes, rawUrl, contentType), fast: fast(bytes, rawUrl, contentType) }
    },
  }
}
