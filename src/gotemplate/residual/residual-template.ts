/**
 * A template specialised by partial evaluation for facts that many requests share: a tree of paths that earlier
 * executions took, with everything evaluated that does not depend on the request. Replaying a path runs only the
 * remaining commands.
 *
 * It has no state: the caller keeps one tree for each set of facts and limits their number and size.
 */
import { Budget, type BudgetLimits } from '../budget.ts'
import type { SetContext } from '../eval/compiler.ts'
import { Execution, NORMAL } from '../eval/execution.ts'
import { TemplateCompiler } from '../eval/template-compiler.ts'
import type { ParsedTemplate } from '../parse/ast.ts'
import type { GoValue } from '../values.ts'
import { recordList } from './compile-recorder.ts'
import type { PathNode } from './path-tree.ts'
import { type KeyedRead, Unspecialised } from './pipe-reads.ts'
import { collectKeys } from './read-keys.ts'
import type { RecorderCode } from './recorder-context.ts'
import { type PathFits, Recording } from './recording.ts'
import { type Replayed, replay } from './replay.ts'

export interface ResidualOptions {
  /** Fields of the root that are equal for all requests with the same tree. */
  readonly constantFields: ReadonlySet<string>
  /** Reads in which only the named key matters; all requests with the same tree have equal values of these keys. */
  readonly keyed: readonly KeyedRead[]
}

/**
 * `unknown`: no execution has taken this path yet. `closed`: the path cannot be followed. `failed`: a command failed,
 * so executing the template fails, too, or exceeds its budget.
 */
export type ReplayOutcome = Replayed | 'unknown' | 'closed' | 'failed'

export interface RecordedPath {
  /** Approximate growth of the tree, even if the execution failed. */
  readonly bytes: number
  /** Characters of the output's constant text; 0 if the path did not end or was known. */
  readonly textLength: number
}

export class ResidualTemplate {
  /** The keys that the template reads through KeyedReads: a tree serves one set of their values. */
  readonly keys: ReadonlySet<string>
  readonly #name: string
  readonly #codes: ReadonlyMap<string, RecorderCode>
  readonly #constantFields: ReadonlySet<string>

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
   * The template's output for this data, or the reason why it must be executed as a whole. The budget is charged as by
   * execution, or not at all.
   */
  replay(tree: PathNode, data: GoValue, budget: Budget): ReplayOutcome {
    const before = budget.usage()
    try {
      const found = replay(tree, new Execution(budget), data)
      if (typeof found !== 'object') budget.reset(before)
      return found
    } catch {
      // Executing the template as a whole reports the error with its position.
      budget.reset(before)
      return 'failed'
    }
  }

  /**
   * Executes the template once more with a separate budget and adds the path that it takes to the tree.
   * @param fits a path is closed when this returns false
   */
  record(tree: PathNode, data: GoValue, fits: PathFits): RecordedPath {
    const code = this.#codes.get(this.#name)
    if (code === undefined) return { bytes: 0, textLength: 0 }
    const run = new Execution(new Budget(RECORDING_LIMITS))
    const recording = new Recording(run, tree, { constantFields: this.#constantFields, fits })
    const frame = {
      frame: { run, slots: new Array<GoValue>(code.slots) },
      index: recording.newFrame(),
      rooted: true,
      varying: new Set<number>(),
    }
    frame.frame.slots[0] = data
    recording.step({ kind: 'enter', frame: frame.index, slots: code.slots, dot: 0 })
    try {
      code.body(recording, frame, { value: data, register: 0, is: 'root' })
      recording.end()
    } catch {
      // The next execution that gets there discards the unfinished part of the path.
    }
    return recording
  }
}

/** A template that costs more than this is executed as a whole each time. */
const RECORDING_LIMITS: BudgetLimits = { maxSteps: 50_000, maxOutput: 64 * 1024, maxAllocated: 1024 * 1024 }
