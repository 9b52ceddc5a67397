/** Owns: what is odd in the key `values` and in the names of the key `config`. Whether they decode is configuration.ts. */
import { injectorConfigKeys, protoSchemaFor, remarkFields, valuesMessage } from '../../istio/index.ts'
import { isObject, type JsonObject, own, parseYaml } from '../../json/index.ts'
import { nearestName } from '../../nearest-name.ts'
import type { RevisionConfig } from '../revision-config.ts'
import { type CheckSubject, placeOfKey, usableConfigs } from './check-subject.ts'
import { findLine } from './find-line.ts'
import { type Finding, makeFinding } from './finding.ts'

export function checkValues(subject: CheckSubject): readonly Finding[] {
  return usableConfigs(subject).flatMap((config) => [
    ...misspeltConfigKeys(config),
    ...misspeltValues(config),
    ...otherRevision(config),
  ])
}

/**
 * Unknown keys are common there and mean nothing, so only those near to a known one are told; and only of the first two
 * levels, since Istio's schema of the values is not true to its charts further below.
 */
function misspeltValues({ values, inputs, version }: RevisionConfig): readonly Finding[] {
  if (values.map === null) return []
  const text = inputs.injectorConfigMap.values ?? ''
  return remarkFields(protoSchemaFor(version), valuesMessage, values.map).flatMap(
    ({ kind, path, meant, since }) => {
      if (kind !== 'unknown' || meant === undefined || since !== undefined || path.length > 2) return []
      // Both are there: the other one is something of its own.
      if (own(objectAt(values.map, path.slice(0, -1)), meant) !== undefined) return []
      return [misspelt({ inputs, key: 'values', path, meant, line: findLine(text, path) })]
    },
  )
}

function misspeltConfigKeys({ inputs }: RevisionConfig): readonly Finding[] {
  const text = inputs.injectorConfigMap.config ?? ''
  const root = parseYaml(text)
  if (!isObject(root)) return []
  // Go takes them without regard to case.
  const known = new Set(injectorConfigKeys.map((name) => name.toLowerCase()))
  return Object.keys(root).flatMap((key) => {
    const meant = known.has(key.toLowerCase()) ? undefined : nearestName(key, injectorConfigKeys)
    if (meant === undefined || own(root, meant) !== undefined) return []
    return [misspelt({ inputs, key: 'config', path: [key], meant, line: findLine(text, [key]) })]
  })
}

interface Misspelling {
  readonly inputs: RevisionConfig['inputs']
  readonly key: 'config' | 'values'
  readonly path: readonly (string | number)[]
  readonly meant: string
  readonly line: number | undefined
}

function misspelt({ inputs, key, path, meant, line }: Misspelling): Finding {
  return makeFinding('key-misspelt', {
    revision: inputs.name,
    where: { ...placeOfKey(inputs, key), path: path.join('.'), ...(line === undefined ? {} : { line }) },
    message: `${path.at(-1)} is not a key that Istio reads there`,
    expected: meant,
    mend: `Write it as ${meant}, or remove it.`,
  })
}

/** Istio's templates write `istiod-<revision>` from it. */
function otherRevision({ name, values, inputs }: RevisionConfig): readonly Finding[] {
  const revision = values.map === null ? undefined : own(values.map, 'revision')
  if (typeof revision !== 'string' || (revision || 'default') === name) return []
  const line = findLine(inputs.injectorConfigMap.values ?? '', ['revision'])
  return [
    makeFinding('values-revision-disagrees', {
      revision: name,
      where: {
        ...placeOfKey(inputs, 'values'),
        path: 'revision',
        ...(line === undefined ? {} : { line }),
      },
      message: `revision is ${JSON.stringify(revision)}, and the ConfigMap's name says ${name}`,
      expected: name === 'default' ? 'no revision, or default' : name,
    }),
  ]
}

function objectAt(root: JsonObject | null, path: readonly (string | number)[]): JsonObject | undefined {
  let value: unknown = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as { readonly [step: string]: unknown })[step] // its own, as the line above saw
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject) // found inside JSON, and neither null nor a list
    : undefined
}
