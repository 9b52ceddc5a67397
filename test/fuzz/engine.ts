/**
 * Fuzzes the core with pods and configurations whose structure is mostly kept. What must hold: `inject` never throws and takes a bounded time; every outcome has a documented code; the patch makes the
 * outcome's pod; a second injection of that pod does not throw, and with Remora's own profile changes nothing; a changed
 * configuration is refused with `config-invalid` or serves. Not a test.
 */
import fastJsonPatch from 'fast-json-patch'
import { RemoraError } from '../../src/errors.ts'
import {
  describeCode,
  inject,
  type Outcome,
  type PatchOperation,
  type RevisionInputs,
  type Snapshot,
} from '../../src/inject/index.ts'
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { applyPatch } from '../../src/jsonpatch/index.ts'
import { compileRevisionInSteps } from '../../src/revisions/index.ts'
import { finish } from '../../src/steps.ts'
import { requestFor, snapshotOf } from '../inject/revision-fixture.ts'
import {
  countOutcome,
  type FuzzCounts,
  type FuzzInput,
  type FuzzTarget,
  INJECT_OPTIONS,
} from './fuzz-target.ts'
import { mutate, mutateText } from './mutate.ts'
import type { Random } from './random.ts'
import { scalars, templatePieces } from './vocabulary.ts'

/** Compiling a configuration costs as much as several pods. */
const PODS_OF_A_CONFIG = 5

export const engine: FuzzTarget = {
  name: 'engine',
  share: 15,
  about: 'the core never throws, its patch produces its pod, and a second injection changes nothing',
  run: (random, input, counts) =>
    random.chance(0.7) ? fuzzPod(random, input, counts) : fuzzConfig(random, input, counts),
}

function fuzzPod(random: Random, input: FuzzInput, counts: FuzzCounts): string | undefined {
  const config = random.pick(input.configs)
  const base = random.pick(input.pods)
  const pod = makePod(base, random)
  return checkInjection(pod, { snapshot: config.snapshot, random, idempotent: config.idempotent }, counts)
}

/** A changed pod, as it comes from JSON: no undefined, no -0. */
export function makePod(base: JsonObject, random: Random): JsonObject {
  const value = mutate(base, random, 1 + random.below(5))
  const read: JsonValue = JSON.parse(JSON.stringify(value))
  return isObject(read) ? read : base
}

interface Surroundings {
  readonly snapshot: Snapshot
  readonly random: Random
  readonly idempotent: boolean
}

function checkInjection(pod: JsonObject, around: Surroundings, counts: FuzzCounts): string | undefined {
  const { snapshot, random, idempotent } = around
  const revisions = [...snapshot.revisions.keys()]
  const target = { by: 'revision', name: random.pick(revisions) } as const
  const proxyEnv = new Map(
    random.chance(0.1)
      ? [
          ['ISTIO_META_CLUSTER_ID', 'c2'],
          ['ISTIO_META_NETWORK', 'n2'],
        ]
      : [],
  )
  const request = requestFor(pod, { target, proxyEnv, seed: random.below(1000) })
  const untouched = structuredClone(pod)
  const outcome = inject(request, snapshot, INJECT_OPTIONS)
  if (!equalJson(pod, untouched)) return 'the request was changed'
  const bad = checkOutcome(outcome, counts)
  if (bad !== undefined || outcome.kind !== 'patched') return bad
  const patched = applied(pod, outcome.patch)
  if (typeof patched === 'string') return patched
  if (!equalJson(patched, outcome.pod))
    return `patch and pod differ: ${JSON.stringify(outcome.patch).slice(0, 2000)}`
  const second = inject({ ...request, object: outcome.pod }, snapshot, INJECT_OPTIONS)
  const secondBad = checkOutcome(second, counts)
  if (secondBad !== undefined) return `injected again: ${secondBad}`
  // The path's environment is added after that of the passes, and comes before it in a second injection.
  if (!idempotent || proxyEnv.size > 0 || !owesIdempotence(pod)) return undefined
  if (second.kind !== 'patched')
    return `injected again: ${second.kind} ${JSON.stringify(second).slice(0, 500)}`
  return second.patch.length === 0
    ? undefined
    : `injected again: ${JSON.stringify(second.patch).slice(0, 1000)}`
}

/**
 * Istio merges what a pod says of Istio's own containers into them, and takes what it finds there the next time for the
 * pod's wish (so does the profile, whose post-passes are Istio's): such pods may settle only in the second turn. The
 * same goes for the variable of a network, which the passes add last, and for two templates that name one container.
 * Containers or volumes that share a name, or have two in different case, are no pod that an API server sends.
 */
function owesIdempotence(pod: JsonObject): boolean {
  const text = JSON.stringify(pod)
  if (/"name":"istio-|sidecar.istio.io\/(?:status|capNetBindService)|proxy.istio.io\/overrides/.test(text))
    return false
  if (/topology\.istio\.io\/network|inject\.istio\.io\/templates|"Name":/.test(text)) return false
  const spec = own(pod, 'spec')
  const namesIn = (list: string) => {
    const items = isObject(spec) ? own(spec, list) : undefined
    return Array.isArray(items) ? items.map((one) => (isObject(one) ? own(one, 'name') : one)) : []
  }
  const containers = [...namesIn('containers'), ...namesIn('initContainers')]
  return [containers, namesIn('volumes')].every((names) => new Set(names).size === names.length)
}

function checkOutcome(outcome: Outcome, counts: FuzzCounts): string | undefined {
  counts.reviews++
  countOutcome(counts, `${outcome.kind} ${outcome.code}`)
  const entry = describeCode(outcome.code)
  if (entry === undefined) return `${outcome.code} is no code`
  if (entry.kind !== outcome.kind) return `${outcome.code} is a code of ${entry.kind}, not of ${outcome.kind}`
  const unknown = outcome.notes.find((note) => describeCode(note.code)?.kind !== 'note')
  return unknown === undefined ? undefined : `${unknown.code} is no code of a note`
}

/** By fast-json-patch; by our own pointers where a path has `__proto__`, which it refuses by design. Else the message. */
function applied(pod: JsonObject, patch: readonly PatchOperation[]): JsonValue | string {
  if (patch.some(({ path }) => path.includes('__proto__'))) return applyPatch(pod, patch)
  try {
    return fastJsonPatch.applyPatch(structuredClone(pod), [...patch], true).newDocument
  } catch (error) {
    return `the patch does not apply: ${error instanceof Error ? error.message : String(error)}`
  }
}

function fuzzConfig(random: Random, input: FuzzInput, counts: FuzzCounts): string | undefined {
  const seed = random.pick(input.configs)
  let inputs = seed.inputs
  for (let i = random.below(3); i >= 0; i--) inputs = changeInputs(inputs, random)
  let snapshot: Snapshot
  try {
    // As at a reload, where templates that did not change are taken over, or as at the start.
    const known = random.chance(0.7) ? [...seed.snapshot.revisions.values()] : []
    const steps = compileRevisionInSteps(
      inputs,
      known.flatMap(({ config }) => config ?? []),
    )
    snapshot = snapshotOf(finish(steps))
  } catch (error) {
    if (!(error instanceof RemoraError) || error.code !== 'config-invalid') throw error
    countOutcome(counts, error.code)
    return undefined
  }
  for (let i = 0; i < PODS_OF_A_CONFIG; i++) {
    const pod = makePod(random.pick(input.pods), random)
    const problem = checkInjection(pod, { snapshot, random, idempotent: false }, counts)
    if (problem !== undefined) return problem
  }
  return undefined
}

function changeInputs(inputs: RevisionInputs, random: Random): RevisionInputs {
  const { injectorConfigMap: injector, meshConfigMap: mesh } = inputs
  switch (random.below(4)) {
    case 0:
      return {
        ...inputs,
        injectorConfigMap: { ...injector, values: changeJson(injector.values ?? '', random) },
      }
    case 1:
      return { ...inputs, meshConfigMap: { ...mesh, mesh: changeMesh(mesh.mesh ?? '', random) } }
    default:
      return {
        ...inputs,
        injectorConfigMap: { ...injector, config: changeTemplate(injector.config ?? '', random) },
      }
  }
}

function changeJson(text: string, random: Random): string {
  if (random.chance(0.2)) return mutateText(text, random, ['null', '{', '}', '"', ','])
  try {
    return JSON.stringify(mutate(JSON.parse(text), random, 1 + random.below(4)))
  } catch {
    return '{}' // an earlier change has made it no JSON
  }
}

const meshPieces = [
  ...[
    'defaultConfig:\n',
    '  concurrency: 2\n',
    '  proxyMetadata: {A: b}\n',
    '  tracing: {}\n',
    'trustDomain: x\n',
  ],
  ...[
    'enablePrometheusMerge: false\n',
    '  interceptionMode: TPROXY\n',
    '  holdApplicationUntilProxyStarts: true\n',
  ],
  ...[
    '  drainDuration: 1s\n',
    'extensionProviders: [{name: x}]\n',
    '- ',
    '*a',
    '&a ',
    '{',
    '}',
    ': ',
    'null',
    '\t',
  ],
  ...[
    '  image: {imageType: debug}\n',
    '  statusPort: 0\n',
    'rootNamespace: x\n',
    'meshMTLS: {}\n',
    '"',
    '|\n',
  ],
]

function changeMesh(text: string, random: Random): string {
  const pieces = [...meshPieces, ...scalars.map((value) => JSON.stringify(value))]
  return mutateText(text, random, pieces)
}

/** Some where in the text; most of it is templates. */
function changeTemplate(text: string, random: Random): string {
  return mutateText(text, random, templatePieces)
}
