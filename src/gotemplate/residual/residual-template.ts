/**
 * Owns: a template that remembers the ways which its executions have taken, so that the next one on the same way
 * runs only what depends on its own data. Bounded: whatever is not remembered is executed as a whole.
 *
 * Facts that hold for many requests (configuration, annotations that the template asks for by name) are told apart
 * by the caller's key: within one key they are constants.
 */
import { Budget, type BudgetLimits } from '../budget.ts'
import type { SetContext } from '../eval/compiler.ts'
import { Execution, NORMAL } from '../eval/execution.ts'
import { TemplateCompiler } from '../eval/template-compiler.ts'
import type { ParsedTemplate } from '../parse/ast.ts'
import type { GoValue } from '../values.ts'
import { type RecorderCode, recordList } from './compile-recorder.ts'
import { PathNode } from './path-tree.ts'
import { type KeyedRead, Unspecialised } from './pipe-reads.ts'
import { collectKeys } from './read-keys.ts'
import { Recording } from './recording.ts'
import { type Replayed, replay } from './replay.ts'

export interface ResidualOptions {
  /** Fields of the root that are the same for all requests with one key. */
  readonly constantFields: ReadonlySet<string>
  /** Reads of which only the named key matters; the caller's key tells these keys' values apart. */
  readonly keyed: readonly KeyedRead[]
}

/** How many keys are remembered, how many ways through the template each may have, and how many keys seen once. */
const MAX_KEYS = 512
const MAX_PATHS = 64
const MAX_SIGHTS = 1024

interface Known {
  readonly root: PathNode
  /** Executions that were followed. */
  recorded: number
}

export class ResidualTemplate {
  /** The keys that the template asks for through KeyedReads: what the caller's key must tell apart. */
  readonly keys: ReadonlySet<string>
  readonly #name: string
  readonly #codes: ReadonlyMap<string, RecorderCode>
  readonly #constantFields: ReadonlySet<string>
  readonly #known = new Map<string, Known>()
  /** Seen once: not worth remembering yet. */
  readonly #sights = new Set<string>()

  /** @throws Unspecialised */
  constructor(
    name: string,
    templates: ReadonlyMap<string, ParsedTemplate>,
    set: SetContext,
    options: ResidualOptions,
  ) {
    this.#name = name
    this.#constantFields = options.constantFields
    this.keys = collectKeys(templates.values(), options.keyed)
    const codes = new Map<string, RecorderCode>()
    for (const defined of templates.keys()) codes.set(defined, { body: () => NORMAL, slots: 1, nesting: 1 })
    for (const [defined, template] of templates) {
      const compiler = new TemplateCompiler(template, set)
      const code = codes.get(defined)
      if (code === undefined) continue
      code.body = recordList({ compiler, keyed: options.keyed, templates: codes }, template.root)
      code.slots = compiler.scope.size
      code.nesting = compiler.deepest
    }
    if (!codes.has(name)) throw new Unspecialised('the template is empty')
    this.#codes = codes
  }

  /**
   * What the template writes for this data, or undefined where it must be executed as a whole; the budget is charged
   * as by execution, or not at all.
   * @param key tells apart whatever `constantFields` and `keys` stand for
   */
  run(key: string, data: GoValue, budget: Budget): Replayed | undefined {
    const known = this.#known.get(key) ?? this.#meetAgain(key)
    if (known === undefined) return undefined
    const before = budget.mark()
    try {
      const found = replay(known.root, new Execution(budget, 0, 0), data)
      if (typeof found === 'object') return found
      if (found === 'unknown' && known.recorded < MAX_PATHS) {
        known.recorded++
        this.#record(known.root, data)
      }
    } catch {
      // Whatever it is, executing the whole says it as it should be said.
    }
    budget.reset(before)
    return undefined
  }

  /** Undefined at first sight. */
  #meetAgain(key: string): Known | undefined {
    if (!this.#sights.delete(key)) {
      if (this.#sights.size >= MAX_SIGHTS) this.#sights.clear()
      this.#sights.add(key)
      return undefined
    }
    const [oldest] = this.#known.keys()
    if (oldest !== undefined && this.#known.size >= MAX_KEYS) this.#known.delete(oldest)
    const known = { root: new PathNode(), recorded: 0 }
    this.#known.set(key, known)
    return known
  }

  /** An execution beside the one that answers, within a budget of its own. */
  #record(root: PathNode, data: GoValue): void {
    const code = this.#codes.get(this.#name)
    if (code === undefined) return
    const run = new Execution(new Budget(RECORDING_LIMITS), 0, 0)
    const recording = new Recording(run, root, this.#constantFields)
    const frame = {
      frame: { run, slots: new Array<GoValue>(code.slots) },
      index: recording.newFrame(),
      rooted: true,
      varying: new Set<number>(),
    }
    frame.frame.slots[0] = data
    recording.step({ kind: 'enter', frame: frame.index, slots: code.slots, dot: 0 })
    code.body(recording, frame, { value: data, register: 0, is: 'root' })
    recording.end()
  }
}

/** A template that costs more than this is not worth remembering. */
const RECORDING_LIMITS: BudgetLimits = { maxSteps: 50_000, maxOutput: 256 * 1024, maxAllocated: 1024 * 1024 }
