/** A mark in every text position of random pods and reviews that the table does not list: none is ever written. */
import fc from 'fast-check'
import t from 'tap'
import { ClusterDescriber, Redactor, recordReview } from '../../src/capture/index.ts'
import { KEPT_FIELDS, KEPT_MAP_KEYS } from '../../src/capture/redaction-table.ts'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { type FieldType, lookupType, type SchemaType } from '../../src/merge/index.ts'
import { answer, exampleSnapshot, reviewOf } from './capture-fixture.ts'

const MARK = 'mArKeD'

/** Fills structs by the schema: marks wherever the table says nothing, and fields that no schema knows. */
class PodMaker {
  #marks = 0
  readonly #chance: () => number
  /** Quantities, times and the like are valid, so that the pod is injected; otherwise they are marks too. */
  readonly #valid: boolean

  constructor(seed: number, valid: boolean) {
    let state = seed >>> 0
    this.#valid = valid
    this.#chance = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
  }

  mark(): string {
    return `${MARK}${this.#marks++}`
  }

  struct(type: SchemaType, depth: number): JsonObject {
    const kept = KEPT_FIELDS.get(type.name) ?? new Set()
    const made: { [key: string]: JsonValue } = {}
    for (const field of type.fields) {
      if (type.name === 'ObjectMeta' && field.name === 'annotations') made['annotations'] = this.annotations()
      else if (depth < 4 || this.#chance() < 0.3) {
        if (this.#chance() < 0.85 || field.name === 'containers' || field.name === 'name')
          made[field.name] = this.value(
            field.type,
            kept.has(field.name),
            KEPT_MAP_KEYS.has(field.name),
            depth,
          )
      }
    }
    made[this.mark()] = this.unknown()
    if (type.name === 'Container') made['name'] = `c-${this.#marks}`
    return made
  }

  value(type: FieldType, kept: boolean, keys: boolean, depth: number): JsonValue {
    switch (type.kind) {
      case 'scalar':
        if (type.scalar === 'bool') return false
        if (type.scalar !== 'string') return 1
        return kept ? `kept-${this.#marks++}` : this.mark()
      case 'special':
        if (type.special === 'rawObject') return this.unknown()
        if (!this.#valid) return kept ? 'kept' : this.mark()
        if (type.special === 'quantity') return '250m'
        if (type.special === 'time') return '2026-01-02T03:04:05Z'
        return kept ? 8080 : this.mark()
      case 'struct':
        return depth > 9 ? {} : this.struct(type.struct, depth + 1)
      case 'list':
        return depth > 9 ? [] : [this.value(type.elem, kept, keys, depth)]
      case 'map':
        return {
          [keys ? `kept.example/k${this.#marks++}` : this.mark()]: this.value(type.elem, kept, keys, depth),
        }
    }
  }

  unknown(): JsonValue {
    return { [this.mark()]: [this.mark(), { [this.mark()]: this.mark() }, 1, null, true], name: this.mark() }
  }

  annotations(): JsonObject {
    const type = (name: string): SchemaType => lookupType(name) ?? { ...EMPTY, name }
    const some = (name: string, value: JsonValue): JsonObject =>
      this.#chance() < 0.4 ? { [name]: value } : {}
    return {
      [this.mark()]: this.mark(),
      ...some('sidecar.istio.io/proxyCPU', '250m'),
      ...some('sidecar.istio.io/bootstrapOverride', `"${this.mark()}"`),
      ...some(
        'proxy.istio.io/overrides',
        JSON.stringify({ containers: [this.struct(type('Container'), 2)], [this.mark()]: this.mark() }),
      ),
      ...some(
        'sidecar.istio.io/status',
        JSON.stringify({ containers: ['istio-proxy'], [this.mark()]: this.mark() }),
      ),
      ...some('sidecar.istio.io/userVolume', JSON.stringify({ v: this.struct(type('Volume'), 2) })),
      ...some('sidecar.istio.io/userVolumeMount', JSON.stringify([this.struct(type('VolumeMount'), 2)])),
      ...some(
        'proxy.istio.io/config',
        JSON.stringify({
          concurrency: 2,
          proxyMetadata: { SOME_NAME: this.mark(), [this.mark().toLowerCase()]: 'x' },
          tracing: {
            zipkin: { address: this.mark() },
            customTags: { [this.mark()]: { literal: { value: this.mark() } } },
          },
          [this.mark()]: this.mark(),
        }),
      ),
      ...some('proxy.istio.io/config', `not: [valid ${this.mark()}`),
    }
  }
}

const EMPTY: SchemaType = { name: '', goType: '', fields: [], byName: new Map(), byFoldedName: new Map() }

t.test('no mark in any byte of a recorded review', async (t) => {
  const snapshot = await exampleSnapshot()
  const redactor = new Redactor()
  const describer = new ClusterDescriber({ redactor, raw: false, configurations: 'kept' })
  const cluster = describer.describe(snapshot)
  const podType = lookupType('Pod')
  if (podType === undefined) throw new Error('no Pod')
  const codes = new Set<string>()
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (seed, valid) => {
      const maker = new PodMaker(seed, valid)
      const pod = { ...maker.struct(podType, 0), apiVersion: 'v1', kind: 'Pod' }
      const body = reviewOf(pod, 'test-ns', {
        uid: maker.mark(),
        userInfo: {
          username: maker.mark(),
          groups: [maker.mark()],
          extra: { [maker.mark()]: [maker.mark()] },
        },
        oldObject: maker.struct(podType, 3),
        options: { kind: maker.mark(), [maker.mark()]: maker.mark() },
        requestKind: { group: '', version: 'v1', kind: 'Pod', [maker.mark()]: maker.mark() },
        [maker.mark()]: maker.unknown(),
      })
      const path = `/inject/cluster/east/${maker.mark()}/${maker.mark()}?${maker.mark()}`
      const answered = answer(body, snapshot, path)
      codes.add(answered.outcome.code)
      const line = recordReview(answered, { id: 'r', cluster, redactor, raw: false })
      return line !== undefined && !new RegExp(MARK, 'i').test(JSON.stringify(line))
    }),
    { numRuns: 120, seed: 4 },
  )
  t.ok(codes.size >= 2, [...codes].join())
})

t.test('equal texts are equal digests in one capture and others in the next', async (t) => {
  const [a, b] = [new Redactor(), new Redactor()]
  t.equal(a.redact('x'), a.redact('x'))
  t.not(a.redact('x'), a.redact('y'))
  t.not(a.redact('x'), b.redact('x'))
  t.equal(a.redact(''), '')
  t.match(a.redact('x'), /^redacted-[0-9a-f]{16}$/)
})
