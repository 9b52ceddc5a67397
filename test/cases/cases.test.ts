/**
 * Every folder beside this file is a case: `pod.yaml` is the input, and `expected.yaml` has the decision and the
 * resulting pod, on the cluster of examples/canary-upgrade with its mistakes. Each runs through every entry point
 * and, if it was injected, a second time. `REMORA_UPDATE_CASES=1 npx tap test/cases/cases.test.ts` rewrites
 * expected.yaml; review the change.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startDemoServer } from '../../scripts/demo/server.ts'
import { runCli } from '../../src/cli/index.ts'
import { FolderCluster } from '../../src/cluster/index.ts'
import { type InjectionRequest, inject, type Outcome } from '../../src/inject/index.ts'
import {
  encodeYaml,
  isObject,
  type JsonObject,
  type JsonValue,
  own,
  parseYaml,
} from '../../src/json/index.ts'
import { exampleWithMistakes } from '../example-cluster.ts'

const here = import.meta.dirname
const clusterFolder = exampleWithMistakes()
const update = process.env['REMORA_UPDATE_CASES'] === '1'
const names = readdirSync(here, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)

interface Expected {
  readonly [key: string]: JsonValue
}

const cluster = new FolderCluster({ folder: clusterFolder, snapshot: { istiodEnv: [], istioVersions: [] } })
await cluster.start(new AbortController().signal)
const server = await startDemoServer([clusterFolder])
t.teardown(async () => {
  await cluster.close()
  await server.close()
})

function readObject(path: string): JsonObject {
  const value = parseYaml(readFileSync(path, 'utf8'), { source: path })
  if (!isObject(value)) throw new Error(`${path} is no object`)
  return value
}

function metadataText(pod: JsonObject, key: string): string {
  const metadata = own(pod, 'metadata')
  const value = isObject(metadata) ? own(metadata, key) : undefined
  return typeof value === 'string' ? value : ''
}

function requestFor(pod: JsonObject): InjectionRequest {
  return {
    target: { by: 'labels' },
    namespace: metadataText(pod, 'namespace'),
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subResource: '',
    object: pod,
    proxyEnv: new Map(),
    nowMs: 0,
    seed: 0,
  }
}

function reviewOf(name: string, pod: JsonObject): JsonObject {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: name,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: metadataText(pod, 'namespace'),
      operation: 'CREATE',
      object: pod,
    },
  }
}

/** What a case says of an outcome. */
function summarise(outcome: Outcome): Expected {
  const { decided } = outcome
  return {
    kind: outcome.kind,
    code: outcome.code,
    ...(decided && { revision: decided.revision, webhook: decided.webhook ?? '' }),
    ...('message' in outcome && { message: outcome.message }),
    ...('pod' in outcome && { pod: outcome.pod }),
  }
}

/** `remora inject` on the case's file; the printed pod, or undefined where it printed none. */
async function injectByCli(
  path: string,
): Promise<{ readonly code: number; readonly pod: JsonValue | undefined }> {
  let out = ''
  const io = {
    env: {},
    out: (text: string) => {
      out += text
    },
    err: () => {},
    readStdin: async () => '',
  }
  const code = await runCli(['inject', '-f', path, '--cluster', clusterFolder], io)
  return { code, pod: out === '' ? undefined : parseYaml(out) }
}

t.ok(names.length >= 25, 'the cases are there')

for (const name of names) {
  t.test(name, async (t) => {
    const podFile = join(here, name, 'pod.yaml')
    const expectedFile = join(here, name, 'expected.yaml')
    const pod = readObject(podFile)
    const untouched = structuredClone(pod)
    const outcome = inject(requestFor(pod), cluster.snapshot())
    const found = summarise(outcome)
    t.same(pod, untouched, 'the request is not changed')
    if (update || !existsSync(expectedFile)) writeFileSync(expectedFile, encodeYaml(found))
    const expected = readObject(expectedFile)
    t.strictSame(found, expected, 'in-process')

    const answer = await server.ask(reviewOf(name, pod))
    const result = own(expected, 'pod') ?? pod
    t.equal(answer.allowed, expected['kind'] !== 'refused', 'over TLS: allowed')
    t.equal(own(answer.decision, 'code'), expected['code'], 'over TLS: code')
    t.strictSame(answer.pod, result, 'over TLS: pod')

    const cli = await injectByCli(podFile)
    t.equal(cli.code, expected['kind'] === 'refused' ? 1 : 0, 'command line: exit status')
    t.strictSame(cli.pod, expected['kind'] === 'refused' ? undefined : result, 'command line: pod')

    if (outcome.kind !== 'patched') return
    const again = inject(requestFor(outcome.pod), cluster.snapshot())
    t.match(again, { kind: 'patched', code: 'reinjected', patch: [] }, 'a second injection changes nothing')
    t.match((await server.ask(reviewOf(`${name}-again`, outcome.pod))).patch, [], 'over TLS neither')
  })
}
