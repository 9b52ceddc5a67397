/**
 * Owns: a template that remembers, for each way through it, what its output means. Bounded by the ways that the
 * template itself remembers; gone with the configuration that it belongs to.
 */
import type { Budget, CompiledTemplate, GoValue, PathEnd, ResidualTemplate } from '../../gotemplate/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { decodePod } from '../../kube/index.ts'
import { mergeTyped } from '../merge-typed.ts'
import { type OutputShape, readValues, shapeOutput } from './output-shape.ts'
import { residualOptions } from './template-key.ts'
import { shapeTyped, type TypedShape } from './typed-shape.ts'

/** What a template gives for one pod. */
export interface TemplateOutput {
  /** As YAML would give it. */
  overlay(): JsonObject
  /** Undefined where merging has to be done each time. */
  readonly typed: TypedOutput | undefined
}

export interface TypedOutput {
  /** Merged into an empty pod, typed. */
  readonly template: JsonObject
  /** To be merged into a pod that does not meet it. */
  patch(): JsonObject
  /** isSettled of the patch. */
  readonly settled: boolean
  /** Whether the pod has an item of the same name. */
  meets(pod: JsonObject): boolean
}

interface Shapes {
  readonly output: OutputShape
  readonly typed: TypedShape | undefined
}

export class RememberedTemplate {
  readonly #template: ResidualTemplate
  readonly #shapes = new WeakMap<PathEnd, Shapes | 'none'>()

  constructor(template: ResidualTemplate) {
    this.#template = template
  }

  /** The annotations that the template asks for by name. */
  get keys(): ReadonlySet<string> {
    return this.#template.keys
  }

  /** Undefined where the template has to be executed and its output read; the budget is then as it was. */
  run(key: string, data: GoValue, budget: Budget): TemplateOutput | undefined {
    const before = budget.mark()
    const replayed = this.#template.run(key, data, budget)
    if (replayed === undefined) return undefined
    const { end, values } = replayed
    const shapes = this.#shapesOf(end, values)
    const read = shapes === 'none' ? undefined : readValues(shapes.output, values)
    if (shapes === 'none' || read === undefined) {
      budget.reset(before)
      return undefined
    }
    const { output, typed } = shapes
    // An object: the sample that it is built like is one.
    const overlay = (): JsonObject => output.build(read) as JsonObject
    if (typed === undefined) return { overlay, typed: undefined }
    const template = typed.template(read) as JsonObject
    const { settled, meets } = typed
    return { overlay, typed: { template, patch: () => typed.patch(template, read), settled, meets } }
  }

  #shapesOf(end: PathEnd, values: readonly string[]): Shapes | 'none' {
    let shapes = this.#shapes.get(end)
    if (shapes === undefined) {
      const output = shapeOutput(end, values)
      shapes =
        output === undefined
          ? 'none'
          : { output, typed: shapeTyped(output, (patch) => mergeTyped(decodePod({}), patch)) }
      this.#shapes.set(end, shapes)
    }
    return shapes
  }
}

/** Undefined for a template whose output may differ from one execution to the next. */
export function rememberTemplate(template: CompiledTemplate): RememberedTemplate | undefined {
  const residual = template.residual(residualOptions)
  return residual === undefined ? undefined : new RememberedTemplate(residual)
}
