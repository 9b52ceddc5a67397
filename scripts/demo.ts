/**
 * `npm run demo`: a first look for newcomers. Starts the TLS server on the example cluster, sends every sample pod
 * over HTTPS, shows the result for one of them, and takes a namespace through a canary upgrade and back. Exits with 0
 * only if every answer matches examples/canary-upgrade/expected.json.
 */
import { readFileSync } from 'node:fs'
import { diffPods } from '../src/cli/pod-diff.ts'
import { isObject, type JsonObject, own } from '../src/json/index.ts'
import { discoveryAddress } from './demo/discovery-address.ts'
import { type Answer, type DemoServer, objectAt, startDemoServer } from './demo/server.ts'
import { bold, type Column, dim, formatTable, green, red } from './demo/table.ts'

const example = new URL('../examples/canary-upgrade/', import.meta.url)
const stable = 'istiod.istio-system.svc:15012'
const canary = 'istiod-canary.istio-system.svc:15012'
/** The first requests include V8's compilation; the table shows the median of the later ones. */
const warmUpRounds = 20
const measuredRounds = 15

interface Expected {
  readonly review: string
  readonly code: string
  readonly webhook?: string
  readonly revision?: string
  readonly tag?: string
  readonly discoveryAddress?: string
  readonly patchOperations: number
}

interface Asked {
  readonly expected: Expected
  readonly review: JsonObject
  readonly answer: Answer
  /** The server's own time, the median of several requests. */
  readonly micros: number
  readonly wrong: readonly string[]
}

let failures = 0
const say = (text = ''): void => void process.stdout.write(`${text}\n`)

async function main(): Promise<void> {
  const labels = readNamespaceLabels()
  const server = await startDemoServer(['cluster', 'mistakes'].map((name) => new URL(name, example).pathname))
  try {
    say(bold(`Remora at ${server.url}/inject, verified with its own CA`))
    say(
      dim(
        'cluster: examples/canary-upgrade, three Istio revisions and a tag; reviews as the API server sends them',
      ),
    )
    say()
    const asked = await askAll(server)
    say(
      formatTable(
        columns,
        asked.map((one) => formatRow(one, labels)),
      ),
    )
    for (const { expected, wrong } of asked) for (const why of wrong) say(red(`  ${expected.review}: ${why}`))
    failures += asked.filter(({ wrong }) => wrong.length > 0).length
    showDiff(asked)
    await upgrade(server, asked)
    say()
    say(
      failures === 0
        ? green(`All ${asked.length} pods and the upgrade are as expected.`)
        : red(`${failures} not as expected.`),
    )
  } finally {
    await server.close()
  }
}

async function askAll(server: DemoServer): Promise<readonly Asked[]> {
  const rows: readonly Expected[] = JSON.parse(readFileSync(new URL('expected.json', example), 'utf8'))
  const reviews = rows.map(({ review }) => readReview(review))
  for (let round = 0; round < warmUpRounds; round++) for (const review of reviews) await server.ask(review)
  const asked: Asked[] = []
  for (const [index, expected] of rows.entries()) {
    const review = reviews[index] ?? {}
    const answer = await server.ask(review)
    const micros = await measure(server, review)
    asked.push({ expected, review, answer, micros, wrong: compare(expected, answer) })
  }
  return asked
}

async function measure(server: DemoServer, review: JsonObject): Promise<number> {
  const taken: number[] = []
  for (let round = 0; round < measuredRounds; round++) {
    taken.push(Number(own((await server.ask(review)).decision, 'us')))
  }
  return taken.sort((a, b) => a - b)[measuredRounds >> 1] ?? 0
}

function compare(expected: Expected, answer: Answer): readonly string[] {
  const found: { readonly [key: string]: unknown } = {
    code: own(answer.decision, 'code'),
    webhook: own(answer.decision, 'webhook'),
    revision: own(answer.decision, 'revision'),
    tag: own(answer.decision, 'tag'),
    discoveryAddress: discoveryAddress(answer.pod),
    patchOperations: answer.patch.length,
  }
  const { review: _, ...wanted } = expected
  return Object.entries(found).flatMap(([key, value]) => {
    const want = Object.entries(wanted).find(([name]) => name === key)?.[1]
    return value === want ? [] : [`${key}: expected ${want ?? 'none'}, found ${value ?? 'none'}`]
  })
}

const columns: readonly Column[] = [
  { title: 'namespace/pod' },
  { title: 'namespace labels' },
  { title: 'webhook' },
  { title: 'reason', overflows: true },
  { title: 'revision' },
  { title: 'discovery, :15012' },
  { title: 'ops', align: 'right' },
  { title: 'µs', align: 'right' },
]

function formatRow(
  { review, answer, micros, wrong }: Asked,
  labels: ReadonlyMap<string, string>,
): readonly string[] {
  const text = (key: string): string => String(own(answer.decision, key) ?? '')
  const address = discoveryAddress(answer.pod) ?? ''
  const ops = answer.patch.length
  return [
    `${wrong.length > 0 ? '! ' : ''}${text('namespace')}/${podName(review)}`,
    labels.get(text('namespace')) ?? '',
    text('webhook'),
    text('code'),
    text('revision'),
    address.replace(/:15012$/, ''),
    ops === 0 ? '' : String(ops),
    String(micros),
  ]
}

function showDiff(asked: readonly Asked[]): void {
  const shown = asked[0]
  if (shown === undefined) return
  say()
  say(bold(`What injection does to ${podName(shown.review)} in test-ns`))
  for (const { sign, text } of diffPods(podOf(shown.review), shown.answer.pod)) {
    say(sign === '+' ? green(text) : sign === '-' ? red(text) : text)
  }
}

async function upgrade(server: DemoServer, asked: readonly Asked[]): Promise<void> {
  const running = asked.filter(
    ({ review, answer }) => namespaceOf(review) === 'test-ns' && discoveryAddress(answer.pod) !== undefined,
  )
  const names = running.map(({ review }) => podName(review)).join(', ')
  const report = (what: string, pods: readonly JsonObject[], wanted: string): void => {
    const addresses = [...new Set(pods.map((pod) => discoveryAddress(pod) ?? 'no proxy'))].join(', ')
    const right = addresses === wanted
    if (!right) failures++
    say(`  ${what.padEnd(20)} ${names}  ->  ${right ? addresses : red(`${addresses}, expected ${wanted}`)}`)
  }
  const recreate = async (): Promise<readonly JsonObject[]> => {
    const pods: JsonObject[] = []
    for (const { review } of running) pods.push((await server.ask(review)).pod)
    return pods
  }
  const move = async (command: string, before: string, after: string): Promise<void> => {
    const took = await server.edit('namespaces.yaml', labelled(before), labelled(after))
    say(`${bold(`$ ${command}`)}  ${dim(`seen after ${Math.round(took)} ms`)}`)
  }
  const pods = running.map(({ answer }) => answer.pod)
  say()
  say(bold('The upgrade of test-ns, on a scratch copy of the cluster'))
  report('running', pods, stable)
  await move(
    'kubectl label namespace test-ns istio-injection- istio.io/rev=canary',
    'istio-injection: enabled',
    'istio.io/rev: canary',
  )
  report('existing, unchanged', pods, stable)
  report('recreated', await recreate(), canary)
  await move(
    'kubectl label namespace test-ns istio.io/rev- istio-injection=enabled',
    'istio.io/rev: canary',
    'istio-injection: enabled',
  )
  report('recreated', await recreate(), stable)
}

/** The lines of test-ns in namespaces.yaml, up to the label. */
function labelled(label: string): string {
  return `  name: test-ns\n  labels:\n    kubernetes.io/metadata.name: test-ns\n    ${label}\n`
}

function readReview(name: string): JsonObject {
  const review: unknown = JSON.parse(readFileSync(new URL(`reviews/${name}`, example), 'utf8'))
  if (!isObject(review)) throw new Error(`${name} is no review`)
  return review
}

/** The labels of each namespace that ask for injection, from the manifests. */
function readNamespaceLabels(): ReadonlyMap<string, string> {
  const files = ['cluster/namespaces.yaml', 'mistakes/mistaken-namespaces.yaml']
  const text = files.map((file) => readFileSync(new URL(file, example), 'utf8')).join('---\n')
  const labels = new Map<string, string>()
  for (const document of text.split('---\n')) {
    const name = /^ {2}name: (\S+)$/m.exec(document)?.[1]
    const asking = [...document.matchAll(/^ {4}(istio[^:\s]+): (\S+)$/gm)].map(
      ([, key, value]) => `${key}=${value}`,
    )
    if (name !== undefined) labels.set(name, asking.join('\n'))
  }
  return labels
}

function podOf(review: JsonObject): JsonObject {
  return objectAt(objectAt(review, 'request'), 'object')
}

function namespaceOf(review: JsonObject): string {
  return String(own(objectAt(review, 'request'), 'namespace') ?? '')
}

/** Pods of controllers have no name yet: the prefix of the name, without its hashes. */
function podName(review: JsonObject): string {
  const metadata = objectAt(podOf(review), 'metadata')
  const name = own(metadata, 'name') ?? own(metadata, 'generateName') ?? ''
  return String(name).replace(/(-[0-9a-f]{8,10}|-\d{8,10})?-$/, '')
}

try {
  await main()
} catch (error) {
  failures++
  say(red(`The demo stopped: ${error instanceof Error ? error.message : String(error)}`))
}
process.exitCode = failures === 0 ? 0 : 1
