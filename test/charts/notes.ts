/**
 * NOTES as helm prints them before an installation (`--dry-run=server`), with a fake API server that has the given
 * objects, so that `lookup` finds them. Not a test.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { JsonObject } from '../../src/json/index.ts'
import { chart, helmCommand } from './helm.ts'

const VERBS = ['get', 'list', 'create', 'patch']

interface Kind {
  readonly group: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
}

/** Every kind that the chart renders: helm asks of each whether its objects are there. */
const KINDS: readonly Kind[] = [
  ...['Secret', 'ConfigMap', 'Service', 'ServiceAccount', 'Pod'].map((kind) => row('', kind)),
  ...['Role', 'RoleBinding'].map((kind) => row('rbac.authorization.k8s.io', kind)),
  ...['ClusterRole', 'ClusterRoleBinding'].map((kind) => row('rbac.authorization.k8s.io', kind, false)),
  row('apps', 'Deployment'),
  row('policy', 'PodDisruptionBudget'),
  row('autoscaling', 'HorizontalPodAutoscaler'),
  { ...row('networking.k8s.io', 'NetworkPolicy'), plural: 'networkpolicies' },
  row('admissionregistration.k8s.io', 'MutatingWebhookConfiguration', false),
]
const VERSIONS: ReadonlyMap<string, string> = new Map([['autoscaling', 'v2']])

function row(group: string, kind: string, namespaced = true): Kind {
  return { group, kind, plural: `${kind.toLowerCase()}s`, namespaced }
}

function answer(path: string, objects: readonly JsonObject[]): JsonObject | undefined {
  if (path === '/version') return { major: '1', minor: '35', gitVersion: 'v1.35.0' }
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  if (path === '/apis') {
    const groups = [...new Set(KINDS.map(({ group }) => group))].filter((group) => group !== '')
    return {
      kind: 'APIGroupList',
      groups: groups.map((name) => {
        const version = VERSIONS.get(name) ?? 'v1'
        const entry = { groupVersion: `${name}/${version}`, version }
        return { name, versions: [entry], preferredVersion: entry }
      }),
    }
  }
  const [, group = '', version, rest = ''] = /^\/api(?:s\/([^/]+))?\/(v\d+)(?:\/(.*))?$/.exec(path) ?? []
  if (version === undefined) return undefined
  const kinds = KINDS.filter((one) => one.group === group)
  if (rest === '') {
    const resources = kinds.map(({ plural, kind, namespaced }) => ({
      name: plural,
      kind,
      namespaced,
      verbs: VERBS,
    }))
    return {
      kind: 'APIResourceList',
      groupVersion: group === '' ? version : `${group}/${version}`,
      resources,
    }
  }
  const listed = kinds.find(({ plural }) => rest === plural || rest.endsWith(`/${plural}`))
  if (listed === undefined) return undefined
  const apiVersion = group === '' ? version : `${group}/${version}`
  const items = objects.filter((object) => object['kind'] === listed.kind && rest === listed.plural)
  return {
    apiVersion,
    kind: `${listed.kind}List`,
    metadata: {},
    items: items.map((item) => ({ ...item, apiVersion })),
  }
}

export async function notesOf(values: JsonObject, objects: readonly JsonObject[] = []): Promise<string> {
  const server = http.createServer((request, response) => {
    const body = answer(new URL(request.url ?? '/', 'http://x').pathname, objects)
    const missing = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? missing))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const folder = mkdtempSync(join(tmpdir(), 'remora-notes-'))
  try {
    // Listening on an address and port, so it is not a pipe's name.
    const { port } = server.address() as AddressInfo
    const kubeconfig = join(folder, 'kubeconfig')
    const cluster = { name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }
    const contexts = [{ name: 'c', context: { cluster: 'c', user: 'c' } }]
    const users = [{ name: 'c', user: { token: 'x' } }]
    writeFileSync(
      kubeconfig,
      JSON.stringify({ clusters: [cluster], contexts, users, 'current-context': 'c' }),
    )
    const args = ['install', 'remora', chart, '-n', 'remora-system', '--dry-run=server', '-f', '-']
    const child = spawn(helmCommand(), [...args, '--disable-openapi-validation'], {
      env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig },
    })
    child.stdin.end(JSON.stringify(values))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    const at = stdout.indexOf('NOTES:')
    if (at < 0) throw new Error(stderr)
    return stdout.slice(at)
  } finally {
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true, force: true })
  }
}
