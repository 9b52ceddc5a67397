/**
 * Random pods, old objects and requests with a mark of its own wherever the table of kept fields says nothing: in values,
 * keys, fields that no schema knows, and inside the texts of annotations. Not a test of its own.
 */
import { KEPT_ANNOTATIONS, KEPT_FIELDS, KEPT_MAP_KEYS } from '../../src/capture/redaction-table.ts'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { type FieldType, lookupType, type SchemaType } from '../../src/merge/index.ts'

export interface Manner {
  readonly seed: number
  /** Quantities, times and the like are as they should be, so that the pod is injected; otherwise they are marks too. */
  readonly valid: boolean
  /** What every mark begins with; no other text has it. */
  readonly mark: string
}

/** How much of a pod is filled below this depth, and where it ends. */
const FULL_DEPTH = 4
const END_DEPTH = 9

export class MarkedPods {
  readonly #mark: string
  readonly #valid: boolean
  #state: number
  #marks = 0

  constructor({ seed, valid, mark }: Manner) {
    this.#state = seed >>> 0
    this.#valid = valid
    this.#mark = mark
  }

  pod(): JsonObject {
    return { ...this.#struct(typeNamed('Pod'), 0), apiVersion: 'v1', kind: 'Pod' }
  }

  /** Fields of `request` beside those that decide. */
  request(): JsonObject {
    return {
      userInfo: {
        username: this.mark(),
        uid: this.mark(),
        groups: [this.mark(), 'system:authenticated'],
        extra: { [this.mark()]: [this.mark()] },
      },
      oldObject: this.#struct(typeNamed('Pod'), FULL_DEPTH - 1),
      options: { kind: this.mark(), apiVersion: this.mark(), [this.mark()]: this.mark() },
      requestKind: { group: '', version: 'v1', kind: 'Pod', [this.mark()]: this.mark() },
      dryRun: this.#valid ? false : this.mark(),
      [this.mark()]: this.unknown(),
    }
  }

  annotations(): JsonObject {
    const made: { [name: string]: JsonValue } = { [this.mark()]: this.mark() }
    if (!this.#valid) made[this.mark()] = this.unknown()
    for (const [name, form] of KEPT_ANNOTATIONS) {
      // A plain one that is none is mostly refused, and then nothing is injected.
      const often = this.#valid && form === 'plain' ? 0.01 : 0.4
      if (this.#chance() < often) made[name] = this.#annotation(form)
    }
    return made
  }

  mark(): string {
    return `${this.#mark}${this.#marks++}`
  }

  unknown(): JsonValue {
    return { [this.mark()]: [this.mark(), { [this.mark()]: this.mark() }, 1, null, true], name: this.mark() }
  }

  #chance(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return this.#state / 2 ** 32
  }

  #struct(type: SchemaType, depth: number): JsonObject {
    const kept = KEPT_FIELDS.get(type.name) ?? new Set()
    const made: { [key: string]: JsonValue } = {}
    for (const field of type.fields) {
      const needed = field.name === 'containers' || field.name === 'name'
      if (type.name === 'ObjectMeta' && field.name === 'annotations') made['annotations'] = this.annotations()
      else if (needed || this.#chance() < (depth < FULL_DEPTH ? 0.85 : 0.25)) {
        const keys = KEPT_MAP_KEYS.has(field.name)
        made[field.name] = this.#misshapen()
          ? this.#ofAnotherShape(field.type)
          : this.#value(field.type, { kept: kept.has(field.name), keys, depth })
      }
    }
    made[this.mark()] = this.unknown()
    if (type.name === 'Container') made['name'] = `c-${this.#marks++}`
    return made
  }

  /** A tree in which no key is a field that is kept. */
  #ofAnotherShape({ kind }: FieldType): JsonValue {
    if (kind === 'struct' || kind === 'map') return this.#chance() < 0.5 ? this.mark() : [this.mark(), 1]
    return this.unknown()
  }

  #misshapen(): boolean {
    return !this.#valid && this.#chance() < 0.03
  }

  #value(
    type: FieldType,
    at: { readonly kept: boolean; readonly keys: boolean; readonly depth: number },
  ): JsonValue {
    const { kept, keys, depth } = at
    switch (type.kind) {
      case 'scalar':
        if (type.scalar !== 'string')
          return this.#misshapen() ? this.mark() : type.scalar === 'bool' ? false : 1
        return kept ? `kept-${this.#marks++}` : this.mark()
      case 'special':
        if (type.special === 'rawObject') return this.unknown()
        if (!this.#valid) return kept ? 'kept' : this.mark()
        if (type.special === 'quantity') return '250m'
        if (type.special === 'time') return '2026-01-02T03:04:05Z'
        return kept ? 8080 : this.mark()
      case 'struct':
        return depth > END_DEPTH ? {} : this.#struct(type.struct, depth + 1)
      case 'list':
        return depth > END_DEPTH ? [] : [this.#value(type.elem, at)]
      case 'map': {
        const key = keys ? `kept.example/k${this.#marks++}` : this.mark()
        return { [key]: this.#value(type.elem, at) }
      }
    }
  }

  /** Plain ones are kept where they are plain, so the mark stands in one that is not. */
  #annotation(form: string | undefined): JsonValue {
    const object = (fields: JsonObject) => JSON.stringify({ ...fields, [this.mark()]: this.unknown() })
    const broken = this.#chance()
    if (broken < 0.1 && !this.#valid) return `not: [valid ${this.mark()}`
    if (broken < 0.15 && !this.#valid) return this.unknown()
    switch (form) {
      case 'overrides': {
        const container = () => this.#struct(typeNamed('Container'), FULL_DEPTH - 2)
        return object({ containers: [container()], initContainers: [container()] })
      }
      case 'names':
        return object({ containers: ['istio-proxy', `"${this.mark()}"`], volumes: [{ a: this.mark() }] })
      case 'volumes':
        return JSON.stringify({ v: this.#struct(typeNamed('Volume'), FULL_DEPTH - 2) })
      case 'mounts':
        return JSON.stringify([this.#struct(typeNamed('VolumeMount'), FULL_DEPTH - 2)])
      case 'proxy-config':
        return `# ${this.mark()}\n${object({
          concurrency: 2,
          configPath: this.mark(),
          ...(this.#valid ? {} : { discoveryAddress: `<${this.mark()}>` }),
          proxyMetadata: { SOME_NAME: `<${this.mark()}>`, [this.mark().toLowerCase()]: 'x' },
          tracing: {
            zipkin: { address: this.#valid ? `${this.mark()}:9411` : this.mark() },
            customTags: { [this.mark()]: { literal: { value: this.mark() } } },
          },
          readinessProbe: { exec: { command: [this.mark()] } },
        })}`
      default:
        return `"${this.mark()}"`
    }
  }
}

function typeNamed(name: string): SchemaType {
  const type = lookupType(name)
  if (type === undefined) throw new Error(`the schema has no ${name}`)
  return type
}
