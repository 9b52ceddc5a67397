/**
 * Names and texts of pods, objects and files may contain anything: no command prints their escape sequences, control
 * characters, invisible characters or line breaks to a terminal.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { EVERYTHING, Recorder } from '../../src/capture/index.ts'
import { runCli } from '../../src/cli/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { visibleJson, visibleText } from '../../src/visible-text.ts'
import { answer, CLUSTER_FOLDER, exampleSnapshot, reviewOf } from '../capture/capture-fixture.ts'

/** Writes to the clipboard, clears the screen, moves the cursor (also by C1), reverses text, is invisible, or adds a line. */
const HOSTILE =
  '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u001b[1;1H\u009b31m\u202e\u2066\u200b\ufeff\u007f\r\nFORGED: all is well\u2028x'
const COLOURS = [0, 1, 2, 31, 32]
const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u

async function printed(args: readonly string[], stdin = '') {
  let text = ''
  const add = (more: string) => {
    text += more
  }
  const code = await runCli(args, {
    env: {},
    terminal: true,
    out: add,
    err: add,
    readStdin: async () => stdin,
  })
  return { code, text }
}

/** Colours of ours are known to the letter; line breaks are ours as far as no line begins with what is forged. */
function unsafeLines(text: string): readonly string[] {
  const bare = COLOURS.reduce((rest, code) => rest.replaceAll(`\u001b[${code}m`, ''), text)
  return bare.split('\n').filter((line) => RAW.test(line) || line.startsWith('FORGED'))
}

function hostilePod(name = `p${HOSTILE}`): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'test-ns',
      labels: { [`app${HOSTILE}`]: HOSTILE },
      annotations: { [`note${HOSTILE}`]: HOSTILE, 'sidecar.istio.io/proxyImage': `img${HOSTILE}` },
    },
    spec: {
      containers: [
        { name: `c${HOSTILE}`, image: `i${HOSTILE}`, env: [{ name: `E${HOSTILE}`, value: HOSTILE }] },
        { name: 'istio-proxy', image: `own${HOSTILE}` },
      ],
    },
  }
}

function hostileObjects(): readonly JsonObject[] {
  const template = `{{ range }}${HOSTILE}`
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `ns${HOSTILE}`, labels: { 'istio.io/rev': `canary${HOSTILE}`, [HOSTILE]: HOSTILE } },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `istio-sidecar-injector-r${HOSTILE}`,
        namespace: 'istio-system',
        labels: { 'istio.io/rev': `r${HOSTILE}` },
      },
      data: {
        config: visibleJson(
          JSON.stringify({ policy: `on${HOSTILE}`, templates: { [`sidecar${HOSTILE}`]: template } }),
        ),
        values: JSON.stringify({ revision: HOSTILE, global: { hub: HOSTILE } }),
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: `istio${HOSTILE}`, labels: { app: 'sidecar-injector', 'istio.io/rev': HOSTILE } },
      webhooks: [
        {
          name: `w${HOSTILE}.sidecar-injector.istio.io`,
          clientConfig: { service: { name: HOSTILE, namespace: HOSTILE, path: `/inject/${HOSTILE}` } },
          namespaceSelector: { matchLabels: { [HOSTILE]: HOSTILE } },
        },
      ],
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `d${HOSTILE}`, namespace: 'test-ns' },
      spec: { template: { metadata: hostilePod()['metadata'] ?? {}, spec: hostilePod()['spec'] ?? {} } },
    },
    { ...hostilePod(), status: { phase: 'Running' } },
  ]
}

function hostileFolder(folder: string): string {
  for (const object of hostileObjects())
    writeFileSync(join(folder, `${String(object['kind'])}.json`), visibleJson(JSON.stringify(object)))
  // What no file system refuses: everything but a slash and a zero.
  const name = HOSTILE.replaceAll('/', '')
  writeFileSync(join(folder, `broken${name}.yaml`), `a: [${HOSTILE}\n`)
  writeFileSync(join(folder, `broken${name}.json`), `{"a": "${HOSTILE}`)
  writeFileSync(join(folder, `tabs${name}.yaml`), `kind: "${'x'.repeat(10)}\u0007`)
  return folder
}

t.test('every command that reads a cluster escapes hostile names and texts', async (t) => {
  const cluster = hostileFolder(t.testdir({}))
  const file = join(cluster, 'Pod.json')
  const from = ['--cluster', cluster]
  const example = ['--cluster', CLUSTER_FOLDER]
  const rows: readonly (readonly string[])[] = [
    ['version', ...from],
    ['check', ...from],
    ['check', '--revision', `r${HOSTILE}`, ...from],
    ['explain', 'namespace', `ns${HOSTILE}`, ...from],
    ['explain', 'pod', `test-ns/p${HOSTILE}`, ...from],
    ['explain', 'deployment', `test-ns/d${HOSTILE}`, ...from],
    ['explain', '-f', file, '--fields', ...example],
    ['explain', '-f', file, ...from],
    ['preview', '--to', 'canary', '-f', file, ...example],
    ['preview', '--to', `r${HOSTILE}`, ...from],
    ['preview', '--to', `r${HOSTILE}`, '-f', file, ...from],
    ['inject', '-f', file, '--revision', `r${HOSTILE}`, ...from],
    ['inject', '-f', join(cluster, `broken${HOSTILE.replaceAll('/', '')}.yaml`), ...example],
    ['explain', '-f', join(cluster, `broken${HOSTILE.replaceAll('/', '')}.json`), ...example],
    ['replay', join(cluster, `absent${HOSTILE}`)],
    ['diff', file, join(cluster, `absent${HOSTILE}`)],
  ]
  for (const args of rows) {
    const { text } = await printed(args)
    t.ok(text.length > 20, visibleText(`${args.slice(0, 2).join(' ')} says something`))
    t.same(unsafeLines(text), [], visibleText(`remora ${args.join(' ')}`))
  }
})

t.test('responses to hostile pods are escaped where they are printed', async (t) => {
  const folder = t.testdir({})
  const pods = {
    annotation: { 'proxy.istio.io/config': `concurrency: ${HOSTILE}` },
    list: { 'traffic.sidecar.istio.io/includeOutboundIPRanges': HOSTILE },
    template: { 'inject.istio.io/templates': HOSTILE },
    probe: { 'status.sidecar.istio.io/port': HOSTILE },
    overrides: { 'proxy.istio.io/overrides': `{"${HOSTILE}` },
  }
  for (const [name, annotations] of Object.entries(pods)) {
    const pod = { ...hostilePod('p'), metadata: { name: 'p', namespace: 'test-ns', annotations } }
    const path = join(folder, `${name}.json`)
    writeFileSync(path, visibleJson(JSON.stringify(pod)))
    for (const command of [['inject'], ['explain'], ['preview', '--to', 'canary']]) {
      const { text } = await printed([...command, '-f', path, '--cluster', CLUSTER_FOLDER])
      if (command[0] !== 'inject') t.ok(text.length > 20)
      // Of an injected manifest standard output is data; YAML has escapes for these characters itself.
      t.same(unsafeLines(text), [], `${command[0]}: ${name}`)
    }
  }
})

t.test('replay and diff escape hostile captures', async (t) => {
  const folder = t.testdir({})
  const how = { raw: true, configurations: 'kept', filter: EVERYTHING, inject: {}, version: '0.1.0' } as const
  const recorder = new Recorder({
    folder: join(folder, 'captures'),
    maxReviews: 10,
    maxBytes: 2 ** 24,
    ...how,
    onProblem: (message) => t.fail(message),
  })
  await recorder.start()
  const snapshot = await exampleSnapshot()
  recorder.offer(answer(reviewOf(hostilePod()), snapshot))
  await recorder.close()
  const other = { ...hostilePod(), spec: { containers: [{ name: `new${HOSTILE}`, image: HOSTILE }] } }
  for (const [name, pod] of [
    ['a', hostilePod()],
    ['b', other],
  ] as const)
    writeFileSync(join(folder, `${name}.json`), visibleJson(JSON.stringify(pod)))
  const cluster = join(folder, 'cluster')
  mkdirSync(cluster)
  for (const args of [
    ['replay', join(folder, 'captures'), '--cluster', hostileFolder(cluster)],
    ['diff', join(folder, 'a.json'), join(folder, 'b.json')],
  ]) {
    const { text } = await printed(args)
    t.ok(text.length > 20)
    t.same(unsafeLines(text), [], args.join(' '))
  }
  const changed = await printed(['diff', join(folder, 'a.json'), join(folder, 'b.json')])
  t.match(changed.text, 'FORGED', 'the difference is shown, made harmless')
  t.match(changed.text, '\\x1b]52')
})

t.test('the preview page escapes hostile texts', async (t) => {
  const folder = t.testdir({ 'a.json': visibleJson(JSON.stringify(hostilePod())) })
  const page = join(folder, 'page.html')
  await printed([
    'preview',
    '--to',
    'canary',
    '-f',
    join(folder, 'a.json'),
    '--html',
    page,
    '--cluster',
    CLUSTER_FOLDER,
  ])
  const html = readFileSync(page, 'utf8')
  t.match(html, 'FORGED')
  t.same(
    html.split('\n').filter((line) => RAW.test(line) || line.startsWith('FORGED')),
    [],
  )
})

t.test('status escapes anything that an admin socket sends', async (t) => {
  // The path of a socket is short: systems take 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'remora-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'admin'))
  const status = {
    recording: true,
    raw: true,
    folder: HOSTILE,
    reviews: 1,
    maxReviews: 1,
    bytes: 1,
    maxBytes: 1,
    recorded: 1,
    dropped: 0,
    filter: { ...EVERYTHING, namespaces: [HOSTILE] },
    narrowed: EVERYTHING,
  }
  const state = {
    ready: false,
    reason: HOSTILE,
    version: HOSTILE,
    [HOSTILE]: [{ [HOSTILE]: HOSTILE }],
    more: { [HOSTILE]: HOSTILE },
  }
  const replies = [status, { ...status, ...state }, { error: HOSTILE }, HOSTILE]
  for (const reply of replies) {
    const server = createServer((socket) => {
      socket.once('data', () => socket.end(`${JSON.stringify(reply)}\n`))
    })
    await new Promise<void>((done) => server.listen(join(folder, 'admin/socket'), done))
    const { text } = await printed(['admin', 'capture', 'status', '--capture', folder])
    const { text: shown } = await printed(['status', '--admin-socket', join(folder, 'admin/socket')])
    await new Promise((done) => server.close(done))
    for (const one of [text, shown]) {
      t.ok(one.length > 20)
      t.same(unsafeLines(one), [])
    }
  }
})

t.test('errors about the command line escape its arguments', async (t) => {
  for (const args of [
    [HOSTILE],
    ['help', HOSTILE],
    ['version', `--${HOSTILE}`],
    ['completion', HOSTILE],
    ['inject', '-f', HOSTILE, '--cluster', HOSTILE],
    ['serve', '--cluster', 'x', '--port', HOSTILE],
    ['serve', '--cluster', HOSTILE, '--tls', HOSTILE],
    ['explain', HOSTILE, HOSTILE],
  ]) {
    const { text } = await printed(args)
    t.ok(text.length > 10)
    t.same(unsafeLines(text), [], visibleText(args.join(' ')))
  }
})
