/**
 * Clusters with a chosen number of revisions, made from the benchmark's material: each further revision is a copy of
 * the default one's ConfigMaps and Deployment. Also changes of them that are visible in a response.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseManifest } from '../../src/cluster/manifest.ts'
import { isObject, type JsonObject, own, parseYaml } from '../../src/json/index.ts'

/** By revision, where `default` has no suffix; `others` belong to none. */
export interface ClusterParts {
  readonly others: readonly JsonObject[]
  readonly revisions: ReadonlyMap<string, readonly JsonObject[]>
}

const OF_A_REVISION: readonly string[] = [
  'ConfigMap/istio-sidecar-injector',
  'ConfigMap/istio',
  'ConfigMap/values',
  'Deployment/istiod',
]

/** The material's default revision and copies of it, `count` in total; its other revisions are left out. */
export function clusterWith(folder: string, count: number): ClusterParts {
  const objects = readdirSync(folder)
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .flatMap((name) => parseManifest(name, readFileSync(join(folder, name), 'utf8')))
    .map(({ object }) => object)
  const ofDefault = objects.filter((object) => OF_A_REVISION.includes(keyOf(object)))
  const others = objects.filter(
    (object) => !OF_A_REVISION.some((key) => keyOf(object) === key || keyOf(object).startsWith(`${key}-`)),
  )
  const revisions = new Map<string, readonly JsonObject[]>([['default', ofDefault]])
  for (let i = 1; i < count; i++)
    revisions.set(
      `r${i}`,
      ofDefault.map((object) => copyFor(object, `r${i}`)),
    )
  return { others, revisions }
}

export function allObjects({ others, revisions }: ClusterParts): readonly JsonObject[] {
  return [...others, ...[...revisions.values()].flat()]
}

/** One file per revision and one for the rest, each written atomically. */
export function writeCluster(folder: string, { others, revisions }: ClusterParts): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, items] of [['others', others] as const, ...revisions]) {
    const file = join(folder, `${name}.json`)
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    // Unchanged files are not written, so that only changed ones are read again.
    if (readIfThere(file) === text) continue
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
}

/** The same cluster with other images of the named revisions; their names contain `label`. */
export function changeImages(parts: ClusterParts, names: readonly string[], label: string): ClusterParts {
  return changeInjectors(parts, names, 'values', (text) => {
    // Istio writes the values as JSON, and so does Remora's profile.
    const values = JSON.parse(text) as JsonObject
    const global = { ...(own(values, 'global') as JsonObject), hub: `registry.example/${label}` }
    return JSON.stringify({ ...values, global })
  })
}

/** The same cluster with other texts of all templates of the named revisions, with the same meaning. */
export function changeTemplates(parts: ClusterParts, names: readonly string[], label: string): ClusterParts {
  return changeInjectors(parts, names, 'config', (text) => {
    const config = parseYaml(text, { source: 'config' }) as JsonObject
    const templates = Object.entries(own(config, 'templates') as JsonObject)
    const changed = templates.map(([name, template]) => [name, `${String(template)}{{/* ${label} */}}`])
    return JSON.stringify({ ...config, templates: Object.fromEntries(changed) })
  })
}

function changeInjectors(
  parts: ClusterParts,
  names: readonly string[],
  key: 'config' | 'values',
  change: (text: string) => string,
): ClusterParts {
  const changed = (object: JsonObject): JsonObject => {
    const data = own(object, 'data')
    const text = isObject(data) ? own(data, key) : undefined
    if (!isObject(data) || typeof text !== 'string') return object
    if (!keyOf(object).startsWith('ConfigMap/istio-sidecar-injector')) return object
    return { ...object, data: { ...data, [key]: change(text) } }
  }
  const revisions = [...parts.revisions].map(
    ([name, objects]) => [name, names.includes(name) ? objects.map(changed) : objects] as const,
  )
  return { ...parts, revisions: new Map(revisions) }
}

function copyFor(object: JsonObject, revision: string): JsonObject {
  const metadata = metadataOf(object)
  const labels = { ...(own(metadata, 'labels') as JsonObject | undefined), 'istio.io/rev': revision }
  return { ...object, metadata: { ...metadata, name: `${String(metadata['name'])}-${revision}`, labels } }
}

function keyOf(object: JsonObject): string {
  return `${String(own(object, 'kind'))}/${String(own(metadataOf(object), 'name'))}`
}

function metadataOf(object: JsonObject): JsonObject {
  const metadata = own(object, 'metadata')
  return isObject(metadata) ? metadata : {}
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
