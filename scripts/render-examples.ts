/**
 * Writes the ConfigMaps of examples/canary-upgrade/cluster from Remora's own injection profile, one file per
 * revision. Everything else in that folder is written by hand. A test compares them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const profile = new URL('../charts/remora/files/profile/', import.meta.url)
const cluster = new URL('../examples/canary-upgrade/cluster/', import.meta.url)

interface ExampleRevision {
  /** Empty for the default one. */
  readonly name: string
  readonly version: string
  /** Changes to the profile's values: path to value. */
  readonly values: { readonly [path: string]: unknown }
  /** Lines to add below `defaultConfig` of the mesh configuration. */
  readonly defaultConfig: readonly string[]
}

/** Each differs from the others in more than its version, as in real upgrades. */
const revisions: readonly ExampleRevision[] = [
  { name: '', version: '1.28.3', values: {}, defaultConfig: [] },
  { name: '1-29-2', version: '1.29.2', values: { 'pilot.cni.enabled': true }, defaultConfig: [] },
  {
    name: 'canary',
    version: '1.30.3',
    values: { 'global.proxy.logLevel': 'info' },
    defaultConfig: ['holdApplicationUntilProxyStarts: true'],
  },
]

/** File name to content. */
export function renderConfigMaps(): ReadonlyMap<string, string> {
  return new Map(
    revisions.map((revision) => [`configmaps-${revision.name || 'default'}.yaml`, renderRevision(revision)]),
  )
}

function renderRevision(revision: ExampleRevision): string {
  const suffix = revision.name === '' ? '' : `-${revision.name}`
  const config = readProfile('config.yaml')
  const values = JSON.parse(readProfile('values.json'))
  for (const [path, value] of Object.entries({
    ...revision.values,
    revision: revision.name,
    'global.tag': revision.version,
  })) {
    setAt(values, path.split('.'), value)
  }
  const mesh = readProfile('mesh.yaml').replace(
    'discoveryAddress: istiod.istio-system.svc:15012',
    [`discoveryAddress: istiod${suffix}.istio-system.svc:15012`, ...revision.defaultConfig].join('\n  '),
  )
  return [
    '# Made by scripts/render-examples.ts from charts/remora/files/profile; change it there.\n',
    configMap(`istio-sidecar-injector${suffix}`, revision, {
      config,
      values: `${JSON.stringify(values, undefined, 2)}\n`,
    }),
    '---\n',
    configMap(`istio${suffix}`, revision, { mesh }),
  ].join('')
}

/** A profile file without the comment at its head, which is about the file. */
function readProfile(name: string): string {
  return readFileSync(new URL(name, profile), 'utf8').replace(/^(#[^\n]*\n)+/, '')
}

function setAt(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path
  if (name === undefined) return
  if (rest.length === 0) object[name] = value
  // The profile's values have an object at every inner step of these paths.
  else setAt(object[name] as Record<string, unknown>, rest, value)
}

function configMap(
  name: string,
  revision: ExampleRevision,
  data: { readonly [key: string]: string },
): string {
  const lines = [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${name}`,
    '  namespace: istio-system',
    '  labels:',
    `    istio.io/rev: ${revision.name || 'default'}`,
    `    app.kubernetes.io/version: ${revision.version}`,
    'data:',
  ]
  for (const [key, text] of Object.entries(data)) {
    lines.push(`  ${key}: |`)
    for (const line of text.trimEnd().split('\n')) lines.push(line === '' ? '' : `    ${line}`)
  }
  return `${lines.join('\n')}\n`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [name, text] of renderConfigMaps()) writeFileSync(new URL(name, cluster), text)
}
