/**
 * A template specialised for the facts of a key: its output for a pod without executing it as a whole. It learns from
 * admitted pods, and only what a second pod needs. The configuration's cache limits the number of specialisations.
 */
import { encodeKey, type FairCache, fingerprint, type SeenBefore } from '../../cache/index.ts'
import {
  type Budget,
  type CompiledTemplate,
  type GoValue,
  type PathEnd,
  PathNode,
  type Replayed,
  type ResidualTemplate,
} from '../../gotemplate/index.ts'
import type { ConstantTexts, JsonObject } from '../../json/index.ts'
import { decodePod } from '../../kube/index.ts'
import { mergeTyped } from '../merge-typed.ts'
import { type ParsedOutput, parseOutput, quotedValues, readValues } from './parsed-output.ts'
import { residualOptions } from './template-key.ts'
import { type TypedForm, typeOutput } from './typed-output.ts'

/** A template's output for one pod. */
export interface TemplateOutput {
  /** The parsed YAML. */
  overlay(): JsonObject
  /** Undefined if merging must be done for each pod. */
  readonly typed: TypedOutput | undefined
}

export interface TypedOutput {
  /** Merged into an empty pod, typed. */
  readonly template: JsonObject
  /** For merging into a pod that has no items in common with it. */
  patch(): JsonObject
  /** isSettled of the patch. */
  readonly settled: boolean
  /** Whether the pod has an item of the same name. */
  collides(pod: JsonObject): boolean
}

/** The specialisation for one key. */
export interface Specialization {
  readonly root: PathNode
  /** Recorded executions by namespace. */
  readonly recorded: Map<string, Recorded>
  /** The parsed output of each path, by which of its values came in quotes. */
  readonly outputs: Map<PathEnd, Map<string, PathOutput | 'none'>>
}

interface Recorded {
  readonly executions: number
  readonly bytes: number
}

interface PathOutput {
  readonly parsed: ParsedOutput
  readonly typed: TypedForm | undefined
}

/** What all specialised templates of a configuration share. */
export interface SharedCaches {
  readonly cache: FairCache<Specialization>
  readonly seen: SeenBefore
  readonly constants: ConstantTexts
}

export interface SpecializedRun {
  /** Undefined: hardly any other pod is like this one. */
  readonly key: string | undefined
  /** The namespace that the lookup is for. */
  readonly tenant: string
  readonly data: GoValue
  readonly budget: Budget
  /** Collects what is to be learned from this pod, for when it is admitted. */
  later(learn: () => void): void
}

/** The most executions recorded for one key. */
const MAX_RECORDED = 64
/** The share of them, and of the bytes, for one namespace; more of its own is stored separately. */
const TENANT_PART = 4
/** A longer path is executed as a whole. */
const MAX_PATH_BYTES = 128 * 1024
/** For one path: combinations of quoted and unquoted values. */
const MAX_OUTPUTS = 8
/** A tree without a path. */
const TREE_BYTES = 1_024

export class SpecializedTemplate {
  readonly #name: string
  readonly #template: ResidualTemplate
  readonly #cache: FairCache<Specialization>
  readonly #seen: SeenBefore
  readonly #constants: ConstantTexts

  constructor(template: ResidualTemplate, name: string, kept: SharedCaches) {
    this.#template = template
    this.#name = name
    this.#cache = kept.cache
    this.#seen = kept.seen
    this.#constants = kept.constants
  }

  /** The annotations that the template reads by name. */
  get keys(): ReadonlySet<string> {
    return this.#template.keys
  }

  /** Undefined if the template must be executed and its output parsed; the budget is then unchanged. */
  run(request: SpecializedRun): TemplateOutput | undefined {
    if (request.key === undefined) return undefined
    const shared = encodeKey([this.#name, undefined, request.key])
    const output = this.#replay(shared, request)
    if (output !== 'unknown') return output
    const known = this.#cache.peek(shared)
    if (known === undefined || this.#hasSpace(shared, known, request.tenant)) {
      request.later(() => this.#learn(shared, request))
      return undefined
    }
    // What a namespace has beyond its share is stored separately, so that it displaces nothing of others.
    const own = encodeKey([this.#name, request.tenant, request.key])
    const outputOfOwn = this.#replay(own, request)
    if (outputOfOwn !== 'unknown') return outputOfOwn
    request.later(() => this.#learn(own, request))
    return undefined
  }

  #replay(place: string, { tenant, data, budget }: SpecializedRun): TemplateOutput | 'unknown' | undefined {
    const known = this.#cache.get(place, tenant)
    if (known === undefined) return 'unknown'
    const before = budget.usage()
    const replayed = this.#template.replay(known.root, data, budget)
    if (replayed === 'unknown') return 'unknown'
    const output = typeof replayed === 'string' ? undefined : this.#outputOf(place, known, replayed)
    if (output === undefined) budget.reset(before)
    return output
  }

  #outputOf(place: string, known: Specialization, { end, values }: Replayed): TemplateOutput | undefined {
    const form = this.#pathOutput(place, known, { end, values })
    const read = form === 'none' ? undefined : readValues(form.parsed, values)
    if (form === 'none' || read === undefined) return undefined
    const { parsed, typed } = form
    // An object, like the sample that it is built from.
    const overlay = (): JsonObject => parsed.build(read) as JsonObject
    if (typed === undefined) return { overlay, typed: undefined }
    const template = typed.template(read) as JsonObject
    const { settled, collides } = typed
    return { overlay, typed: { template, patch: () => typed.patch(template, read), settled, collides } }
  }

  /** Derived from the path alone, so no value of a pod affects it or stays in it. */
  #pathOutput(place: string, { outputs }: Specialization, { end, values }: Replayed): PathOutput | 'none' {
    const quoted = quotedValues(values)
    let ofPath = outputs.get(end)
    if (ofPath === undefined) {
      ofPath = new Map()
      outputs.set(end, ofPath)
    }
    let output = ofPath.get(quoted)
    if (output === undefined) {
      const [oldest] = ofPath.keys()
      if (oldest !== undefined && ofPath.size >= MAX_OUTPUTS) ofPath.delete(oldest)
      // The first one was accounted for with its path.
      else if (ofPath.size > 0 && !this.#grow(place, outputBytes(end.textLength))) return 'none'
      const parsed = parseOutput(end, quoted, this.#constants)
      const intoEmpty = (patch: JsonObject): JsonObject => mergeTyped(decodePod({}), patch)
      output =
        parsed === undefined ? 'none' : { parsed, typed: typeOutput(parsed, intoEmpty, this.#constants) }
      ofPath.set(quoted, output)
    }
    return output
  }

  #learn(place: string, { tenant, data }: SpecializedRun): void {
    let known = this.#cache.peek(place)
    if (known === undefined) {
      if (!this.#seen.note(tenant, fingerprint(place))) return
      known = { root: new PathNode(), recorded: new Map(), outputs: new Map() }
      if (!this.#cache.put(place, tenant, known, TREE_BYTES)) return
    }
    if (executionsOf(known) >= MAX_RECORDED) return
    const free = this.#cache.maxEntryBytes - this.#cache.bytesOf(place)
    const path = this.#template.record(
      known.root,
      data,
      (bytes, textLength) => bytes <= MAX_PATH_BYTES && bytes + outputBytes(textLength) <= free,
    )
    const { executions, bytes } = known.recorded.get(tenant) ?? { executions: 0, bytes: 0 }
    const added = path.bytes + (path.textLength === 0 ? 0 : outputBytes(path.textLength))
    known.recorded.set(tenant, { executions: executions + 1, bytes: bytes + added })
    this.#grow(place, added)
  }

  /** Whether there was space for it. */
  #grow(place: string, bytes: number): boolean {
    return this.#cache.bytesOf(place) + bytes <= this.#cache.maxEntryBytes && this.#cache.grow(place, bytes)
  }

  /** The last share is reserved for the path that is being added. */
  #hasSpace(place: string, known: Specialization, tenant: string): boolean {
    const { executions, bytes } = known.recorded.get(tenant) ?? { executions: 0, bytes: 0 }
    const part = this.#cache.maxEntryBytes / TENANT_PART
    return (
      executionsOf(known) < MAX_RECORDED &&
      this.#cache.bytesOf(place) < this.#cache.maxEntryBytes - part &&
      executions < MAX_RECORDED / TENANT_PART &&
      bytes < part
    )
  }
}

/** Measured: the objects for parsing, typing and building the output, besides its text. */
const OUTPUT_BYTES_A_CHARACTER = 12
const OUTPUT_BYTES = 2_048

function outputBytes(textLength: number): number {
  return OUTPUT_BYTES + textLength * OUTPUT_BYTES_A_CHARACTER
}

function executionsOf({ recorded }: Specialization): number {
  let sum = 0
  for (const { executions } of recorded.values()) sum += executions
  return sum
}

/** Undefined for a template whose output may differ from one execution to the next. */
export function specializeTemplate(
  template: CompiledTemplate,
  kept: SharedCaches,
): SpecializedTemplate | undefined {
  const residual = template.residual(residualOptions)
  return residual === undefined ? undefined : new SpecializedTemplate(residual, template.name, kept)
}
