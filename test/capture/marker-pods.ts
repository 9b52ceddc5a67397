/**
 * Random pods, old objects and requests with a different marker wherever the table of kept fields has no row: in
 * values, keys, unknown fields, and inside the texts of annotations. Not a test.
 */
import { KEPT_ANNOTATIONS, KEPT_FIELDS, KEPT_MAP_KEYS } from '../../src/capture/redaction-table.ts'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { type FieldType, lookupType, type SchemaType } from '../../src/merge/index.ts'

export interface Manner {
  readonly seed: number
  /** Quantities, times and the like are valid, so that the pod is injected; otherwise they are markers, too. */
  readonly valid: boolean
  /** The prefix of every marker; no other text contains it. */
  readonly marker: string
}

/** How much of a pod is filled below this depth, and where it ends. */
const FULL_DEPTH = 4
const END_DEPTH = 9

export class MarkerPods {
  readonly #marker: string
  readonly #valid: boolean
  #state: number
  #markers = 0

  constructor({ seed, valid, marker }: Manner) {
    this.#state = seed >>> 0
    this.#valid = valid
    this.#marker = marker
  }

  pod(): JsonObject {
    return { ...this.#struct(typeNamed('Pod'), 0), apiVersion: 'v1', kind: 'Pod' }
  }

  /** Fields of `request` beside those that decide. */
  request(): JsonObject {
    return {
      userInfo: {
        username: this.marker(),
        uid: this.marker(),
        groups: [this.marker(), 'system:authenticated'],
        extra: { [this.marker()]: [this.marker()] },
      },
      oldObject: this.#struct(typeNamed('Pod'), FULL_DEPTH - 1),
      options: { kind: this.marker(), apiVersion: this.marker(), [this.marker()]: this.marker() },
      requestKind: { group: '', version: 'v1', kind: 'Pod', [this.marker()]: this.marker() },
      dryRun: this.#valid ? false : this.marker(),
      [this.marker()]: this.unknown(),
    }
  }

  annotations(): JsonObject {
    const made: { [name: string]: JsonValue } = { [this.marker()]: this.marker() }
    if (!this.#valid) made[this.marker()] = this.unknown()
    for (const [name, form] of KEPT_ANNOTATIONS) {
      // A plain one that is none is mostly refused, and then nothing is injected.
      const often = this.#valid && form === 'plain' ? 0.01 : 0.4
      if (this.#chance() < often) made[name] = this.#annotation(form)
    }
    return made
  }

  marker(): string {
    return `${this.#marker}${this.#markers++}`
  }

  unknown(): JsonValue {
    return {
      [this.marker()]: [this.marker(), { [this.marker()]: this.marker() }, 1, null, true],
      name: this.marker(),
    }
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
          ? this.#ofAnotherType(field.type)
          : this.#value(field.type, { kept: kept.has(field.name), keys, depth })
      }
    }
    made[this.marker()] = this.unknown()
    if (type.name === 'Container') made['name'] = `c-${this.#markers++}`
    return made
  }

  /** A tree in which no key is a field that is kept. */
  #ofAnotherType({ kind }: FieldType): JsonValue {
    if (kind === 'struct' || kind === 'map') return this.#chance() < 0.5 ? this.marker() : [this.marker(), 1]
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
          return this.#misshapen() ? this.marker() : type.scalar === 'bool' ? false : 1
        return kept ? `kept-${this.#markers++}` : this.marker()
      case 'special':
        if (type.special === 'rawObject') return this.unknown()
        if (!this.#valid) return kept ? 'kept' : this.marker()
        if (type.special === 'quantity') return '250m'
        if (type.special === 'time') return '2026-01-02T03:04:05Z'
        return kept ? 8080 : this.marker()
      case 'struct':
        return depth > END_DEPTH ? {} : this.#struct(type.struct, depth + 1)
      case 'list':
        return depth > END_DEPTH ? [] : [this.#value(type.elem, at)]
      case 'map': {
        const key = keys ? `kept.example/k${this.#markers++}` : this.marker()
        return { [key]: this.#value(type.elem, at) }
      }
    }
  }

  /** Plain ones are kept if they are plain, so the marker is in one that is not. */
  #annotation(form: string | undefined): JsonValue {
    const object = (fields: JsonObject) => JSON.stringify({ ...fields, [this.marker()]: this.unknown() })
    const broken = this.#chance()
    if (broken < 0.1 && !this.#valid) return `not: [valid ${this.marker()}`
    if (broken < 0.15 && !this.#valid) return this.unknown()
    switch (form) {
      case 'overrides': {
        const container = () => this.#struct(typeNamed('Container'), FULL_DEPTH - 2)
        return object({ containers: [container()], initContainers: [container()] })
      }
      case 'names':
        return object({ containers: ['istio-proxy', `"${this.marker()}"`], volumes: [{ a: this.marker() }] })
      case 'volumes':
        return JSON.stringify({ v: this.#struct(typeNamed('Volume'), FULL_DEPTH - 2) })
      case 'mounts':
        return JSON.stringify([this.#struct(typeNamed('VolumeMount'), FULL_DEPTH - 2)])
      case 'proxy-config':
        return `# ${this.marker()}\n${object({
          concurrency: 2,
          configPath: this.marker(),
          ...(this.#valid ? {} : { discoveryAddress: `<${this.marker()}>` }),
          proxyMetadata: { SOME_NAME: `<${this.marker()}>`, [this.marker().toLowerCase()]: 'x' },
          tracing: {
            zipkin: { address: this.#valid ? `${this.marker()}:9411` : this.marker() },
            customTags: { [this.marker()]: { literal: { value: this.marker() } } },
          },
          readinessProbe: { exec: { command: [this.marker()] } },
        })}`
      default:
        return `"${this.marker()}"`
    }
  }
}

function typeNamed(name: string): SchemaType {
  const type = lookupType(name)
  if (type === undefined) throw new Error(`the schema has no ${name}`)
  return type
}
