/** A recorded review contains no text that the table of kept fields does not list. */
import fc from 'fast-check'
import t from 'tap'
import { ClusterDescriber, Redactor, recordReview } from '../../src/capture/index.ts'
import { KEPT_ANNOTATIONS } from '../../src/capture/redaction-table.ts'
import { sidecarAnnotations } from '../../src/istio/index.ts'
import { answer, exampleSnapshot, reviewOf } from './capture-fixture.ts'
import { MarkerPods } from './marker-pods.ts'

const MARKER = 'mArKeD'

t.test('no secret marker is in any byte of a recorded review', async (t) => {
  const snapshot = await exampleSnapshot()
  const redactor = new Redactor()
  const describer = new ClusterDescriber({ redactor, raw: false, configurations: 'kept', inject: {} })
  const cluster = describer.describe(snapshot)
  const codes = new Set<string>()
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (seed, valid) => {
      const made = new MarkerPods({ seed, valid, marker: MARKER })
      const body = reviewOf(made.pod(), 'test-ns', { uid: made.marker(), ...made.request() })
      const path = `/inject/cluster/east/${made.marker()}/${made.marker()}?${made.marker()}`
      const answered = answer(body, snapshot, path)
      codes.add(answered.outcome.code)
      const line = recordReview(answered, { id: 'r', cluster, redactor, raw: false, options: {} })
      return line !== undefined && !new RegExp(MARKER, 'i').test(JSON.stringify(line))
    }),
    { numRuns: 40, seed: 4 },
  )
  t.ok(codes.size >= 2, [...codes].join())
})

t.test('equal texts have equal digests within one capture and different ones in the next', async (t) => {
  const [a, b] = [new Redactor(), new Redactor()]
  t.equal(a.redact('x'), a.redact('x'))
  t.not(a.redact('x'), a.redact('y'))
  t.not(a.redact('x'), b.redact('x'))
  t.equal(a.redact(''), '')
  t.match(a.redact('x'), /^redacted-[0-9a-f]{16}$/)
})

t.test('every annotation that affects a sidecar is in the table', async (t) => {
  t.same(
    sidecarAnnotations.filter((name) => !KEPT_ANNOTATIONS.has(name)),
    [],
  )
})
