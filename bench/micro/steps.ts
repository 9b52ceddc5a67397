/**
 * The functions of the pipeline's steps, and the wrappers that measure them in place. A load hook renames a step's
 * function and replaces it by a measuring one, so that each step has the arguments, caches and call count of a real
 * request, and `src` needs no changes. When a function moves, only this table changes.
 */
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Step {
  readonly name: string
  /** Relative to `src`. */
  readonly file: string
  readonly fn: string
}

export const STEPS: readonly Step[] = [
  { name: 'parse', file: 'admission/decode-review.ts', fn: 'decodeReview' },
  { name: 'inject', file: 'inject/inject.ts', fn: 'inject' },
  { name: 'decide', file: 'inject/decide-revision.ts', fn: 'decideRevision' },
  { name: 'rollout', file: 'inject/apply-rollout.ts', fn: 'applyRollout' },
  { name: 'typed pod', file: 'inject/pod-facts.ts', fn: 'readPod' },
  { name: 'data', file: 'inject/data/template-data.ts', fn: 'templateData' },
  { name: 'overlay', file: 'inject/overlay.ts', fn: 'layOver' },
  { name: 'specialized', file: 'inject/overlay.ts', fn: 'runSpecialized' },
  { name: 'render', file: 'inject/overlay.ts', fn: 'render' },
  { name: 'read YAML', file: 'inject/overlay.ts', fn: 'parseRendered' },
  { name: 'merge', file: 'inject/merge-typed.ts', fn: 'mergeTyped' },
  { name: 'reapply', file: 'inject/reapply-containers.ts', fn: 'reapplyContainers' },
  { name: 'post', file: 'inject/post/index.ts', fn: 'runPostPasses' },
  { name: 'apply', file: 'inject/apply-changes.ts', fn: 'applyChanges' },
  { name: 'diff', file: 'jsonpatch/diff.ts', fn: 'diffJson' },
  { name: 'encode', file: 'admission/answer.ts', fn: 'answerOutcome' },
]

const SOURCE = resolve(import.meta.dirname, '../../src')

/**
 * The source with the function renamed and a wrapper under its name; undefined if it has no such function.
 * Declarations are hoisted, so the wrapper may come first.
 */
export function wrapFunction(text: string, { name, fn }: Pick<Step, 'name' | 'fn'>): string | undefined {
  const declared = new RegExp(`^(export )?function ${fn}(?=[(<])`, 'm')
  if (!declared.test(text)) return undefined
  return text.replace(declared, (_all, exported: string | undefined) => {
    const wrapped = `globalThis.__measureStep(${JSON.stringify(name)}, ${fn}__plain)`
    return `${exported ?? ''}const ${fn} = ${wrapped}; function ${fn}__plain`
  })
}

export interface Measured {
  calls: number
  /** Without the steps inside it. */
  total: number
}

/** Runs the steps with a gauge (a clock, or a count of bytes) and adds up what each takes. */
export class StepMeter {
  readonly steps = new Map<string, Measured>()
  #gauge: (() => number) | undefined
  /** The share of steps inside the running one. */
  #inner = 0

  readonly wrap = (name: string, plain: (...args: unknown[]) => unknown) => {
    const measured: Measured = { calls: 0, total: 0 }
    this.steps.set(name, measured)
    return (...args: unknown[]): unknown => {
      const gauge = this.#gauge
      if (gauge === undefined) return plain(...args)
      const outer = this.#inner
      this.#inner = 0
      const before = gauge()
      try {
        return plain(...args)
      } finally {
        const took = gauge() - before
        measured.calls++
        measured.total += took - this.#inner
        this.#inner = outer + took
      }
    }
  }

  /** Starts the measurement with an empty state; undefined: stops it. */
  measure(gauge: (() => number) | undefined): void {
    this.#gauge = gauge
    this.#inner = 0
    for (const measured of this.steps.values()) Object.assign(measured, { calls: 0, total: 0 })
  }
}

/**
 * Must be called before any module of `src` is loaded. @returns the steps that could not be wrapped, filled as
 * modules are loaded
 */
export function installSteps(meter: StepMeter): Step[] {
  const missing: Step[] = []
  Object.assign(globalThis, { __measureStep: meter.wrap })
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const wanted = STEPS.filter(({ file }) => url === `file://${join(SOURCE, file)}`)
      if (wanted.length === 0) return loaded
      let text = loaded.source?.toString() ?? ''
      for (const step of wanted) {
        const wrapped = wrapFunction(text, step)
        if (wrapped === undefined) missing.push(step)
        else text = wrapped
      }
      return { ...loaded, source: text }
    },
  })
  return missing
}

export function describeMissing({ name, file, fn }: Step): string {
  return `${name}: src/${file} has no function ${fn}: say in ${fileURLToPath(import.meta.url)
    .split('/')
    .slice(-3)
    .join('/')} where the step is now`
}
