/**
 * `helm test`: sends a review of a small pod to every path that the chart registered, as the API server does: through
 * the Service, over TLS verified with the caBundle of the webhook configuration. Runs on the
 * image's Node without packages. Exits with 0 only if every path responds with a patch.
 *
 *   REMORA_TEST_CONFIGURATIONS  names of the MutatingWebhookConfigurations, separated by commas
 *   REMORA_TEST_ADDRESS         host:port to connect to instead of the Service's own name (the TLS name stays)
 *   REMORA_TEST_API             URL of the API server; by default from the pod's environment
 *   REMORA_TEST_ACCOUNT         folder with `token` and `ca.crt`; by default the pod's
 *   REMORA_TEST_WAIT_SECONDS    how long to wait for a path to respond with a patch (60)
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'

const env = process.env
const account = env.REMORA_TEST_ACCOUNT ?? '/var/run/secrets/kubernetes.io/serviceaccount'
const waitMs = Number(env.REMORA_TEST_WAIT_SECONDS ?? 60) * 1000
const apiUrl = env.REMORA_TEST_API ?? `https://${hostOf(env.KUBERNETES_SERVICE_HOST ?? 'kubernetes.default.svc')}:${env.KUBERNETES_SERVICE_PORT ?? 443}`

function hostOf(host) {
  return host.includes(':') ? `[${host}]` : host
}

/** Resolves to { status, body }; never waits longer than ten seconds. */
function send(options, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ timeout: 10_000, agent: false, ...options }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }))
    })
    sent.on('timeout', () => sent.destroy(new Error('no response within 10 seconds')))
    sent.on('error', reject)
    sent.end(body)
  })
}

async function readConfiguration(name) {
  const url = new URL(`/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`, apiUrl)
  const answer = await send({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || 443,
    path: url.pathname,
    ca: readFileSync(`${account}/ca.crt`),
    headers: { authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8').trim()}` },
  })
  if (answer.status !== 200) throw new Error(`the API server responds with ${answer.status}: ${answer.body.trim()}`)
  return JSON.parse(answer.body)
}

/** The client configurations, one for each path; the webhooks of a configuration differ in their selectors only. */
function clientsOf(configuration) {
  const byPath = new Map()
  for (const { clientConfig } of configuration.webhooks) byPath.set(clientConfig.service.path, clientConfig)
  return [...byPath.values()]
}

function review(uid) {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'remora-helm-test',
      operation: 'CREATE',
      userInfo: {},
      dryRun: true,
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { generateName: 'helm-test-', namespace: 'remora-helm-test' },
        spec: { containers: [{ name: 'app', image: 'app' }] },
      },
      oldObject: null,
      options: null,
    },
  })
}

/** @returns the number of operations of the patch. @throws if the response does not inject */
async function ask({ service, caBundle }) {
  if (!caBundle) throw new Error('its caBundle is empty: the API server would not trust the server')
  const name = `${service.name}.${service.namespace}.svc`
  const [host, port] = splitAddress(env.REMORA_TEST_ADDRESS) ?? [name, service.port ?? 443]
  const uid = randomUUID()
  const body = review(uid)
  const answer = await send(
    {
      host,
      port,
      servername: name,
      method: 'POST',
      path: `${service.path}?timeout=10s`,
      ca: Buffer.from(caBundle, 'base64'),
      headers: { host: name, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    },
    body,
  )
  const { response, message } = parseAnswer(answer)
  if (answer.status !== 200 || response?.allowed !== true) {
    throw new Error(`HTTP ${answer.status}: ${message ?? answer.body.trim().slice(0, 500)}`)
  }
  if (response.uid !== uid) throw new Error('the response belongs to another review')
  if (!response.patch) throw new Error('the pod was admitted without a sidecar')
  return JSON.parse(Buffer.from(response.patch, 'base64').toString()).length
}

function splitAddress(address) {
  const colon = address?.lastIndexOf(':') ?? -1
  return colon < 0 ? undefined : [address.slice(0, colon).replace(/^\[|\]$/g, ''), Number(address.slice(colon + 1))]
}

/** Reads an AdmissionReview, or the v1 Status of a permanent fault. */
function parseAnswer(answer) {
  try {
    const { response, message } = JSON.parse(answer.body)
    return { response, message: response?.status?.message ?? message }
  } catch {
    return {}
  }
}

const deadline = Date.now() + waitMs

/** Retries until the deadline: right after an installation the caBundle may not be written yet. */
async function retryUntilDeadline(attempt) {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() >= deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }
}

let failed = 0
for (const name of (env.REMORA_TEST_CONFIGURATIONS ?? '').split(',').filter((text) => text !== '')) {
  try {
    const lines = await retryUntilDeadline(async () => {
      const results = []
      for (const client of clientsOf(await readConfiguration(name))) {
        const operations = await ask(client)
        results.push(`${name}: ${client.service.path}: a patch of ${operations} operations`)
      }
      return results
    })
    for (const line of lines) console.log(`ok      ${line}`)
  } catch (error) {
    failed += 1
    console.log(`failed  ${name}: ${error.message}`)
  }
}
console.log(failed === 0 ? 'every registered path injects' : `${failed} registered configurations do not inject`)
process.exitCode = failed === 0 ? 0 : 1
