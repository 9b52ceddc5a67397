/**
 * The connections of a real API server, which opens more than it uses and sends the first request on a spare one
 * much later: `node test/e2e/connections.e2e.ts`. The server's time limits are shortened, so that a spare connection
 * waits several times as long as each of them.
 */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { waitFor } from './harness/process.ts'
import { both, emptySecret, SERVICE } from './harness/tls/objects.ts'
import { questions } from './harness/tls/questions.ts'
import { type Replica, ready } from './harness/tls/replica.ts'
import { prepareStage } from './harness/tls/stage.ts'

const BURST = 150
const BURSTS = 4
const TIME_LIMITS = ['--header-timeout=1s', '--request-timeout=2s']
const BETWEEN_MS = 4_000

t.setTimeout(3 * 60_000)
const { plane, replicas, start, forwardTo } = await prepareStage({ objects: [emptySecret, both] })
const { kubectl } = plane
const { sharedCa, filled } = questions(plane)

interface User {
  readonly users: readonly { readonly user: { readonly token: string } }[]
}

const { users } = JSON.parse(kubectl.run('config', 'view', '--raw', '-o', 'json')) as User
const authorization = `Bearer ${users[0]?.user.token}`
const agent = new Agent({ keepAlive: true, maxSockets: BURST })

/** The API server's response for a pod. A dry run calls the webhook too. */
function createPod(): Promise<{ readonly status: number; readonly text: string }> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'hello-', namespace: 'test-ns' },
    spec: { containers: [{ name: 'hello', image: 'hello' }] },
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      `${plane.url}/api/v1/namespaces/test-ns/pods?dryRun=All`,
      {
        method: 'POST',
        agent,
        ca: readFileSync(plane.caFile),
        headers: { authorization, 'content-type': 'application/json' },
      },
      (response) => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (part: string) => {
            text += part
          })
          .on('end', () => resolve({ status: response.statusCode ?? 0, text }))
          .on('error', reject)
      },
    )
    sent.on('error', reject).end(JSON.stringify(pod))
  })
}

async function metric(replica: Replica, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${replica.healthPort}/metrics`)
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith(name))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

// ---- scenarios
for (const name of ['one', 'two']) await start(name, { more: TIME_LIMITS })
await Promise.all(replicas.map((one) => ready(one)))
await waitFor('the caBundles', () => filled(sharedCa()) || undefined)
const forwarder = await forwardTo(SERVICE, replicas)

t.test(
  `bursts of ${BURST} pods, ${BETWEEN_MS / 1000} s apart: no pod is refused for a connection that has waited`,
  { timeout: 120_000 },
  async (t) => {
    const refused: string[] = []
    let spare = 0
    for (let burst = 0; burst < BURSTS; burst++) {
      if (burst > 0) await sleep(BETWEEN_MS)
      for (const replica of replicas) spare += await metric(replica, 'remora_open_connections')
      const answers = await Promise.all(Array.from({ length: BURST }, createPod))
      for (const { status, text } of answers)
        if (status !== 201 || !text.includes('"istio-proxy"')) refused.push(`${status} ${text.slice(0, 300)}`)
    }
    t.same(refused, [])
    t.comment(`${BURST * BURSTS} pods; ${spare} connections waited between the bursts`)
    t.ok(spare > 0, 'connections are kept from burst to burst')
    for (const replica of replicas) {
      t.equal(await metric(replica, 'remora_connections_unanswered_total{cause="header-timeout"}'), 0)
      t.equal(await metric(replica, 'remora_connections_unanswered_total{cause="request-timeout"}'), 0)
      t.equal(await metric(replica, 'remora_tls_handshake_failures_total'), 0)
    }
  },
)

t.test('pods that are created while a replica drains are all injected', { timeout: 60_000 }, async (t) => {
  const [leaving, staying] = replicas
  if (leaving === undefined || staying === undefined) throw new Error('two replicas')
  const refused: string[] = []
  // During preStop the Service removes it; its connections stay.
  forwarder.use([staying.port])
  const stopped = leaving.process.stop()
  let ended = false
  void stopped.then(() => {
    ended = true
  })
  while (!ended) {
    const answers = await Promise.all(Array.from({ length: 5 }, createPod))
    for (const { status, text } of answers)
      if (status !== 201 || !text.includes('"istio-proxy"')) refused.push(`${status} ${text.slice(0, 300)}`)
  }
  t.same(refused, [])
  t.equal(await stopped, 0)
})
