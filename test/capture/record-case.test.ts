/** Which parts of the cluster a recorded case contains. */
import t from 'tap'
import { recordedRevision } from '../../src/capture/index.ts'
import { describeCase, readRecordedPath } from '../../src/capture/record-case.ts'
import { Kubelets, type Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { exampleSnapshot, reviewOf } from './capture-fixture.ts'

const OBJECT = { metadata: { name: 'web' }, spec: { nodeName: 'n-2', containers: [{ name: 'web' }] } }

function withEnvironment(snapshot: Snapshot, environment: readonly [string, string][]): Snapshot {
  const revision = snapshot.revisions.get('default')
  if (revision?.config === undefined) throw new Error('the example has the revision default')
  const { inputs } = revision.config
  const config = revision.config.with({ inputs: { ...inputs, environment: new Map(environment) } })
  return { ...snapshot, revisions: new Map([['default', { ...revision, config }]]) }
}

function caseOf(snapshot: Snapshot, review: JsonObject, response: JsonObject | string): JsonObject | string {
  return describeCase({ path: '/inject', review, object: OBJECT, snapshot, revision: 'default' }, response)
}

t.test('only the parts of the cluster that affect the pod are recorded', async (t) => {
  const review: JsonObject = JSON.parse(reviewOf(OBJECT).toString())
  const example = await exampleSnapshot()
  const snapshot: Snapshot = {
    ...withEnvironment(example, [
      ['PLATFORM', 'openshift'],
      ['TOKEN', 'secret'],
    ]),
    nodes: new Kubelets([
      ['n-1', 'v1.33.0'],
      ['n-2', 'v1.33.0'],
      ['n-3', 'v1.33.0'],
      ['n-4', 'v1.32.0'],
    ]),
  }
  const recorded = caseOf(snapshot, { ...review, response: { allowed: true } }, { allowed: true })
  const node = (name: string, kubeletVersion: string) => ({
    metadata: { name },
    status: { nodeInfo: { kubeletVersion } },
  })
  t.match(recorded, { config: 'default', revision: 'default', path: '/inject', body: review })
  t.notMatch(JSON.stringify(recorded), /secret|"response"/)
  t.has(recorded, {
    istiodEnv: { PLATFORM: 'openshift' },
    nodes: [node('n-1', 'v1.33.0'), node('n-2', 'v1.33.0'), node('n-4', 'v1.32.0')],
    expected: { httpStatus: 200, allowed: true },
  })
  const { namespaces } = recorded as { namespaces: readonly { metadata: { name: string } }[] }
  t.same(
    namespaces.map(({ metadata }) => metadata.name),
    ['test-ns'],
  )
})

t.test('an ambiguous answer is not recorded', async (t) => {
  const snapshot = await exampleSnapshot()
  const review: JsonObject = JSON.parse(reviewOf(OBJECT).toString())
  t.equal(caseOf(snapshot, review, 'the server responds with HTTP 503'), 'the server responds with HTTP 503')
  const patch = Buffer.from('[{"op":"remove","path":"/none"}]').toString('base64')
  t.match(caseOf(snapshot, review, { allowed: true, patch }), /cannot be applied/)
  t.match(caseOf(snapshot, review, { allowed: true, auditAnnotations: {} }), /the server is Remora/)
})

t.test('a recorded case keeps its path', async (t) => {
  t.same(readRecordedPath('/inject', 'default'), { path: '/inject' })
  t.same(readRecordedPath('/inject/cluster/west', 'default'), { path: '/inject/cluster/west' })
  t.same(readRecordedPath('/revisions/canary/inject/net/n', 'canary'), { path: '/inject/net/n' })
  t.match(readRecordedPath('/tags/prod/inject', 'default'), /not at \/tags\/prod\/inject/)
  t.match(
    readRecordedPath('/revisions/canary/inject', 'default'),
    /for revision canary, but revision default is recorded/,
  )
})

t.test('the recorded revision is the one that served the review', async (t) => {
  const snapshot = withEnvironment(await exampleSnapshot(), [])
  const fail = (reason: string) => new Error(reason)
  t.equal(recordedRevision(snapshot, undefined, fail).name, 'default', 'the only one')
  const [revision] = snapshot.revisions.values()
  const guessed = new Map(revision && [['default', { ...revision, versionEvidence: 'fingerprint' } as const]])
  t.throws(() => recordedRevision({ ...snapshot, revisions: guessed }, 'default', fail), /--istio-version/)
  const broken = new Map(revision && [['default', { ...revision, config: undefined }]])
  t.throws(
    () => recordedRevision({ ...snapshot, revisions: broken }, 'default', fail),
    /no usable configuration/,
  )
})
