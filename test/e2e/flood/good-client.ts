/** The client that must not suffer: ten reviews per second of one ordinary workload, on connections of its own. */
import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

const GOOD_CLIENT = { everyMs: 100, retries: 5, retryMs: 1_000 }

interface Server {
  readonly port: number
  readonly servername: string
  readonly ca: string
}

interface Connected extends Server {
  readonly agent: Agent
}

export interface GoodClient {
  readonly ms: number[]
  readonly failed: string[]
  retried: number
}

/** @param over whether the phase has ended */
export async function askAsGoodClient(server: Server, over: () => boolean): Promise<GoodClient> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: server.ca })
  const result: GoodClient = { ms: [], failed: [], retried: 0 }
  const asked: Promise<void>[] = []
  for (let i = 0; !over(); i++) {
    asked.push(askOnce({ ...server, agent }, i, result))
    await sleep(GOOD_CLIENT.everyMs)
  }
  await Promise.all(asked)
  agent.destroy()
  return result
}

async function askOnce(server: Connected, index: number, result: GoodClient): Promise<void> {
  const began = performance.now()
  for (let attempt = 0; attempt <= GOOD_CLIENT.retries; attempt++) {
    const answer = await review(server, index)
    if (answer === '429') {
      result.retried++
      await sleep(GOOD_CLIENT.retryMs)
      continue
    }
    if (answer !== '200') result.failed.push(answer)
    else result.ms.push(performance.now() - began)
    return
  }
  result.failed.push('429 each time')
}

function review({ port, servername, agent }: Connected, index: number): Promise<string> {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: `good-${index}`,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'test-ns',
      operation: 'CREATE',
      object: {
        metadata: { generateName: 'web-5d4f-', labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'web' }] },
      },
    },
  })
  return new Promise((resolve) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, agent, servername },
        ...{
          method: 'POST',
          path: '/revisions/default/inject',
          headers: { 'content-type': 'application/json' },
        },
      },
      (response) => {
        let answer = ''
        response
          .setEncoding('utf8')
          .on('data', (part: string) => {
            answer += part
          })
          .on('end', () =>
            resolve(
              answer.includes('"patch"') || response.statusCode !== 200
                ? String(response.statusCode)
                : `not injected: ${answer.slice(0, 200)}`,
            ),
          )
          .on('error', (error) => resolve(error.message))
      },
    )
    sent.on('error', (error) => resolve(error.message)).end(body)
  })
}
