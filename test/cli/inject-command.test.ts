import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { isObject, type JsonValue, own, parseYaml, readYamlDocuments } from '../../src/json/index.ts'
import { runWithInput } from './run-command.ts'

const cluster = resolve(import.meta.dirname, '../../examples/canary-upgrade/cluster')

const remora = (args: readonly string[], stdin = '') => runWithInput(args, stdin)

/** The value at a path of keys and indexes. */
function at(value: JsonValue | undefined, ...path: readonly (string | number)[]): JsonValue | undefined {
  let found = value
  for (const key of path) {
    if (typeof key === 'number')
      found = Array.isArray(found) ? (found as readonly JsonValue[])[key] : undefined
    else found = isObject(found) ? own(found, key) : undefined
  }
  return found
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: test-ns}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web:1}]
`
const CONFIG_MAP = `# as it was written
apiVersion: v1
kind: ConfigMap
metadata: {name: m}   # kept
`

t.test('inject injects workloads and prints everything else unchanged', async (t) => {
  const { code, out, err } = await remora(
    ['inject', '-f', '-', '--cluster', cluster],
    `${CONFIG_MAP}---\n${DEPLOYMENT}`,
  )
  t.equal(code, 0)
  t.equal(err, '')
  t.ok(out.startsWith(`${CONFIG_MAP}---\n`))
  const deployment = readYamlDocuments(out)[1]?.value
  const names = JSON.stringify(at(deployment, 'spec', 'template', 'spec'))
  t.match(names, /"name":"istio-proxy"/)
  t.match(names, /istiod\.istio-system\.svc:15012/)
  t.equal(at(deployment, 'metadata', 'name'), 'web')
  t.equal(at(deployment, 'spec', 'template', 'metadata', 'ownerReferences'), undefined)
  t.equal(at(deployment, 'spec', 'template', 'metadata', 'generateName'), undefined)
  t.match(JSON.stringify(deployment), /"ISTIO_META_WORKLOAD_NAME","value":"web"/)
})

t.test('inject accepts a revision, a tag and a file', async (t) => {
  const file = join(t.testdir(), 'web.yaml')
  writeFileSync(file, DEPLOYMENT)
  const canary = await remora(['inject', '-f', file, '--cluster', cluster, '--revision', 'canary'])
  t.match(canary.out, /istiod-canary\.istio-system\.svc:15012/)
  const tagged = await remora(['inject', '-f', file, '--cluster', cluster, '--revision=prod-stable'])
  t.match(tagged.out, /istiod-1-29-2\.istio-system\.svc:15012/)
})

t.test('inject warns if the requested revision is not the one that the labels select', async (t) => {
  const { code, err } = await remora(
    ['inject', '-f', '-', '--cluster', cluster, '--revision', 'canary'],
    DEPLOYMENT,
  )
  t.equal(code, 0)
  t.match(
    err,
    /revision "canary" was requested and is used; by the labels the pod would get revision "default"\n/,
  )
  t.notMatch(err, /the path/)
})

t.test('inject fails without output if the input contains no manifest', async (t) => {
  for (const nothing of ['', '\n', '---\n# only a comment\n']) {
    const got = await remora(['inject', '-f', '-', '--cluster', cluster], nothing)
    t.same(got, { code: 2, out: '', err: 'remora: standard input contains no manifest: nothing to inject\n' })
  }
})

t.test(
  'inject prints an AdmissionReview unchanged, with a warning that names the commands that read reviews',
  async (t) => {
    const review = 'apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: {}\n'
    const { code, out, err } = await remora(['inject', '-f', '-', '--cluster', cluster], `---\n${review}`)
    t.equal(code, 0)
    t.ok(out.endsWith(`${review}---\n`))
    t.match(
      err,
      /^warning: standard input, line 2: an AdmissionReview is printed unchanged.*`remora explain -f`/,
    )
  },
)

t.test('injecting the output again changes nothing', async (t) => {
  const first = await remora(['inject', '-f', '-', '--cluster', cluster], DEPLOYMENT)
  const second = await remora(['inject', '-f', '-', '--cluster', cluster], first.out)
  t.same(parseYaml(second.out.replace(/---\n$/, '')), parseYaml(first.out.replace(/---\n$/, '')))
})

t.test('inject reports skipped workloads on standard error', async (t) => {
  const elsewhere = DEPLOYMENT.replace('namespace: test-ns', 'namespace: nowhere')
  const { code, out, err } = await remora(['inject', '-f', '-', '--cluster', cluster], elsewhere)
  t.equal(code, 0)
  t.equal(out, `${elsewhere}---\n`)
  t.match(err, /^Deployment nowhere\/web: not injected: no-labels: Neither the namespace/)
})

t.test('after a refusal or a fault nothing is printed, and the exit code is 1', async (t) => {
  const bad = DEPLOYMENT.replace('labels:', 'annotations: {status.sidecar.istio.io/port: x}, labels:')
  const refused = await remora(['inject', '-f', '-', '--cluster', cluster], `${DEPLOYMENT}---\n${bad}`)
  t.match(refused, { code: 1, out: '', err: /^Deployment test-ns\/web: annotation-invalid: / })
  const unknown = await remora(['inject', '-f', '-', '--cluster', cluster, '--revision', 'gone'], DEPLOYMENT)
  t.match(unknown, { code: 1, out: '', err: /revision-unknown/ })
  const poor = await remora(
    ['inject', '-f', '-', '--cluster', cluster, '--template-max-output', '10'],
    DEPLOYMENT,
  )
  t.match(poor, { code: 1, out: '', err: /template-budget/ })
})

t.test('inject reports the line of invalid YAML, and a missing file in one line', async (t) => {
  const broken = await remora(['inject', '-f', '-', '--cluster', cluster], `${CONFIG_MAP}---\na: [1\nb: 2\n`)
  t.match(broken, { code: 2, out: '', err: /^remora: standard input: .*line [678][^\n]*\n$/ })
  const missing = await remora(['inject', '-f', '/nowhere/at/all', '--cluster', cluster])
  t.match(missing, { code: 2, err: /^remora: --filename [^\n]*: there is no such file\n/ })
})

t.test('version shows the revisions of the cluster', async (t) => {
  const { code, out } = await remora(['version', '--cluster', cluster])
  t.equal(code, 0)
  t.match(out, /REVISION +NAMESPACE +ISTIO +VERSION FROM +CONFIGURATION +TAGS +STATE/)
  t.match(out, /^1-29-2 +istio-system +1\.29\.2 .* prod-stable +ok$/m)
  const folder = t.testdir({ empty: {}, broken: {} })
  t.match(await remora(['version', '--cluster', join(folder, 'empty')]), {
    code: 1,
    out: /no revisions/,
    err: /^warning: the folder .* contains no Kubernetes objects: expected [^\n]*\n$/,
  })
  const idle = await remora(['inject', '-f', '-', '--cluster', join(folder, 'empty')], DEPLOYMENT)
  t.match(
    idle.err,
    /^warning: the folder .* contains no Kubernetes objects.*\nDeployment test-ns\/web: not injected/,
  )
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
    data: { config: 'templates: {sidecar: "{{ nonsense }}"}', values: '{"global":{"tag":"1.30.0"}}' },
  }
  writeFileSync(join(folder, 'broken/map.json'), JSON.stringify(map))
  const broken = await remora(['version', '--cluster', join(folder, 'broken')])
  t.match(broken.out, /^default .* unusable: template-parse-error$/m)
  t.match(broken.err, /^warning: .*nonsense/)
})
