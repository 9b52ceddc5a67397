/**
 * Fuzzes what an author of configurations can write: templates that loop, nest, print and build without end, values and mesh
 * of odd types and sizes, selectors, aliases, names and labels of the objects. What must hold: building the snapshot never
 * throws and says what is wrong by a code, other revisions keep serving the very same configuration, and pods are answered within
 * the budget. Not a test.
 */

import { describeCode, inject } from '../../src/inject/index.ts'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { type BuiltSnapshot, buildSnapshot, type ClusterObject, memoryOf } from '../../src/revisions/index.ts'
import { requestFor } from '../inject/revision-fixture.ts'
import { makePod } from './engine.ts'
import { countOutcome, type FuzzCounts, type FuzzInput, type FuzzTarget } from './fuzz-target.ts'
import { mutate, mutateText } from './mutate.ts'
import type { Random } from './random.ts'
import { scalars, templatePieces } from './vocabulary.ts'

const LIMITS = {
  maxRevisions: 4,
  maxTags: 4,
  maxConfigurationBytes: 2 ** 18,
  configurationMemoryBytes: 48 * 2 ** 20,
}
const OPTIONS = { istiodEnv: [], istioVersions: [], limits: LIMITS }

export const hostileConfigurations: FuzzTarget = {
  name: 'configurations',
  share: 5,
  about: 'no configuration affects the others, and every problem has a code',
  run(random, input, counts) {
    const good = configMaps('default', textsOf(input, random))
    const first = buildSnapshot(good, OPTIONS, undefined)
    let built: BuiltSnapshot = first
    for (let i = 0; i < 2; i++) {
      const hostile = configMaps(
        random.pick(['canary', 'canary', 'default-x', 'a', '-', 'é']),
        hostileTexts(input, random),
      )
      built = buildSnapshot([...good, ...hostile], OPTIONS, built)
      const problem = checkSnapshot(built, first, counts) ?? checkPods(built, input, random, counts)
      if (problem !== undefined) return problem
    }
    return undefined
  },
}

function checkSnapshot(built: BuiltSnapshot, first: BuiltSnapshot, counts: FuzzCounts): string | undefined {
  const { snapshot } = built
  for (const { code } of snapshot.problems) {
    countOutcome(counts, `problem ${code}`)
    if (describeCode(code) === undefined) return `problem ${code} is no code`
  }
  const [now, before] = [snapshot, first.snapshot].map((one) => one.revisions.get('default')?.config)
  if (now !== before) return 'another revision’s configuration did not stay as it was'
  const configs = [...snapshot.revisions.values()].flatMap(({ config }) => config ?? [])
  const bytes = memoryOf(configs)
  return bytes > LIMITS.configurationMemoryBytes ? `configurations of ${bytes} bytes` : undefined
}

function checkPods(
  { snapshot }: BuiltSnapshot,
  input: FuzzInput,
  random: Random,
  counts: FuzzCounts,
): string | undefined {
  // Building the snapshot costs as much as several pods.
  const names = [...snapshot.revisions.keys()].flatMap((name) => [name, name, name])
  for (const name of names) {
    const pod = makePod(random.pick(input.pods), random)
    const outcome = inject(requestFor(pod, { target: { by: 'revision', name } }), snapshot)
    counts.reviews++
    countOutcome(counts, `${outcome.kind} ${outcome.code}`)
    if (describeCode(outcome.code)?.kind !== outcome.kind)
      return `${outcome.code} is no code of ${outcome.kind}`
  }
  return undefined
}

interface Texts {
  readonly config: string
  readonly values: string
  readonly mesh: string
}

function textsOf(input: FuzzInput, random: Random): Texts {
  const { injectorConfigMap, meshConfigMap } = random.pick(input.configs).inputs
  return {
    config: injectorConfigMap.config ?? '',
    values: injectorConfigMap.values ?? '',
    mesh: meshConfigMap.mesh ?? '',
  }
}

function configMaps(name: string, { config, values, mesh }: Texts): readonly ClusterObject[] {
  const suffix = name === 'default' ? '' : `-${name}`
  const map = (base: string, data: JsonObject): ClusterObject => ({
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: base + suffix,
        namespace: 'istio-system',
        labels: { 'istio.io/rev': name, 'app.kubernetes.io/version': '1.28.3' },
      },
      data,
    },
  })
  return [map('istio-sidecar-injector', { config, values }), map('istio', { mesh })]
}

/** Templates that want more than they may have. */
const GREEDY = [
  '{{range $i, $x := until 100000}}{{$i}}{{end}}',
  '{{range until 1000}}{{range until 1000}}x{{end}}{{end}}',
  '{{repeat 100000000 "x"}}',
  '{{define "r"}}{{template "r" .}}{{end}}{{template "r" .}}',
  '{{printf "%1000000d" 1}}',
  '{{toJson .}}{{toJson .}}',
  '{{regexReplaceAll "(a+)+$" (repeat 10000 "a") "b"}}',
  '{{$x := "x"}}{{range until 40}}{{$x = print $x $x}}{{end}}{{$x}}',
  '{{splitList "" (repeat 100000 "x")}}',
  '{{if and .Spec .Values}}{{.}}{{end}}',
  '{{.}}'.repeat(2_000),
  `${'{{if true}}'.repeat(300)}${'{{end}}'.repeat(300)}`,
  `${'('.repeat(300)}`,
  `{{${'('.repeat(300)}1${')'.repeat(300)}}}`,
  '{{fromJson (repeat 10000 "[")}}',
  '{{fromYaml "a: &a [*a]"}}',
  '&a [*a, *a]',
  `${'- '.repeat(2_000)}x`,
  '{"a":'.repeat(500),
  'metadata: {labels: {"__proto__": {x: y}}}',
  'spec: {containers: [{name: istio-proxy, image: "{{ .Values.global.hub }}", env: [{name: A, value: "{{ .Spec.NodeName }}"}]}]}',
]

function hostileTexts(input: FuzzInput, random: Random): Texts {
  const texts = textsOf(input, random)
  const values = random.chance(0.3) ? hostileValues(texts.values, random) : texts.values
  const mesh = random.chance(0.3)
    ? mutateText(texts.mesh, random, [
        ...scalars.map((one) => JSON.stringify(one)),
        '- ',
        '*a',
        '&a ',
        '{',
        '\t',
      ])
    : texts.mesh
  return { config: hostileConfig(texts.config, random), values, mesh }
}

function hostileConfig(config: string, random: Random): string {
  switch (random.below(4)) {
    case 0:
      return mutateText(config, random, templatePieces)
    case 1: {
      const template = random.pick(GREEDY)
      return JSON.stringify({
        policy: 'enabled',
        templates: { sidecar: template },
        defaultTemplates: ['sidecar'],
      })
    }
    case 2:
      return config.replace(
        /^templates:\n/m,
        `templates:\n  greedy: ${JSON.stringify(random.pick(GREEDY))}\ndefaultTemplates: [sidecar, greedy]\n`,
      )
    default: {
      const value: JsonValue = {
        policy: random.pick(['enabled', 'disabled', 'x', '']),
        alwaysInjectSelector: [mutate({ matchLabels: { a: 'b' }, matchExpressions: [] }, random, 2)],
        neverInjectSelector: [
          mutate({ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }, random, 2),
        ],
        injectedAnnotations: { a: 'b', [random.pick(['', 'x/y/z', '__proto__'])]: 'c' },
        aliases: { a: ['b'], b: ['a'], sidecar: ['sidecar'] },
        templates: {
          sidecar: random.pick(GREEDY),
          [random.pick(['', 'gateway', '__proto__'])]: random.pick(GREEDY),
        },
      }
      return JSON.stringify(value)
    }
  }
}

function hostileValues(values: string, random: Random): string {
  if (random.chance(0.3))
    return random.pick(['null', '[]', '"x"', '{', '{}', `${'['.repeat(2_000)}`, '{"global":null}'])
  return JSON.stringify(mutate(JSON.parse(values), random, 1 + random.below(4)))
}
