/**
 * The flooding tenant in its own process: `tenant.ts PLAN`, a JSON file. Keeps the planned number of pod creations of
 * the planned sizes and kinds in flight at the API server until the time is over, and prints their results. These are
 * dry runs, which call the webhooks and store nothing in etcd.
 */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'

export interface TenantPlan {
  readonly url: string
  readonly caFile: string
  readonly token: string
  readonly namespace: string
  readonly inFlight: number
  readonly seconds: number
  /** The size of the largest pod in bytes. */
  readonly podBytes: number
}

export interface TenantResult {
  readonly sent: number
  /** By HTTP status and the API server's reason. */
  readonly answers: { readonly [answer: string]: number }
}

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as TenantPlan
const agent = new Agent({ keepAlive: true, maxSockets: plan.inFlight, ca: readFileSync(plan.caFile) })
const answers = new Map<string, number>()
let sent = 0

const end = performance.now() + plan.seconds * 1000
await Promise.all(
  Array.from({ length: plan.inFlight }, async (_, worker) => {
    for (let turn = worker; performance.now() < end; turn++) {
      const answer = await create(pod(turn))
      sent++
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
  }),
)
console.log(JSON.stringify({ sent, answers: Object.fromEntries(answers) } satisfies TenantResult))
agent.destroy()

/** Every kind of growth in turn; the pods differ and have from a tenth of the size up to all of it. */
function pod(turn: number): object {
  const bytes = (plan.podBytes * (1 + (turn % 10))) / 10
  const unique = `${turn}-${Math.random().toString(36).slice(2)}`
  const many = (each: number, item: (index: number) => object): object[] =>
    Array.from({ length: Math.max(1, Math.floor(bytes / each)) }, (_, index) => item(index))
  const container = { name: 'app', image: 'app' }
  const kinds: readonly (() => { metadata?: object; spec: object })[] = [
    () => ({
      spec: { containers: [{ ...container, env: many(40, (i) => ({ name: `V${i}`, value: unique })) }] },
    }),
    () => ({ spec: { containers: many(40, (i) => ({ name: `c${i}`, image: unique })) } }),
    () => ({
      spec: { containers: [container], initContainers: many(40, (i) => ({ name: `i${i}`, image: unique })) },
    }),
    () => ({
      spec: { containers: [container], volumes: many(40, (i) => ({ name: `v${i}`, emptyDir: {} })) },
    }),
    () => ({
      metadata: {
        annotations: {
          'proxy.istio.io/config': `proxyMetadata: {A: ${JSON.stringify('x'.repeat(Math.min(bytes, 200_000)))}}`,
        },
      },
      spec: { containers: [container] },
    }),
    () => ({
      metadata: { annotations: { 'proxy.istio.io/overrides': '['.repeat(Math.min(bytes, 200_000)) } },
      spec: { containers: [container] },
    }),
    () => ({
      metadata: {
        labels: Object.fromEntries(many(40, (i) => ({ i })).map((_, i) => [`l${i}`, unique.slice(0, 60)])),
      },
      spec: { containers: [container] },
    }),
    () => ({
      spec: { containers: [{ ...container, args: many(20, (i) => ({ i })).map((_, i) => `${unique}${i}`) }] },
    }),
    () => ({
      spec: {
        containers: [
          container,
          { name: 'istio-proxy', image: 'auto', env: many(40, (i) => ({ name: `V${i}`, value: unique })) },
        ],
      },
    }),
  ]
  const { metadata = {}, spec } = kinds[turn % kinds.length]?.() ?? { spec: {} }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: `flood-${turn % 7}-`, namespace: plan.namespace, ...metadata },
    spec,
  }
}

function create(object: object): Promise<string> {
  const { url, namespace, token } = plan
  return new Promise((resolve) => {
    const sent = request(
      `${url}/api/v1/namespaces/${namespace}/pods?dryRun=All`,
      {
        method: 'POST',
        agent,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      },
      (response) => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (part: string) => {
            if (text.length < 2_000) text += part
          })
          .on('end', () => {
            const reason =
              response.statusCode === 201
                ? 'created'
                : (/\[([a-z0-9-]+)\]/.exec(text)?.[1] ?? /"reason":"(\w+)"/.exec(text)?.[1] ?? '')
            resolve(`${response.statusCode} ${reason}`)
          })
          .on('error', () => resolve('cut off'))
      },
    )
    sent.on('error', (error) => resolve(`not sent: ${error.message}`)).end(JSON.stringify(object))
  })
}
