/** `remora diff`: comparisons, their output and the exit codes. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { answer, exampleReviews, exampleSnapshot, recordInto, reviewOf } from '../capture/capture-fixture.ts'
import { runCommand } from './run-command.ts'

const diff = (...args: string[]) => runCommand('diff', ...args)

const pod = (image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'test-ns' },
  spec: { containers: [{ name: 'app', image }] },
})

t.test('diff compares two pods', async (t) => {
  const folder = t.testdir({
    'a.json': JSON.stringify(pod('web:1')),
    'b.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: test-ns}\nspec: {containers: [{name: app, image: "web:2"}]}\n',
  })
  const [a, b] = [join(folder, 'a.json'), join(folder, 'b.yaml')]
  t.same(await diff(a, a), { code: 0, out: '1 compared, 0 differ\n', err: '' })
  const { code, out } = await diff(a, b)
  t.equal(code, 1)
  t.equal(
    out,
    `test-ns/web
  spec:
    containers:
      - app
-       image: web:1
+       image: web:2

1 compared, 1 differs
`,
  )
})

t.test('diff compares two answers, and an answer with a pod', async (t) => {
  const snapshot = await exampleSnapshot()
  const body = reviewOf(pod('web:1'))
  const { outcome } = answer(body, snapshot)
  if (outcome.kind !== 'patched') throw new Error('not injected')
  const respond = (patch: unknown) =>
    JSON.stringify({
      ...JSON.parse(body.toString()),
      response: { allowed: true, patch: Buffer.from(JSON.stringify(patch)).toString('base64') },
    })
  const folder = t.testdir({
    'injected.json': respond(outcome.patch),
    'plain.json': respond([]),
    'broken.json': respond([{ op: 'remove', path: '/none' }]),
    'pod.json': JSON.stringify(outcome.pod),
    'empty.json': '{"kind":"AdmissionReview","request":{"uid":"u"}}',
  })
  const at = (name: string) => join(folder, name)
  t.match(await diff(at('plain.json'), at('injected.json')), {
    code: 1,
    out: /\+ {5}- istio-proxy|\+ .*istio-proxy/,
  })
  t.match(await diff(at('injected.json'), at('pod.json')), { code: 0 })
  t.match(await diff(at('plain.json'), at('broken.json')), { code: 2, err: /cannot be applied/ })
  t.match(await diff(at('plain.json'), at('empty.json')), { code: 2, err: /no request.object/ })
})

t.test('diff compares two captures whose digests are not comparable', async (t) => {
  const folder = t.testdir()
  const reviews = exampleReviews()
  for (const [name, bodies] of [
    ['a', reviews],
    ['b', reviews],
    ['c', reviews.slice(1)],
  ] as const) {
    await recordInto(join(folder, name), bodies, (message) => t.fail(message))
    t.equal(readdirSync(join(folder, name)).length, 1)
  }
  const at = (name: string) => join(folder, name)
  t.match(await diff(at('a'), at('b')), { code: 0, out: `${reviews.length} compared, 0 differ\n` })
  t.match(await diff(at('a'), at('c')), { code: 1, out: /test-ns\/web.*: only in the first/ })
  t.match(await diff(at('c'), at('a')), { code: 1, out: /only in the second/ })
})

t.test('the exit code is 2 if the inputs cannot be compared', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'kind: Service\n', 'b.json': '{"kind":"Service"}', 'c.jsonl': '' })
  t.match(await diff('one'), { code: 2, err: /diff A B/ })
  t.match(await diff(join(folder, 'a.yaml'), join(folder, 'a.yaml')), { code: 2, err: /one Pod/ })
  t.match(await diff(join(folder, 'b.json'), join(folder, 'b.json')), { code: 2 })
  t.match(await diff(join(folder, 'c.jsonl'), join(folder, 'c.jsonl')), { code: 2, err: /contains no pod/ })
  t.match(await diff(join(folder, 'none'), 'x'), {
    code: 2,
    err: /none: there is no such file or folder\n/,
  })
  t.match(await diff('--help'), { code: 0, out: /diff A B/ })
})
