/** `remora explain --cluster live` from kubeconfig to output, with a fake API server. */
import t from 'tap'
import { startLiveExample } from './live-example.ts'
import { runCommand } from './run-command.ts'

const PODS = '/api/v1/namespaces/test-ns/pods'

t.test('explain reads a namespace and its pods on demand', async (t) => {
  const api = await startLiveExample(t, [PODS])
  const spec = { containers: [{ name: 'web', image: 'web:1' }] }
  api.put(PODS, { metadata: { name: 'bare', namespace: 'test-ns' }, spec })
  const { code, out, err } = await runCommand('explain', 'namespace', 'test-ns', '--cluster', 'live')
  t.equal(code, 1)
  t.match(out, /\nbare +no sidecar +default +create again: sidecar none -> default\n/)
  t.equal(api.asked(PODS, true).length, 0, 'pods are not watched')
  t.equal(err, '')
})
