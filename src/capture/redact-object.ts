/**
 * Redacts Kubernetes objects and the annotations inside them, by redaction-table.ts and Kubernetes' schema. A string
 * is kept if the table lists its field, a key if it is a field name. Everything else becomes a digest. Types and
 * structure stay the same.
 */
import { isObject, type JsonObject, type JsonValue, parseJson, parseYaml, setOwn } from '../json/index.ts'
import { parseQuantity } from '../kube/index.ts'
import { allTypes, type FieldType, findField, lookupType, type SchemaType } from '../merge/index.ts'
import type { Redactor } from './digest.ts'
import {
  ENVELOPE_KEYS,
  KEPT_ANNOTATIONS,
  KEPT_FIELDS,
  KEPT_MAP_KEYS,
  KEPT_PROXY_CONFIG,
  PLAIN_METADATA,
  PLAIN_TEXT,
  PROXY_CONFIG_KEYS,
  TIME,
} from './redaction-table.ts'

/** Kubernetes' own keywords, which reveal nothing about their users. */
const FIELD_NAMES: ReadonlySet<string> = new Set([
  ...ENVELOPE_KEYS,
  ...[...allTypes()].flatMap((type) => type.fields.map((field) => field.name)),
])
const NO_FIELDS: ReadonlySet<string> = new Set()
const POD = typeNamed('Pod')

function typeNamed(name: string): SchemaType {
  const type = lookupType(name)
  if (type === undefined) throw new Error(`the schema has no ${name}`)
  return type
}

/** A pod. Another object loses all strings that a pod does not have. */
export function redactPod(object: JsonValue, redactor: Redactor): JsonValue {
  return redactStruct(object, POD, redactor)
}

/** Turns every string into a digest, and every key except Kubernetes' field names. */
export function redactAll(value: JsonValue, redactor: Redactor): JsonValue {
  if (typeof value === 'string') return redactor.redact(value)
  if (Array.isArray(value)) return value.map((item) => redactAll(item, redactor))
  if (!isObject(value)) return value
  return mapObject(value, (key, item) => [
    FIELD_NAMES.has(key) ? key : redactor.redact(key),
    redactAll(item, redactor),
  ])
}

function redactStruct(value: JsonValue, type: SchemaType, redactor: Redactor): JsonValue {
  if (!isObject(value)) return redactAll(value, redactor)
  const kept = KEPT_FIELDS.get(type.name) ?? NO_FIELDS
  return mapObject(value, (key, item) => {
    const field = findField(type, key)
    if (field === undefined)
      return [FIELD_NAMES.has(key) ? key : redactor.redact(key), redactAll(item, redactor)]
    if (type.name === 'ObjectMeta' && field.name === 'annotations')
      return [key, redactAnnotations(item, redactor)]
    return [
      key,
      redactTyped(item, field.type, {
        keep: kept.has(field.name),
        keys: KEPT_MAP_KEYS.has(field.name),
        redactor,
      }),
    ]
  })
}

interface Manner {
  readonly keep: boolean
  readonly keys: boolean
  readonly redactor: Redactor
}

function redactTyped(value: JsonValue, type: FieldType, manner: Manner): JsonValue {
  const { keep, keys, redactor } = manner
  if (value === null) return null
  switch (type.kind) {
    case 'scalar':
      return typeof value === 'string' && keep ? value : redactAll(value, redactor)
    case 'special':
      if (typeof value !== 'string') return redactAll(value, redactor)
      if (type.special === 'quantity' && parseQuantity(value).ok) return value
      if (type.special === 'time' && TIME.test(value)) return value
      return keep ? value : redactor.redact(value)
    case 'struct':
      return redactStruct(value, type.struct, redactor)
    case 'list':
      if (!Array.isArray(value)) return redactAll(value, redactor)
      return value.map((item) => redactTyped(item, type.elem, manner))
    case 'map':
      if (!isObject(value)) return redactAll(value, redactor)
      return mapObject(value, (key, item) => [
        keys ? key : redactor.redact(key),
        redactTyped(item, type.elem, manner),
      ])
  }
}

/** Keeps names and values of annotations that affect injection; all others become digests. */
export function redactAnnotations(value: JsonValue, redactor: Redactor): JsonValue {
  if (!isObject(value)) return redactAll(value, redactor)
  return mapObject(value, (name, text) => {
    const known = KEPT_ANNOTATIONS.has(name)
    const shown = typeof text === 'string' && known ? redactAnnotation(name, text, redactor) : undefined
    return [known ? name : redactor.redact(name), shown ?? redactAll(text, redactor)]
  })
}

/** Undefined if the text does not have the expected form. */
function redactAnnotation(name: string, text: string, redactor: Redactor): string | undefined {
  const form = KEPT_ANNOTATIONS.get(name)
  if (form === 'plain') return PLAIN_TEXT.test(text) ? text : undefined
  try {
    const value = form === 'proxy-config' ? parseYaml(text, { source: name }) : parseJson(text)
    if (!isObject(value) && !Array.isArray(value)) return undefined
    switch (form) {
      case 'overrides':
        return JSON.stringify(redactStruct(value, typeNamed('PodSpec'), redactor))
      case 'names':
        return JSON.stringify(keepNames(value, redactor))
      case 'proxy-config':
        return JSON.stringify(redactProxyConfig(value, redactor))
      case 'volumes':
        return JSON.stringify(redactByName(value, typeNamed('Volume'), redactor))
      case 'mounts':
        return JSON.stringify(redactByName(value, typeNamed('VolumeMount'), redactor))
      case undefined:
        return undefined
    }
  } catch {
    return undefined
  }
}

/** Istio's status annotation: lists of names, and the revision. */
const STATUS_KEYS: ReadonlySet<string> = new Set([
  'version',
  'initContainers',
  'containers',
  'volumes',
  'imagePullSecrets',
  'revision',
  'rewriteProbe',
])
const NAME = /^[A-Za-z0-9._-]{1,253}$/

function keepNames(value: JsonValue, redactor: Redactor): JsonValue {
  if (!isObject(value)) return redactAll(value, redactor)
  const keep = (item: JsonValue): JsonValue =>
    typeof item === 'string' && NAME.test(item) ? item : redactAll(item, redactor)
  return mapObject(value, (key, item) =>
    STATUS_KEYS.has(key)
      ? [key, Array.isArray(item) ? item.map(keep) : keep(item)]
      : [redactor.redact(key), redactAll(item, redactor)],
  )
}

function redactByName(value: JsonValue, type: SchemaType, redactor: Redactor): JsonValue {
  if (Array.isArray(value)) return value.map((item) => redactStruct(item, type, redactor))
  if (!isObject(value)) return redactAll(value, redactor)
  return mapObject(value, (name, item) => [
    NAME.test(name) ? name : redactor.redact(name),
    redactStruct(item, type, redactor),
  ])
}

function redactProxyConfig(value: JsonValue, redactor: Redactor): JsonValue {
  if (Array.isArray(value)) return value.map((item) => redactProxyConfig(item, redactor))
  if (!isObject(value)) return redactAll(value, redactor)
  return mapObject(value, (key, item) => {
    if (!PROXY_CONFIG_KEYS.has(key)) return [redactor.redact(key), redactAll(item, redactor)]
    if (key === 'proxyMetadata') return [key, redactMetadata(item, redactor)]
    if (key === 'readinessProbe') return [key, redactStruct(item, typeNamed('Probe'), redactor)]
    if (typeof item === 'string' && KEPT_PROXY_CONFIG.has(key) && PLAIN_TEXT.test(item)) return [key, item]
    return [key, redactProxyConfig(item, redactor)]
  })
}

/** Names of variables, as in `env` of a container. */
function redactMetadata(value: JsonValue, redactor: Redactor): JsonValue {
  if (!isObject(value)) return redactAll(value, redactor)
  return mapObject(value, (name, item) => [
    /^[A-Z_][A-Z0-9_]*$/.test(name) ? name : redactor.redact(name),
    typeof item === 'string' && PLAIN_METADATA.test(item) ? item : redactAll(item, redactor),
  ])
}

export function mapObject(
  object: JsonObject,
  map: (key: string, value: JsonValue) => readonly [string, JsonValue],
): JsonObject {
  const mapped: { [key: string]: JsonValue } = {}
  for (const [key, value] of Object.entries(object)) setOwn(mapped, ...map(key, value))
  return mapped
}
