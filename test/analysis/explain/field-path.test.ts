/** Paths of fields are shortened step by step in linear time. */
import t from 'tap'
import { withoutLastStep } from '../../../src/analysis/explain/provenance.ts'

t.test('paths name keys, items and fields of JSON texts', async (t) => {
  const steps: string[] = []
  for (
    let path = 'spec.containers[istio-proxy].env[A.B].value{x.y}';
    path !== '';
    path = withoutLastStep(path)
  )
    steps.push(path)
  t.same(steps.slice(1), [
    'spec.containers[istio-proxy].env[A.B].value',
    'spec.containers[istio-proxy].env[A.B]',
    'spec.containers[istio-proxy].env',
    'spec.containers[istio-proxy]',
    'spec.containers',
    'spec',
  ])
})

t.test('a path of one megabyte is handled in linear time', async (t) => {
  for (const unit of ['{', '[', '.', 'a', '{a', '[]'])
    for (const end of ['', 'x', '}', ']']) {
      const path = unit.repeat(1_000_000 / unit.length) + end
      t.ok(withoutLastStep(path).length < path.length)
    }
})
